"""Which ranks have been silent for too long, and which only seem so."""

from __future__ import annotations

import pytest

from ecgmpi.job.comm.communicator import SingleProcess
from ecgmpi.job.comm.heartbeat import RANK_TIMEOUT, Heartbeat
from tests.job.fakes import Clock


@pytest.fixture(autouse=True)
def _a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RANK_TIMEOUT, "60")


def wait(beat: Heartbeat, clock: Clock, seconds: int, speaking: tuple[int, ...] = ()) -> list[int]:
    """The ranks that are silent after so many `seconds`, in which others went on `speaking`."""
    silent: list[int] = []
    for _ in range(2 * seconds):
        clock.advance(0.5)
        for rank in speaking:
            beat.heard(rank)
        silent = beat.silent()
    return silent


def test_a_rank_is_silent_after_its_timeout_and_speaks_again_with_a_message() -> None:
    clock = Clock()
    beat = Heartbeat((1, 2), clock)
    assert wait(beat, clock, 60, speaking=(2,)) == []
    assert wait(beat, clock, 1, speaking=(2,)) == [1]
    beat.heard(1)
    assert beat.silent() == []


def test_a_rank_that_is_forgotten_is_never_silent() -> None:
    clock = Clock()
    beat = Heartbeat((1, 2), clock)
    beat.forget(1)
    beat.heard(1)
    assert wait(beat, clock, 100, speaking=(2,)) == []


def test_a_process_that_stood_still_itself_takes_no_other_for_lost() -> None:
    clock = Clock()
    beat = Heartbeat((1,), clock)
    clock.advance(3600.0)
    assert beat.silent() == []
    # It has half the time-out left to send something.
    assert wait(beat, clock, 29) == []
    assert wait(beat, clock, 3) == [1]


def test_a_shorter_timeout_counts_from_now_and_is_never_lengthened() -> None:
    clock = Clock()
    beat = Heartbeat((1,), clock)
    wait(beat, clock, 50)
    beat.shorten(8.0)
    beat.shorten(20.0)
    assert beat.timeout == 8.0
    assert wait(beat, clock, 8) == []
    assert wait(beat, clock, 1) == [1]


def test_a_single_process_has_no_other_rank_to_hear_or_lose() -> None:
    alone: SingleProcess[str] = SingleProcess("node0", frozenset({0, 1}))
    assert (alone.rank, alone.size, alone.hosts) == (0, 1, ["node0"])
    assert list(alone.receive()) == []
    assert alone.flushed()
    assert not alone.orphaned()
    with pytest.raises(AssertionError, match="a message to rank 1"):
        alone.send(1, "hello")
