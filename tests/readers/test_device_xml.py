"""aECG, MUSE, CardioSoft, Sierra: scale, time, and what a file says besides."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ecgmpi.errors import FailureKind
from tests.readers.helpers import device_files
from tests.readers.helpers.device_files import Counts
from tests.readers.helpers.reading import read_as, refusal, wave


@pytest.mark.parametrize(
    ("scale", "unit", "origin", "expected"),
    [
        ("2.5", "uV", ("0", "uV"), 0.0025),
        ("0.005", "mV", ("0", ""), 0.005),
        ("5", "nV", ("0", "uV"), 5e-6),
        ("1", "V", ("0", "V"), 1000.0),
    ],
)
def test_scale_of_an_annotated_ecg(
    scale: str, unit: str, origin: tuple[str, str], expected: float, tmp_path: Path
) -> None:
    counts = wave()
    content = device_files.aecg(counts, scale=scale, unit=unit, origin=origin)
    record = read_as("a.xml", content, tmp_path)
    np.testing.assert_allclose(record.signal, counts * expected, rtol=1e-6)


def test_origin_of_an_annotated_ecg_in_a_unit_of_its_own(tmp_path: Path) -> None:
    content = device_files.aecg(wave(), origin=("0.5", "mV"))
    record = read_as("a.xml", content, tmp_path)
    np.testing.assert_allclose(record.signal, wave() * 0.0025 + 0.5, atol=1e-6)


def test_an_annotated_ecg_without_rhythm_or_time(tmp_path: Path) -> None:
    beat = device_files.aecg(wave(), series="REPRESENTATIVE_BEAT")
    assert "REPRESENTATIVE_BEAT" in refusal("a.xml", beat, tmp_path).message
    timeless = device_files.aecg(wave()).replace(b"TIME_ABSOLUTE", b"OTHER")
    assert "rate is not known" in refusal("b.xml", timeless, tmp_path).message
    wrong = device_files.aecg(wave()).replace(b"<digits>", b"<digits>x")
    assert refusal("c.xml", wrong, tmp_path).kind == FailureKind.CORRUPT


def test_what_an_annotated_ecg_holds_besides_its_first_rhythm_is_told(tmp_path: Path) -> None:
    content = device_files.aecg(wave(2, 50))
    sets = [device_files.sequence_set(wave(2, 50))]
    twice = read_as("a.xml", device_files.aecg_of([sets, sets]), tmp_path)
    assert twice.n_leads == 2
    assert twice.notes == ("the first of 2 rhythm series; the others are left out",)
    start, end = content.index(b"<component><sequenceSet>"), content.index(b"</series>")
    one = content[start:end]
    other_leads = one.replace(b"LEAD_II", b"LEAD_V2").replace(b'LEAD_I"', b'LEAD_V1"')
    later = one.replace(b"20021122091000", b"20021122091010")
    several = content[:start] + one + other_leads + later + content[end:]
    record = read_as("b.xml", several, tmp_path)
    # 50 samples at 500 Hz, and again 10 s later.
    assert record.leads == ("I", "II", "V1", "V2")
    assert record.n_samples == 5050
    assert np.flatnonzero(np.isnan(record["I"]))[[0, -1]].tolist() == [50, 4999]
    np.testing.assert_array_equal(record["II"][5000:], record["II"][:50])
    assert record.notes == (
        "I, II are joined from 2 pieces, with gaps of 4,950 samples between them",
        "V1, V2 end after 50 of 5,050 samples",
    )


@pytest.mark.parametrize(
    ("step", "unit", "rate"),
    [("2", "ms", 500.0), ("4000", "us", 250.0), ("0.00333333", "s", 300.0003)],
)
def test_the_time_step_of_an_annotated_ecg(
    step: str, unit: str, rate: float, tmp_path: Path
) -> None:
    content = device_files.aecg(wave())
    timed = content.replace(b'value="0.002" unit="s"', f'value="{step}" unit="{unit}"'.encode())
    assert read_as("a.xml", timed, tmp_path).rate == pytest.approx(rate, rel=1e-9)


@pytest.mark.parametrize(
    ("step", "unit"), [("0", "s"), ("-1", "s"), ("2", "h"), ("", "s"), ("nan", "s"), ("2", "")]
)
def test_a_time_step_that_makes_no_sense(step: str, unit: str, tmp_path: Path) -> None:
    changed = f'value="{step}" unit="{unit}"'.encode()
    content = device_files.aecg(wave()).replace(b'value="0.002" unit="s"', changed)
    assert "the time step" in refusal("a.xml", content, tmp_path).message


def test_a_rate_of_muse_that_its_length_contradicts(tmp_path: Path) -> None:
    record = read_as("a.xml", device_files.muse(wave(8, 2500), rate="240"), tmp_path)
    assert (record.rate, record.n_samples) == (240.0, 2500)
    (note,) = record.notes
    assert "2,500 samples are 10.42 s at the 240 Hz that the file says, and 10 s at 250 Hz" in note
    right = read_as("b.xml", device_files.muse(wave(8, 2400), rate="24", exponent="1"), tmp_path)
    assert (right.rate, right.notes) == (240.0, ())


def test_a_muse_file_that_was_tampered_with(tmp_path: Path) -> None:
    content = device_files.muse(wave(1, 40))
    at = content.index(b"<WaveFormData>") + 20
    changed = content[:at] + (b"B" if content[at : at + 1] == b"A" else b"A") + content[at + 1 :]
    assert "the checksum of I does not match" in read_as("a.xml", changed, tmp_path).notes[0]
    broken = content[:at] + b"*" + content[at + 1 :]
    assert refusal("b.xml", broken, tmp_path).kind == FailureKind.CORRUPT
    median = device_files.muse(wave(), kind="Median")
    assert "no rhythm (Median)" in refusal("c.xml", median, tmp_path).message


@pytest.mark.parametrize("write", [device_files.aecg, device_files.muse, device_files.cardiosoft])
def test_more_leads_than_any_recording_has(
    write: Callable[[Counts, list[str]], bytes], tmp_path: Path
) -> None:
    names = [f"L{number}" for number in range(257)]
    error = refusal("a.xml", write(np.zeros((257, 3), np.int16), names), tmp_path)
    assert "of 257 leads; the limit is 256" in error.message


def test_full_disclosure_of_cardiosoft_is_refused(tmp_path: Path) -> None:
    content = device_files.cardiosoft(wave()).replace(b"StripData", b"FullDisclosure")
    error = refusal("a.xml", content, tmp_path)
    assert error.kind == FailureKind.NOT_SUPPORTED
    assert "exercise test" in error.message


def test_sierra_coded_in_another_way_is_refused(tmp_path: Path) -> None:
    error = refusal("a.xml", device_files.sierra(wave(12), method="Other"), tmp_path)
    assert error.kind == FailureKind.NOT_SUPPORTED


PULSE = np.repeat([0, 200, 0], [50, 100, 50])
"""1 mV for 0.2 s, at 5 uV a count and 500 Hz."""


@pytest.mark.parametrize("zeros", [0, 37])
def test_the_pulse_behind_a_sierra_recording_is_taken_off(zeros: int, tmp_path: Path) -> None:
    counts = np.clip(wave(12), -150, 150)
    tail = np.concatenate((np.zeros(zeros, np.int64), PULSE))
    whole = np.hstack((counts, np.tile(tail, (12, 1))))
    record = read_as("a.xml", device_files.sierra(whole), tmp_path)
    np.testing.assert_array_equal(record.signal, (counts * 0.005).astype(np.float32))
    (note,) = record.notes
    assert note == f"calibration pulse taken off: {zeros + 200} samples at the end of all leads"


@pytest.mark.parametrize(
    "tail",
    [
        np.zeros(200),
        np.repeat([0, 200], [50, 100]),
        np.repeat([200, 0], [100, 50]),
        np.repeat([0, 199, 0], [50, 100, 50]),
        np.repeat([0, 200, 0], [50, 49, 50]),
        np.repeat([0, 200, 0], [50, 251, 50]),
    ],
)
def test_what_is_not_quite_the_pulse_of_sierra_stays(tail: Counts, tmp_path: Path) -> None:
    counts = np.hstack((np.clip(wave(12), -150, 150), np.tile(tail, (12, 1)).astype(np.int16)))
    record = read_as("a.xml", device_files.sierra(counts), tmp_path)
    np.testing.assert_array_equal(record.signal, (counts * 0.005).astype(np.float32))
    assert not record.notes


def test_a_pulse_that_one_lead_of_sierra_lacks_stays(tmp_path: Path) -> None:
    counts = np.hstack((np.clip(wave(12), -150, 150), np.tile(PULSE, (12, 1))))
    counts[9, -60] = 3
    record = read_as("a.xml", device_files.sierra(counts), tmp_path)
    assert record.n_samples == counts.shape[1]


def test_a_lead_of_sierra_that_grows_is_refused(tmp_path: Path) -> None:
    """LZW makes six hundred bytes of one."""
    codes = device_files.lzw(bytes(1_000_000))
    assert len(codes) < 4_000
    chunk = base64.b64encode(struct.pack("<iHh", len(codes), 1, 0) + codes)
    content = device_files.sierra(wave(12))
    head, _, tail = content.partition(b'durationperchannel="800">')
    end = tail[tail.index(b"</parsed") :]
    grown = head + b'durationperchannel="800">' + chunk + end
    assert "more samples than its header promises" in refusal("a.xml", grown, tmp_path).message
    endless = head + b'durationperchannel="9e9">' + chunk + end
    assert refusal("b.xml", endless, tmp_path).kind == FailureKind.TOO_LARGE
