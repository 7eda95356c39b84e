"""A supervisor that is killed is replaced: what that costs, and when it ends the job."""

from __future__ import annotations

import os
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ecgmpi.corpus.item import Item
from ecgmpi.errors import ExitStatus, LostSupervisorError
from ecgmpi.job.pool.messages import JobSpec, StartWorkers
from ecgmpi.job.pool.pool import MOST_FRUITLESS
from ecgmpi.options.rendering import Rendering
from ecgmpi.results.result import Result
from tests.corpora import synthetic
from tests.job.pool.test_supervisor import Watched, items

LONG = 400.0
"""Seconds of a recording that takes long enough to kill a process over it."""


class Supervised(Watched):
    """The workers of a rank, whose supervisors a test kills."""

    def __init__(self, folder: Path) -> None:
        self.out = folder / "out"
        self.attempts = folder / "attempts"
        for path in (self.out, self.attempts):
            path.mkdir()
        super().__init__(JobSpec(Rendering(dpi=60.0), self.out, "files", timeout=120.0))
        self.ranks_ready()

    @property
    def supervisor(self) -> int:
        return self._process.pid

    def kill_supervisor(self) -> None:
        os.kill(self.supervisor, signal.SIGKILL)

    def begin_with(self, n_workers: int) -> None:
        self.begin(StartWorkers(n_workers, attempts=self.attempts))

    def noted(self) -> set[int]:
        """The recordings that any supervisor has noted as in flight."""
        return {
            number - 1
            for path in self.attempts.glob("*.attempts")
            for number, _ in struct.iter_unpack("<II", path.read_bytes())
            if number
        }

    def stop_workers(self) -> None:
        """Stop all workers while they are idle: what they are given next stays in flight."""
        for pid in self.children():
            os.kill(pid, signal.SIGSTOP)

    def until(self, condition: Callable[[], bool]) -> list[Result]:
        """The results that come until `condition` holds."""
        results: list[Result] = []
        until = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < until
            results += self.take(0.01)
        return results

    def rest(self) -> list[Result]:
        """All results that are due, in the order in which they come."""
        return self.until(lambda: not self.in_flight)


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[Supervised]:
    pool = Supervised(tmp_path)
    yield pool
    pool.end()


def with_in_flight(pool: Supervised, n_workers: int, work: list[Item]) -> None:
    """Give `work`, of which the first `n_workers` are in flight, and stay so."""
    pool.begin_with(n_workers)
    pool.give(work[:n_workers])
    assert len(pool.rest()) == n_workers
    assert len(pool.children()) == n_workers
    pool.stop_workers()
    pool.give(work[n_workers:])
    pool.until(lambda: len(pool.noted()) == n_workers)


def is_alive(pid: int) -> bool:
    """Whether process `pid` is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except OSError:
        return False


@pytest.mark.slow
def test_a_killed_supervisor_costs_nothing_and_what_was_in_flight_comes_first(
    pool: Supervised, tmp_path: Path
) -> None:
    work = items(synthetic(tmp_path / "in", 10))
    with_in_flight(pool, 2, work)
    assert pool.noted() == {2, 3}
    workers = pool.children()
    pool.kill_supervisor()
    results = pool.rest()
    # Each alone, in order; only then is all else drawn.
    assert [result.index for result in results[:2]] == [2, 3]
    assert sorted(result.index for result in results) == list(range(2, 10))
    assert not any(result.failed for result in results)
    assert pool.supervisors_lost == 1
    assert pool.lost == {}
    assert pool.noted() == set()
    assert not any(map(is_alive, workers))


@pytest.mark.slow
def test_a_recording_that_takes_two_supervisors_along_fails_and_no_other(
    pool: Supervised, tmp_path: Path
) -> None:
    work = items(synthetic(tmp_path / "in", 6, duration=LONG))
    with_in_flight(pool, 2, work)
    first = pool.supervisor
    pool.kill_supervisor()
    # The next one tries them again, one after the other.
    assert pool.until(lambda: pool.supervisor != first and bool(pool.noted())) == []
    assert pool.noted() == {2}
    pool.kill_supervisor()
    results = pool.rest()
    failed = [result for result in results if result.failed]
    assert [result.index for result in failed] == [2]
    assert failed[0].recording["class"] == "crashed: supervisor SIGKILL"
    assert "the supervisor of the process that read or drew it" in failed[0].recording["message"]
    assert sorted(result.index for result in results) == [2, 3, 4, 5]
    assert pool.supervisors_lost == 2


@pytest.mark.slow
def test_no_recording_is_blamed_where_supervisors_are_killed_again_and_again(
    pool: Supervised, tmp_path: Path
) -> None:
    """Something on the node kills them: the next run draws what they had in flight."""
    with_in_flight(pool, 1, items(synthetic(tmp_path / "in", 4, duration=LONG)))
    for _ in range(MOST_FRUITLESS - 1):
        before = pool.supervisor
        pool.kill_supervisor()
        # Each of them takes a recording along that is tried alone, if it was not given up.
        taken = pool.until(lambda before=before: pool.supervisor != before and bool(pool.noted()))  # type: ignore[misc]
        assert taken == []
    pool.kill_supervisor()
    with pytest.raises(LostSupervisorError, match="again and again"):
        pool.rest()


@pytest.mark.slow
def test_the_only_recording_that_is_left_is_blamed_at_once(
    pool: Supervised, tmp_path: Path
) -> None:
    with_in_flight(pool, 1, items(synthetic(tmp_path / "in", 2, duration=LONG)))
    first = pool.supervisor
    pool.kill_supervisor()
    pool.until(lambda: pool.supervisor != first and bool(pool.noted()))
    pool.kill_supervisor()
    assert [result.failed for result in pool.rest()] == [True]


def test_supervisors_that_are_killed_before_anything_is_drawn_end_the_job(
    pool: Supervised, tmp_path: Path
) -> None:
    pool.begin_with(1)
    pool.give(items(synthetic(tmp_path / "in", 2)))
    for number in range(1, MOST_FRUITLESS):
        pool.kill_supervisor()
        assert pool.until(lambda number=number: pool.supervisors_lost == number) == []  # type: ignore[misc]
    pool.kill_supervisor()
    with pytest.raises(LostSupervisorError, match="SIGKILL, again and again: was it") as caught:
        pool.rest()
    assert caught.value.exit_status is not ExitStatus.COMPLETE
    assert str(caught.value).count("un the same command again") == 1


def test_a_supervisor_that_ends_by_itself_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    pool = Supervised(tmp_path)
    with pytest.raises(LostSupervisorError, match="ended with exit status 1: was it"):
        list(pool.take(5.0))
    assert pool.supervisors_lost == 1
    pool.end()


def test_a_supervisor_that_is_killed_while_the_job_drains_is_not_replaced(
    pool: Supervised, tmp_path: Path
) -> None:
    with_in_flight(pool, 1, items(synthetic(tmp_path / "in", 4)))
    first = pool.supervisor
    pool.drain()
    pool.kill_supervisor()
    assert pool.rest() == []
    assert pool.supervisor == first
    # The rank may have turns to come, for shards that are being finished.
    begun = time.monotonic()
    assert list(pool.take(0.2)) == []
    assert time.monotonic() - begun >= 0.2
    assert pool.supervisors_lost == 1
