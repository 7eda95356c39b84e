"""Leads in pieces, of any format: one time axis, gaps, overlaps, and how far they may reach."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgmpi.ecg.record import Record
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers import ReadHints
from ecgmpi.readers.channel import Channel
from ecgmpi.readers.channels import record_from_channels
from ecgmpi.readers.pieces import Piece, joined
from tests.readers.helpers import binary_files, device_files
from tests.readers.helpers.device_files import Counts
from tests.readers.helpers.reading import read_as, refusal, wave

RATE = 500.0


def lead(name: str, samples: Counts, rate: float = RATE, **how: float) -> Channel:
    return Channel(name, samples, rate, "uV", **how)


def record_of(*groups: list[Piece]) -> Record:
    channels, notes = joined(groups, ReadHints())
    return record_from_channels(channels, ReadHints(), name="a", format="f", notes=notes)


@st.composite
def cuts(draw: st.DrawFn) -> tuple[Counts, list[tuple[int, int]]]:
    """A lead, and which parts of it a file has, in any order, with overlaps."""
    size = draw(st.integers(2, 300))
    parts = []
    for _ in range(draw(st.integers(1, 6))):
        first = draw(st.integers(0, size - 1))
        parts.append((first, draw(st.integers(first + 1, size))))
    return wave(1, size)[0], parts


@given(cuts(), st.floats(-1e5, 1e5), st.sampled_from([100.0, 360.0, 500.0, 1000.0]))
def test_pieces_of_a_lead_are_that_lead_and_nothing_else(
    cut: tuple[Counts, list[tuple[int, int]]], origin: float, rate: float
) -> None:
    counts, parts = cut
    groups = [
        [Piece(lead("II", counts[first:last], rate), origin + first / rate)]
        for first, last in parts
    ]
    record = record_of(*groups)
    expected = np.full(counts.size, np.nan, np.float32)
    for first, last in parts:
        expected[first:last] = (counts[first:last] / 1000).astype(np.float32)
    begin, end = min(first for first, _ in parts), max(last for _, last in parts)
    np.testing.assert_array_equal(record["II"], expected[begin:end])
    assert record.leads == ("II",)
    assert record.unit_known


@given(cuts(), st.sampled_from([("uV", 1.0), ("mV", 1000.0), ("nV", 1e-3)]))
def test_pieces_of_other_scale_and_unit_agree_to_their_rounding(
    cut: tuple[Counts, list[tuple[int, int]]], unit: tuple[str, float]
) -> None:
    counts, parts = cut
    groups = [[Piece(lead("II", counts * 5, baseline=3.0))]]
    for first, last in parts:
        # 2.5 uV a count, so that no value of the other scale is on it.
        coarse = np.rint((counts[first:last] * 5 - 3) / 2.5)
        there = Channel("II", coarse, RATE, unit[0], scale=2.5 / unit[1])
        groups.append([Piece(there, first / RATE)])
    record = record_of(*groups)
    np.testing.assert_allclose(record["II"], (counts * 5 - 3) / 1000, rtol=1e-6)


def test_one_sample_that_differs_is_a_contradiction() -> None:
    counts = wave(1, 100)[0]
    other = counts[40:60].copy()
    other[7] += 1
    with pytest.raises(RecordingError, match="II is there twice with different samples") as caught:
        record_of([Piece(lead("II", counts))], [Piece(lead("II", other), 40 / RATE)])
    assert caught.value.kind == FailureKind.CONTRADICTORY
    assert "0.094 s" in caught.value.message


def test_what_a_piece_does_not_hold_is_taken_from_the_other() -> None:
    counts = wave(1, 100)[0].clip(-30000)
    holes = counts.copy()
    holes[20:30] = -32768
    record = record_of(
        [Piece(lead("II", holes, missing=-32768.0))],
        [Piece(lead("II", counts[10:25], missing=-32768.0), 10 / RATE)],
    )
    assert np.flatnonzero(np.isnan(record["II"])).tolist() == [25, 26, 27, 28, 29]


def test_leads_of_one_name_in_one_group_are_different_leads() -> None:
    counts = wave(4, 50)
    first = [Piece(lead("ECG", counts[0])), Piece(lead("ECG", counts[1]))]
    later = [Piece(lead("ECG", row), 0.2) for row in counts[2:]]
    record = record_of(first, later)
    assert record.leads == ("ECG", "ECG_2")
    expected = np.full((2, 150), np.nan)
    expected[:, :50], expected[:, 100:] = counts[:2] / 1000, counts[2:] / 1000
    np.testing.assert_allclose(record.signal, expected, rtol=1e-6)


def test_leads_without_a_name_are_never_joined() -> None:
    counts = wave(2, 50)
    record = record_of([Piece(lead("", counts[0]))], [Piece(lead("", counts[1]), 0.0)])
    assert record.leads == ("ch1", "ch2")


def test_a_piece_at_another_rate_is_left_out_and_told() -> None:
    counts = wave(3, 50)
    first = [Piece(lead("I", counts[0])), Piece(lead("II", counts[1]))]
    record = record_of(first, [Piece(lead("II", counts[2], 250.0), 0.5)])
    assert record.signal.shape == (2, 50)
    assert record.notes == ("II left out (250 Hz, where the others have 500)",)


def test_what_is_no_ecg_takes_no_part_in_the_time_axis() -> None:
    counts = wave(2, 50)
    resp = Piece(Channel("RESP", counts[0], RATE, "Ohm"), -1e9)
    record = record_of([resp], [Piece(lead("II", counts[1]), 7.0)])
    assert record.signal.shape == (1, 50)


@pytest.mark.parametrize(("late", "noted"), [(0.01, False), (0.0107, True), (0.0093, True)])
def test_a_piece_between_two_samples_is_placed_at_the_nearer(late: float, noted: bool) -> None:
    counts = wave(2, 50)
    record = record_of([Piece(lead("I", counts[0]))], [Piece(lead("II", counts[1]), late)])
    assert np.isnan(record["II"][:5]).all()
    assert record["II"][5] == np.float32(counts[1, 0] / 1000)
    note = "II begins between two samples of the others: placed at the nearer"
    assert (note in record.notes) is noted


@pytest.mark.parametrize("late", [1e6, 1e12, 1e300, 1.7e308])
def test_a_piece_far_away_is_refused_before_there_is_room_for_it(late: float) -> None:
    counts = wave(2, 50)
    with pytest.raises(RecordingError) as caught:
        record_of([Piece(lead("I", counts[0]))], [Piece(lead("II", counts[1]), late)])
    assert caught.value.kind == FailureKind.TOO_LARGE


def test_units_that_are_no_voltage_are_kept_apart() -> None:
    counts = wave(2, 50)
    silent = replace(lead("II", counts[1]), unit="")
    record = record_of([Piece(lead("II", counts[0]))], [Piece(silent, 1.0)])
    assert record.leads == ("II", "II_2")
    assert record.assumed == ("unit",)


def dicom_of(pieces: list[tuple[float, Counts]]) -> tuple[str, bytes]:
    first, *others = [device_files.group(counts, leads=("II",), rate=RATE) for _, counts in pieces]
    file = device_files.dicom(pieces[0][1], leads=("II",), rate=RATE)
    file.WaveformSequence = [first, *others]
    for (begins, _), group in zip(pieces, file.WaveformSequence, strict=True):
        group.MultiplexGroupTimeOffset = f"{1e3 * begins:g}"
    return "a.dcm", device_files.saved(file)


def aecg_of(pieces: list[tuple[float, Counts]]) -> tuple[str, bytes]:
    sets = [
        device_files.sequence_set(
            counts, ("II",), RATE, head=f'value="200211220910{7 + begins:06.3f}+0100"'
        )
        for begins, counts in pieces
    ]
    return "a.xml", device_files.aecg_of([sets])


def relative_aecg_of(pieces: list[tuple[float, Counts]]) -> tuple[str, bytes]:
    sets = [
        device_files.sequence_set(counts, ("II",), RATE, head=f'value="{1e3 * begins:g}" unit="ms"')
        for begins, counts in pieces
    ]
    return "a.xml", device_files.aecg_of([sets])


WRITERS = {"dicom": dicom_of, "aecg": aecg_of, "relative aecg": relative_aecg_of}
Writer = Callable[[list[tuple[float, Counts]]], tuple[str, bytes]]


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
@settings(max_examples=20)
@given(cut=cuts(), shuffle=st.randoms())
def test_a_file_of_pieces_is_its_lead(
    write: Writer, cut: tuple[Counts, list[tuple[int, int]]], shuffle: object
) -> None:
    counts, parts = cut
    expected = np.full(counts.size, np.nan, np.float32)
    for first, last in parts:
        expected[first:last] = (counts[first:last] * 0.0025).astype(np.float32)
    name, content = write([(first / RATE, counts[None, first:last]) for first, last in parts])
    with tempfile.TemporaryDirectory() as folder:
        record = read_as(name, content, Path(folder))
    begin, end = min(first for first, _ in parts), max(last for _, last in parts)
    np.testing.assert_array_equal(record["II"], expected[begin:end])


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_a_file_whose_pieces_contradict_each_other_is_refused(
    write: Writer, tmp_path: Path
) -> None:
    counts = wave(2, 100)
    name, content = write([(0.0, counts[:1]), (0.1, counts[1:])])
    assert refusal(name, content, tmp_path).kind == FailureKind.CONTRADICTORY


@st.composite
def records(draw: st.DrawFn) -> tuple[Counts, list[int], int]:
    """Counts of two leads, samples before each data record, samples of one."""
    per_record = draw(st.integers(1, 60))
    gaps = draw(st.lists(st.sampled_from([0, 0, 0, 1, 7, 300]), min_size=1, max_size=12))
    return wave(2, per_record * len(gaps)), gaps, per_record


@settings(max_examples=40)
@given(records(), st.sampled_from([0, 3, 1000]), st.sampled_from(["EDF+D", "BDF+D"]))
def test_records_of_edf_lie_where_their_time_stamps_say(
    made: tuple[Counts, list[int], int], begin: int, kind: str
) -> None:
    counts, gaps, per_record = made
    starts = np.cumsum([0, *gaps[1:]]) + per_record * np.arange(len(gaps))
    onsets = [f"+{(start + begin) / 100:.2f}" for start in starts]
    content = binary_files.edf_records(counts, onsets, f"{per_record / 100:g}", kind)
    with tempfile.TemporaryDirectory() as folder:
        record = read_as(f"a.{kind[:3].lower()}", content, Path(folder))
    assert record.rate == 100.0
    expected = np.full((2, starts[-1] + per_record), np.nan)
    for row, start in enumerate(starts):
        part = counts[:, row * per_record : (row + 1) * per_record]
        expected[:, start : start + per_record] = part / 1000
    np.testing.assert_allclose(record.signal, expected, rtol=1e-5, atol=1e-7)
    assert bool(record.notes) is bool(np.any(gaps[1:]))


@pytest.mark.parametrize("onsets", [("+0", "+0.9", "+2"), ("+0", "+5", "+2"), ("+1", "+1", "+1")])
def test_records_of_edf_that_overlap_are_refused(onsets: tuple[str, ...], tmp_path: Path) -> None:
    error = refusal("a.edf", binary_files.edf_records(wave(2, 300), onsets), tmp_path)
    assert error.kind == FailureKind.CONTRADICTORY
    assert "before record" in error.message


def test_records_of_edf_that_drift_are_no_gaps(tmp_path: Path) -> None:
    """A clock that is a tenth of a sample a second fast, and one that is as slow."""
    for step in (1.001, 0.999):
        onsets = [f"+{step * record:.4f}" for record in range(40)]
        record = read_as("a.edf", binary_files.edf_records(wave(2, 4000), onsets), tmp_path)
        assert record.n_samples == 4000
        assert not np.isnan(record.signal).any()


def test_records_of_edf_between_two_samples_are_told(tmp_path: Path) -> None:
    content = binary_files.edf_records(wave(2, 200), ["+0", "+1.504"])
    record = read_as("a.edf", content, tmp_path)
    assert np.flatnonzero(np.isnan(record["I"])).tolist() == list(range(100, 150))
    assert record.notes == (
        "gaps between data records: 1",
        "records begin between two samples: placed at the nearer",
    )


@pytest.mark.parametrize("stamp", ["", "0", "+x", "+1e9", "+99999999999999999999"])
def test_records_of_edf_that_do_not_say_when_they_begin(stamp: str, tmp_path: Path) -> None:
    content = binary_files.edf_records(wave(2, 300), ["+0", stamp, "+9"])
    error = refusal("a.edf", content, tmp_path)
    assert error.kind == FailureKind.CORRUPT
    assert "data record 2" in error.message


def test_a_gap_of_edf_as_long_as_a_century_is_refused(tmp_path: Path) -> None:
    content = binary_files.edf_records(wave(2, 200), ["+0", "+3000000000"])
    assert refusal("a.edf", content, tmp_path).kind == FailureKind.TOO_LARGE


def test_edf_that_denies_its_gaps(tmp_path: Path) -> None:
    content = binary_files.edf_records(wave(2, 300), ["+0", "+1", "+9"], kind="EDF+C")
    error = refusal("a.edf", content, tmp_path)
    assert error.kind == FailureKind.CONTRADICTORY
    assert "continuous (EDF+C)" in error.message
    late = binary_files.edf_records(wave(2, 300), ["+5.5", "+6.5", "+7.5"], kind="EDF+C")
    assert read_as("b.edf", late, tmp_path).unused == ()
    never = binary_files.edf_records(wave(2, 300), ["+0", "+0", "+0"], kind="EDF+C")
    record = read_as("c.edf", never, tmp_path)
    assert record.n_samples == 300
    assert record.unused == ("time stamps of the data records, which are invalid",)
