from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.ecg.record import STANDARD_LEADS, Record
from ecgmpi.errors import FailureKind, RecordingError


def record(leads: int = 3, samples: int = 100, rate: float = 10.0) -> Record:
    signal = np.arange(leads * samples, dtype=np.float32).reshape(leads, samples)
    return Record("r", signal, rate, STANDARD_LEADS[:leads], notes=("a note",))


def test_shape_and_length() -> None:
    r = record()
    assert (r.n_leads, r.n_samples, r.duration) == (3, 100, 10.0)
    assert r["II"][0] == 100.0


def test_samples_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        record().signal[0, 0] = 1.0


@pytest.mark.parametrize(
    ("signal", "rate", "leads", "found"),
    [
        (np.zeros((1, 5)), 1.0, ("I",), "float64"),
        (np.zeros(5, np.float32), 1.0, ("I",), "shape"),
        (np.zeros((2, 5), np.float32), 1.0, ("I",), "1 lead names for 2 rows"),
        (np.zeros((2, 5), np.float32), 1.0, ("I", "I"), "all different"),
        (np.zeros((1, 5), np.float32), 0.0, ("I",), "hertz"),
        (np.zeros((1, 5), np.float32), float("inf"), ("I",), "hertz"),
    ],
)
def test_what_is_no_record(
    signal: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    rate: float,
    leads: tuple[str, ...],
    found: str,
) -> None:
    with pytest.raises(ValueError, match=found):
        Record("r", signal, rate, leads)


def test_select_nothing_is_the_record_itself() -> None:
    r = record()
    assert r.select() is r
    assert r.select(leads=r.leads, duration=1000.0) is r


def test_select_keeps_the_order_asked_for() -> None:
    kept = record().select(leads=("III", "I"))
    assert kept.leads == ("III", "I")
    np.testing.assert_array_equal(kept["I"], record()["I"])
    assert kept.notes == ("a note",)


def test_select_a_stretch() -> None:
    kept = record().select(start=0.3, duration=0.5)
    np.testing.assert_array_equal(kept["I"], [3, 4, 5, 6, 7])
    assert kept.start == pytest.approx(0.3)
    again = kept.select(start=0.2)
    np.testing.assert_array_equal(again["I"], [5, 6, 7])
    assert again.start == pytest.approx(0.5)


@given(st.integers(0, 99), st.integers(1, 100))
def test_a_stretch_in_whole_samples_is_those_samples(first: int, count: int) -> None:
    kept = record().select(start=first / 10.0, duration=count / 10.0)
    np.testing.assert_array_equal(kept["I"], np.arange(first, min(first + count, 100)))


def test_a_lead_that_is_not_there() -> None:
    with pytest.raises(RecordingError, match="no lead V6; the recording has I, II, III") as caught:
        record().select(leads=("I", "V6"))
    assert caught.value.kind == FailureKind.NO_SUCH_LEAD


@pytest.mark.parametrize(("start", "duration"), [(10.0, None), (3.0, 0.0), (99.0, 5.0)])
def test_a_stretch_without_samples(start: float, duration: float | None) -> None:
    with pytest.raises(RecordingError) as caught:
        record().select(start=start, duration=duration)
    assert caught.value.kind == FailureKind.NO_SAMPLES
