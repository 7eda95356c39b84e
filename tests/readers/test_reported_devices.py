"""Files of devices that people reported, each read as it should be, and more of their kinds."""

from __future__ import annotations

import doctest
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecgmpi.ecg.leads import complete
from ecgmpi.ecg.record import STANDARD_LEADS
from ecgmpi.errors import FailureKind
from ecgmpi.layouts import PAGES
from ecgmpi.readers.xml_formats import aecg_time
from tests.readers.helpers import binary_files, device_files
from tests.readers.helpers.device_files import Counts
from tests.readers.helpers.reading import read_as, refusal, wave
from tests.readers.helpers.reported import Right

EIGHT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
COLUMNS = PAGES["3x4"].columns


def test_leads_in_five_groups(test_data: Path) -> None:
    right = Right(
        leads=STANDARD_LEADS,
        n_samples=5000,
        rate=500.0,
        values={("II", 4999): -0.045, ("aVR", 1250): 0.048, ("V4", 3750): -0.040},
    )
    record = right.check(test_data / "reported" / "leads_in_five_groups.dcm")
    for number, column in enumerate(COLUMNS):
        own = slice(1250 * number, 1250 * (number + 1))
        for lead in column:
            assert np.isfinite(record[lead][own]).all(), lead
            others = np.delete(record[lead], np.r_[own])
            assert np.isfinite(others).all() if lead == "II" else np.isnan(others).all(), lead
    assert "II is joined from 2 pieces" in record.notes


def page(counts: Counts, rhythm: Sequence[str], rate: float = 500.0, zero: float = 0.0) -> Any:
    """A DICOM object of four groups of three leads one after the other, and rhythm strips."""
    every = dict(zip(STANDARD_LEADS, counts, strict=True))
    each = counts.shape[1] // 4
    groups = []
    for number, column in enumerate(COLUMNS):
        part = np.stack([every[lead][each * number : each * (number + 1)] for lead in column])
        groups.append(device_files.group(part, column, rate))
        groups[-1].MultiplexGroupTimeOffset = f"{zero + 1e3 * each * number / rate:g}"
    for lead in rhythm:
        groups.append(device_files.group(every[lead][None], (lead,), rate))
        groups[-1].MultiplexGroupTimeOffset = f"{zero:g}"
    file = device_files.dicom(counts[:1], ("I",), rate)
    file.WaveformSequence = groups
    return file


@pytest.mark.parametrize("rhythm", [(), ("II",), ("V1", "II", "V5")])
@pytest.mark.parametrize(("rate", "zero"), [(500.0, 0.0), (250.0, 120.0), (1000.0, -4000.0)])
@pytest.mark.parametrize("backwards", [False, True])
def test_pages_in_groups(
    rhythm: tuple[str, ...], rate: float, zero: float, backwards: bool, tmp_path: Path
) -> None:
    counts = wave(12, 400)
    file = page(counts, rhythm, rate, zero)
    if backwards:
        file.WaveformSequence = file.WaveformSequence[::-1]
    record = read_as("a.dcm", device_files.saved(file), tmp_path)
    assert record.signal.shape == (12, 400)
    assert sorted(record.leads) == sorted(STANDARD_LEADS)
    for row, lead in enumerate(STANDARD_LEADS):
        expected = (counts[row] * 0.0025).astype(np.float32)
        if lead not in rhythm:
            column = next(number for number, own in enumerate(COLUMNS) if lead in own)
            expected[: 100 * column] = expected[100 * (column + 1) :] = np.nan
        np.testing.assert_array_equal(record[lead], expected)


def test_a_rhythm_strip_that_is_not_its_lead_is_refused(tmp_path: Path) -> None:
    file = page(wave(12, 400), ("II",))
    other = device_files.group(wave(1, 400) + 9, ("II",))
    file.WaveformSequence = [*file.WaveformSequence[:-1], other]
    error = refusal("a.dcm", device_files.saved(file), tmp_path)
    assert error.kind == FailureKind.CONTRADICTORY
    assert error.message.startswith("II is there twice with different samples")


@pytest.mark.parametrize("offset", ["1e9", "1e15", "-1e300", "1e306"])
def test_a_group_that_is_far_away_is_refused(offset: str, tmp_path: Path) -> None:
    file = page(wave(12, 400), ("II",))
    file.WaveformSequence[1].MultiplexGroupTimeOffset = offset
    error = refusal("a.dcm", device_files.saved(file), tmp_path)
    assert error.kind == FailureKind.TOO_LARGE


