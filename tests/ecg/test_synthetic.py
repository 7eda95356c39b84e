from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import loadmat

from ecgmpi.ecg.record import STANDARD_LEADS
from ecgmpi.ecg.synthetic import LSB, synthesize, write_corpus
from ecgmpi.errors import JobError, StoreError, UsageError
from ecgmpi.readers import read


def digests(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


@given(st.integers(0, 2**40), st.integers(0, 2**40))
@settings(max_examples=30, deadline=None)
def test_limb_leads_agree_to_the_last_bit(seed: int, index: int) -> None:
    r = synthesize(seed, index, duration=3.0)
    np.testing.assert_array_equal(r["III"], r["II"] - r["I"])
    np.testing.assert_array_equal(r["aVR"], -(r["I"] + r["II"]) / 2)
    np.testing.assert_array_equal(r["aVL"], r["I"] - r["II"] / 2)
    np.testing.assert_array_equal(r["aVF"], r["II"] - r["I"] / 2)
    steps = r["V1"] / np.float32(LSB)
    np.testing.assert_array_equal(steps, np.rint(steps))


def test_the_same_numbers_are_the_same_recording() -> None:
    np.testing.assert_array_equal(synthesize(3, 7).signal, synthesize(3, 7).signal)
    assert not np.array_equal(synthesize(3, 7).signal, synthesize(3, 8).signal)
    assert not np.array_equal(synthesize(3, 7).signal, synthesize(4, 7).signal)


@pytest.mark.parametrize(("duration", "rate"), [(10.0, 500.0), (60.0, 250.0), (0.5, 1000.0)])
def test_shape_rate_and_names(duration: float, rate: float) -> None:
    r = synthesize(0, 1, duration, rate)
    assert r.signal.shape == (12, round(duration * rate))
    assert (r.rate, r.leads, r.name) == (rate, STANDARD_LEADS, "SYN000001")


def test_it_looks_like_an_ecg() -> None:
    for index in range(50):
        r = synthesize(0, index)
        assert 0.8 < np.abs(r.signal).max() < 4.0
        chest = r["V2"]
        assert chest.min() < -0.4, "S is deep in V2"
        assert r["V5"].max() > 0.6, "R is tall in V5"
        assert r["V1"].max() < r["V4"].max(), "R grows over the chest"
        # Beats: where V4 rises above half of its height.
        above = r["V4"] > r["V4"].max() / 2
        beats = int(np.count_nonzero(np.diff(above.astype(int)) == 1))
        assert 6 <= beats <= 18


def test_beats_are_not_all_the_same_length() -> None:
    signal = synthesize(0, 1, duration=60.0)["V4"]
    above = (signal > signal.max() / 2).astype(int)
    intervals = np.diff(np.flatnonzero(np.diff(above) == 1))
    assert 0.005 < intervals.std() / intervals.mean() < 0.1


@pytest.mark.parametrize(
    ("seed", "index", "duration", "rate"),
    [(-1, 0, 1.0, 500.0), (0, -1, 1.0, 500.0), (0, 0, 0.0, 500.0), (0, 0, 1.0, 0.0),
     (0, 0, float("nan"), 500.0), (0, 0, 1.0, float("inf"))],
)  # fmt: skip
def test_what_makes_no_sense(seed: int, index: int, duration: float, rate: float) -> None:
    with pytest.raises(UsageError):
        synthesize(seed, index, duration, rate)


def test_corpus_is_read_back_as_it_was_made(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    assert write_corpus(tmp_path, 3, seed=5, progress=lambda a, b: calls.append((a, b))) == 3
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "SYN000001.mat",
        "SYN000002.mat",
        "SYN000003.mat",
    ]
    assert calls == [(1, 3), (2, 3), (3, 3)]
    np.testing.assert_array_equal(read(tmp_path / "SYN000002.mat").signal, synthesize(5, 2).signal)
    data = loadmat(tmp_path / "SYN000002.mat")["data"]
    assert (data.dtype, data.shape) == (np.float64, (12, 5000))
    assert (tmp_path / "SYN000002.mat").stat().st_size == 480_184


def test_corpus_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    write_corpus(tmp_path / "a", 2)
    write_corpus(tmp_path / "b", 2)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")


def test_corpus_goes_on_where_it_stopped(tmp_path: Path) -> None:
    write_corpus(tmp_path, 2)
    assert write_corpus(tmp_path, 3) == 1


def test_corpus_does_not_overwrite_what_is_not_its_own(tmp_path: Path) -> None:
    write_corpus(tmp_path, 1, seed=1)
    before = digests(tmp_path)
    with pytest.raises(JobError, match=r"SYN000001\.mat already exists"):
        write_corpus(tmp_path, 1, seed=2)
    assert digests(tmp_path) == before


def test_corpus_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        write_corpus(tmp_path, 0)


def test_corpus_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        write_corpus(tmp_path / "file", 1)


def test_corpus_where_there_is_no_room(tmp_path: Path) -> None:
    # What is written first leads to a disk that is always full.
    (tmp_path / f".SYN000001.mat.{os.getpid()}.tmp").symlink_to("/dev/full")
    with pytest.raises(StoreError, match=r"cannot be written: No space left .*; make room there"):
        write_corpus(tmp_path, 1)
    assert list(tmp_path.iterdir()) == []
