"""Many recordings in one file: each has an address, and none is lost; what it calls each."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
import pytest

from ecgmpi.errors import RecordingError
from ecgmpi.readers import ReadHints, count_recordings, entries_of, read, split_address
from tests.outputs import contents
from tests.processes import run_ecgmpi

N = 7


@pytest.fixture
def many(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    signal = np.zeros((N, 512, 12), np.float32)
    signal[:, 50:-30] = rng.normal(0, 0.4, (N, 432, 12))
    signal[3] = np.nan
    path = tmp_path / "in" / "exams.h5"
    path.parent.mkdir()
    with h5py.File(path, "w") as file:
        file["tracings"] = signal
        file["exam_id"] = np.arange(N)
    return path


def test_each_recording_is_read_by_its_number(many: Path) -> None:
    with h5py.File(many) as file:
        expected = file["tracings"][2][50:-30].T
    record = read(f"{many}#2")
    np.testing.assert_array_equal(record.signal, expected)
    assert (record.name, record.rate, record.start) == ("exams#2", 400.0, 50 / 400)
    assert "padding taken off: 50 zeros in front, 30 behind" in record.notes
    assert read(f"{many}#2", ReadHints(rate=250)).rate == 250.0
    assert count_recordings(many) == N


@pytest.mark.parametrize(
    ("suffix", "words"),
    [("", "holds 7 recordings"), ("#7", "no recording 7"), ("#x", "is not there"), ("#3", "NaN")],
)
def test_what_is_no_recording_of_it(suffix: str, words: str, many: Path) -> None:
    with pytest.raises(RecordingError, match=words):
        read(f"{many}{suffix}")


def test_recordings_under_another_name_are_taken_by_key(many: Path) -> None:
    with h5py.File(many, "r+") as file:
        file["ecg"] = np.swapaxes(file["tracings"][()], 1, 2)
        file["labels"] = np.zeros((N, 60))
        del file["tracings"]
    with pytest.raises(RecordingError, match=r"holds ecg \(7x12x512 float32\)") as caught:
        read(many)
    assert caught.value.remedy == "name the variable with --key ecg"
    by_key = ReadHints(key="ecg")
    assert count_recordings(many, by_key) == N
    assert read(f"{many}#2", by_key).signal.shape == (12, 432)


def test_the_only_array_that_may_be_recordings_needs_no_key(many: Path) -> None:
    with h5py.File(many, "r+") as file:
        file.move("tracings", "part/ecg")
    assert count_recordings(many) == N
    record = read(f"{many}#2")
    assert record.signal.shape == (12, 432)
    assert "dataset 'part/ecg' taken, the only array that may be a recording" in record.notes


def test_a_file_that_is_really_called_so(tmp_path: Path) -> None:
    path = tmp_path / "a.h5#3"
    path.write_bytes(b"")
    assert split_address(path) == (path, None)
    assert split_address(tmp_path / "b.h5#3") == (tmp_path / "b.h5", 3)
    assert split_address(tmp_path / "b.mat#3") == (tmp_path / "b.mat#3", None)


def test_a_file_of_one_recording_has_no_numbers(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["data"] = np.zeros((12, 100))
    assert count_recordings(tmp_path / "a.h5") is None
    with pytest.raises(RecordingError, match="is one recording"):
        read(tmp_path / "a.h5#0")


def test_a_header_that_promises_more_than_a_file_can_hold(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("tracings", (10**9, 4096, 12), "f4", chunks=(1, 4096, 12))
    assert count_recordings(tmp_path / "a.h5") is None


def test_a_job_has_a_row_for_each(many: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    quick = ("--layout", "3x4", "--dpi", "50", "--progress", "none")
    run_ecgmpi("render", str(many.parent), "-o", str(out), *quick, "--workers", "2").expect(3)
    with (out / "manifest.csv").open() as handle:
        rows = {row["source"]: row["status"] for row in csv.DictReader(handle)}
    assert rows == {f"exams.h5#{n}": "failed" if n == 3 else "drawn" for n in range(N)}
    one = tmp_path / "one"
    run_ecgmpi("render", f"{many}#4", "-o", str(one), *quick).expect(0)
    picture = "images/exams#4.png"
    assert contents(one)[picture] == contents(out)[picture]


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (np.arange(7, 7 + N), ["7", "8", "9", "10", "11", "12", "13"]),
        (np.array([f"0{k}" for k in range(N)]), [f"0{k}" for k in range(N)]),
        (np.array([f"\u00e4{k}".encode() for k in range(N)]), [f"\u00e4{k}" for k in range(N)]),
        # What names nothing.
        (np.arange(N) / 2, None),
        (np.zeros((N, 2), np.int64), None),
        (np.array([{}] * N), None),
    ],
)
def test_an_archive_names_its_recordings_as_hdf5_does(
    ids: npt.NDArray[Any], expected: list[str] | None, tmp_path: Path
) -> None:
    np.savez(tmp_path / "a.npz", data=np.zeros((N, 12, 100)), ids=ids)
    assert entries_of(tmp_path / "a.npz", "ids") == expected
    assert entries_of(tmp_path / "a.npz", "other") is None
    if ids.dtype.kind in "iSf":
        with h5py.File(tmp_path / "a.h5", "w") as file:
            file["ids"] = ids
        assert entries_of(tmp_path / "a.h5", "ids") == expected


def test_an_archive_that_is_damaged_names_none(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", ids=np.arange(N))
    content = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(content[:-30])
    assert entries_of(tmp_path / "cut.npz", "ids") is None
    # A header that promises more than there is.
    shape = b"'shape': (7,)"
    assert content.count(shape) == 1
    (tmp_path / "more.npz").write_bytes(content.replace(shape, b"'shape':(77,)"))
    assert entries_of(tmp_path / "more.npz", "ids") is None
    assert entries_of(tmp_path / "gone.npz", "ids") is None


def test_labels_of_the_recordings_of_an_archive(tmp_path: Path) -> None:
    signals = np.random.default_rng(1).normal(0, 0.3, (3, 12, 300))
    (tmp_path / "in").mkdir()
    np.savez(tmp_path / "in" / "many.npz", data=signals, exam=np.array([31, 32, 33]))
    (tmp_path / "t.csv").write_text("exam,age\n33,70\n31,50\n")
    named = ("--metadata", tmp_path / "t.csv", "--metadata-columns", "age", "--metadata-key")
    quick = ("--layout", "3x4", "--dpi", "50", "--progress", "none", "--no-report")
    job = ("render", tmp_path / "in", "-o", tmp_path / "out", *quick, *named)
    ended = run_ecgmpi(*job, "exam=key").expect(0)
    assert "2 of 3 recordings have a row by exam=key; 1 has none" in ended.err
    with (tmp_path / "out" / "manifest.csv").open() as handle:
        ages = {row["name"]: row["age"] for row in csv.DictReader(handle)}
    assert ages == {"many#0": "50", "many#1": "", "many#2": "70"}
    (line,) = run_ecgmpi(*job[:3], tmp_path / "no", *quick, *named, "age=key").expect(2).complaints
    assert "many.npz has no dataset 'age' with an entry for each" in line