def test_time_skew(test_data: Path) -> None:
    """II and V1 begin 0.05 s, 25 samples, after the others."""
    right = Right(
        leads=STANDARD_LEADS,
        n_samples=1025,
        rate=500.0,
        values={("I", 0): -0.115, ("I", 222): 0.781, ("III", 222): -0.677, ("V6", 222): 0.930},
    )
    record = right.check(test_data / "reported" / "time_skew.dcm")
    for lead in STANDARD_LEADS:
        there = np.flatnonzero(np.isfinite(record[lead]))
        assert there.size == 1000
        assert there[0] == (25 if lead in ("II", "V1") else 0)
    # Einthoven's law holds between samples as they are stored, for that is how it was made.
    np.testing.assert_allclose(
        record["II"][25:], record["I"][:1000] + record["III"][:1000], atol=0.0021
    )
    assert record.notes[0] == "II, V1 begin after 0.05 s"


@pytest.mark.parametrize(
    ("said", "late", "between"),
    [
        ({"ChannelTimeSkew": "0.05"}, 25, False),
        ({"ChannelSampleSkew": "25"}, 25, False),
        ({"ChannelSampleSkew": "0", "ChannelTimeSkew": "0.05"}, 25, False),
        ({"ChannelSampleSkew": "25", "ChannelTimeSkew": "0.05"}, 25, False),
        ({"ChannelTimeSkew": "-0.004"}, -2, False),
        ({"ChannelSampleSkew": "0.25"}, 0, True),
        ({"ChannelTimeSkew": "0.0013"}, 1, True),
        ({"ChannelOffset": "0.01"}, 5, False),
        ({"ChannelSampleSkew": "1", "ChannelOffset": "0.01"}, 6, False),
    ],
)
def test_skews(said: dict[str, str], late: int, between: bool, tmp_path: Path) -> None:
    counts = wave(3, 100)
    file = device_files.dicom(counts)
    for keyword, value in said.items():
        setattr(file.WaveformSequence[0].ChannelDefinitionSequence[1], keyword, value)
    record = read_as("a.dcm", device_files.saved(file), tmp_path)
    assert record.signal.shape == (3, 100 + abs(late))
    for row, begin in enumerate((max(0, -late), max(0, late), max(0, -late))):
        expected = np.full(record.n_samples, np.nan, np.float32)
        expected[begin : begin + 100] = (counts[row] * 0.0025).astype(np.float32)
        np.testing.assert_array_equal(record.signal[row], expected)
    assert any("between two samples" in note for note in record.notes) is between


def test_skews_that_contradict_each_other(tmp_path: Path) -> None:
    file = device_files.dicom(wave(3, 100))
    channel = file.WaveformSequence[0].ChannelDefinitionSequence[1]
    channel.ChannelSampleSkew, channel.ChannelTimeSkew = "25", "25"
    error = refusal("a.dcm", device_files.saved(file), tmp_path)
    assert error.kind == FailureKind.CONTRADICTORY
    assert "0.05 s" in error.message
    assert "25 s" in error.message


def test_edf_plus_d_gap(test_data: Path) -> None:
    right = Right(
        leads=("I", "II"),
        n_samples=6500,
        rate=500.0,
        values={("I", 222): 0.781, ("I", 5000): 0.945},
    )
    record = right.check(test_data / "reported" / "edf_plus_d_gap.edf")
    for lead in record.leads:
        assert np.flatnonzero(np.isnan(record[lead])).tolist() == list(range(1500, 5000))
    assert record.notes == ("gaps between data records: 1",)


@pytest.mark.parametrize("kind", ["EDF+D", "BDF+D"])
@pytest.mark.parametrize(
    ("onsets", "seconds", "per_record", "gaps"),
    [
        (["+0", "+1", "+5", "+6"], "1", 100, [(200, 500)]),
        (["+0.25", "+1.25", "+5.25", "+7.25"], "1", 100, [(200, 500), (600, 700)]),
        (["+86400", "+86400.5", "+86402"], "0.5", 180, [(360, 720)]),
        (["-1", "+0", "+1.01"], "1", 100, [(200, 201)]),
    ],
)
def test_gaps_between_records(
    kind: str,
    onsets: list[str],
    seconds: str,
    per_record: int,
    gaps: list[tuple[int, int]],
    tmp_path: Path,
) -> None:
    counts = wave(3, per_record * len(onsets))
    content = binary_files.edf_records(counts, onsets, seconds, kind)
    record = read_as("a.edf", content, tmp_path)
    silent = [sample for first, last in gaps for sample in range(first, last)]
    assert record.rate == per_record / float(seconds)
    for row in range(3):
        missing = np.isnan(record.signal[row])
        assert np.flatnonzero(missing).tolist() == silent
        expected = (counts[row] / 1000).astype(np.float32)
        np.testing.assert_allclose(record.signal[row][~missing], expected, rtol=1e-5, atol=1e-7)


def test_muse_eleven_leads(test_data: Path) -> None:
    others = ("V3R", "V4R", "V7")
    right = Right(
        leads=(*EIGHT, *others),
        n_samples=2500,
        rate=500.0,
        values={("V3R", 222): -0.215},
    )
    record = right.check(test_data / "reported" / "muse_eleven_leads.xml")
    whole = complete(record)
    assert whole.leads == (*STANDARD_LEADS, *others)
    assert whole["III"][222] == pytest.approx(-0.678, abs=0.001)
    np.testing.assert_array_equal(whole["V3R"], -whole["V3"])
    np.testing.assert_array_equal(whole["V7"], whole["V6"])
    assert whole.made == ("III", "aVR", "aVL", "aVF")


@pytest.mark.parametrize(
    "leads",
    [
        ("V4R", *EIGHT),
        (*EIGHT[2:], "V7", "V8", "V9", *EIGHT[:2]),
        (*EIGHT, "V3R", "V4R", "V5R", "V7", "V8"),
    ],
)
def test_more_leads_than_eight(leads: tuple[str, ...], tmp_path: Path) -> None:
    counts = wave(len(leads), 500)
    record = complete(read_as("a.xml", device_files.muse(counts, leads), tmp_path))
    others = tuple(lead for lead in leads if lead not in EIGHT)
    assert record.leads == (*STANDARD_LEADS, *others)
    for lead, row in zip(leads, counts, strict=True):
        np.testing.assert_array_equal(record[lead], (row * 0.00488).astype(np.float32))


def test_the_examples_of_time_stamps_hold() -> None:
    assert doctest.testmod(aecg_time).failed == 0


def later(head: str, counts: Counts, leads: Sequence[str]) -> str:
    return device_files.sequence_set(counts, leads, head=f'value="{head}"')


def test_series_that_go_on_with_the_first(tmp_path: Path) -> None:
    counts = wave(6, 500)
    first = [later("20240101120000", counts[:3], ("I", "II", "III"))]
    second = [later("20240101120001.000", counts[3:], ("aVR", "aVL", "aVF"))]
    record = read_as("a.xml", device_files.aecg_of([first, second]), tmp_path)
    assert record.signal.shape == (6, 1000)
    np.testing.assert_array_equal(record["aVL"][500:], (counts[4] * 0.0025).astype(np.float32))
    assert record.notes == (
        "aVR, aVL, aVF begin after 1 s",
        "I, II, III end after 500 of 1,000 samples",
    )


@pytest.mark.parametrize("head", ["20240101120001.004", "20240101120000.5", "20240101"])
def test_series_of_their_own_are_left_out(head: str, tmp_path: Path) -> None:
    """With a gap between, the same leads at the same time, or at a time that is not known."""
    counts = wave(4, 500)
    first = [later("20240101120000", counts[:2], ("I", "II"))]
    second = [later(head, counts[2:], ("I", "II"))]
    record = read_as("a.xml", device_files.aecg_of([first, second]), tmp_path)
    assert record.signal.shape == (2, 500)
    assert record.notes == ("the first of 2 rhythm series; the others are left out",)


def test_sets_whose_times_are_not_understood(tmp_path: Path) -> None:
    counts = wave(3, 500)
    sets = [
        later("yesterday", counts[:1], ("I",)),
        later("yesterday", counts[1:2], ("II",)),
        later("today", counts[2:], ("I",)),
    ]
    record = read_as("a.xml", device_files.aecg_of([sets]), tmp_path)
    assert record.leads == ("I", "II")
    np.testing.assert_array_equal(record["I"], (counts[0] * 0.0025).astype(np.float32))
    assert record.notes == ("the first of 2 stretches of time; the others are left out",)
