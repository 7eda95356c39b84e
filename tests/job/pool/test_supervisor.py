"""Real workers, really killed: what a loss costs, and what it does not."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ecgmpi.corpus.item import Item
from ecgmpi.errors import JobError
from ecgmpi.job.pool.messages import JobSpec, StartWorkers
from ecgmpi.job.pool.pool import WorkerPool
from ecgmpi.options.rendering import Rendering
from ecgmpi.results.result import Result
from tests.corpora import synthetic
from tests.outputs import assert_same, contents, n_journaled, run_json
from tests.processes import QUICK, ecgmpi, run_ecgmpi, started


def items(corpus: Path) -> list[Item]:
    return [
        Item(k, path.stem, path.name, str(path))
        for k, path in enumerate(sorted(corpus.glob("*.mat")))
    ]


class Watched(WorkerPool):
    """The workers of a rank, and what a fault injector needs to know of them."""

    def children(self, parent: int | None = None) -> list[int]:
        """Process ids of the children of the supervisor: its workers."""
        parent = parent or self._process.pid
        listing = Path(f"/proc/{parent}/task/{parent}/children").read_text()
        return [int(pid) for pid in listing.split()]

    def worker(self, other_than: int = 0) -> int:
        """A worker, as soon as there is one."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if found := [pid for pid in self.children() if pid != other_than]:
                return found[0]
            time.sleep(0.001)
        raise AssertionError("no worker was started")

    def all(self) -> list[Result]:
        """Every result that is due, by index."""
        results: list[Result] = []
        until = time.monotonic() + 60
        while self.in_flight and time.monotonic() < until:
            results.extend(self.take(1.0))
        return sorted(results, key=lambda result: result.index)


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[Watched]:
    with watched(tmp_path / "out", timeout=2.0) as pool:
        yield pool


@contextmanager
def watched(out: Path, timeout: float) -> Iterator[Watched]:
    out.mkdir()
    pool = Watched(JobSpec(Rendering(dpi=60.0), out, "files", timeout=timeout))
    try:
        yield pool
    finally:
        pool.end()


def test_results_come_back_for_all(pool: Watched, tmp_path: Path) -> None:
    work = items(synthetic(tmp_path / "in", 9))
    pool.ranks_ready()
    pool.begin(StartWorkers(3))
    pool.give(work)
    results = pool.all()
    assert [result.index for result in results] == list(range(9))
    assert not any(result.failed for result in results)
    assert len(pool.children()) == 3


def test_a_worker_killed_in_mid_run_costs_nothing(pool: Watched, tmp_path: Path) -> None:
    work = items(synthetic(tmp_path / "in", 30))
    pool.ranks_ready()
    pool.begin(StartWorkers(2))
    pool.give(work)
    os.kill(pool.worker(), signal.SIGKILL)
    results = pool.all()
    assert [result.index for result in results] == list(range(30))
    assert not any(result.failed for result in results)


@pytest.mark.slow
def test_a_recording_that_kills_twice_fails_and_no_other(tmp_path: Path) -> None:
    # Long enough to be killed over, at any speed of the machine.
    work = items(synthetic(tmp_path / "in", 4, duration=400.0))
    # None of them may take too long for a busy machine, either: that is another failure.
    with watched(tmp_path / "out", timeout=120.0) as pool:
        pool.ranks_ready()
        pool.begin(StartWorkers(1))
        pool.give(work[:1])
        assert not pool.all()[0].failed
        first = pool.worker()
        # Stopped, it surely still holds what it is given next when it is killed.
        os.kill(first, signal.SIGSTOP)
        pool.give(work[1:])
        os.kill(first, signal.SIGKILL)
        second = pool.worker(other_than=first)
        os.kill(second, signal.SIGKILL)
        results = pool.all()
    assert [result.index for result in results] == [1, 2, 3]
    assert [result.failed for result in results] == [True, False, False]
    assert results[0].recording["class"] == "crashed: SIGKILL"
    assert "SIGKILL, twice" in results[0].recording["message"]
    assert not (tmp_path / "out" / "images" / "SYN000002").exists()


@pytest.mark.slow
def test_a_worker_that_hangs_is_given_up_on(pool: Watched, tmp_path: Path) -> None:
    work = items(synthetic(tmp_path / "in", 6))
    pool.ranks_ready()
    pool.begin(StartWorkers(2))
    pool.give(work[:2])
    assert len(pool.all()) == 2
    # Stopped for good while idle: whatever it is given next hangs, and is tried again elsewhere.
    os.kill(pool.children()[0], signal.SIGSTOP)
    pool.give(work[2:])
    results = pool.all()
    assert [result.index for result in results] == [2, 3, 4, 5]
    assert not any(result.failed for result in results)


def test_workers_are_replaced_after_so_many_recordings(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    spec = JobSpec(Rendering(dpi=60.0), tmp_path / "out", "files", timeout=60.0, recycle_after=4)
    pool = Watched(spec)
    try:
        pool.ranks_ready()
        pool.begin(StartWorkers(1))
        workers = set()
        for item in items(synthetic(tmp_path / "in", 12)):
            pool.give([item])
            workers.add(pool.worker())
            assert not pool.all()[0].failed
        assert len(workers) == 3
        assert pool.lost == {}
    finally:
        pool.end()


def test_when_the_rank_is_killed_no_process_is_left(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 200)
    command = ecgmpi("render", corpus, "-o", tmp_path / "out", *QUICK, "--workers", "2")
    with started(command) as job:
        job.until(lambda: len(job.workers()) == 2, timeout=30)
        assert len(job.processes()) == 4
        job.signal(signal.SIGKILL)
        job.wait(10)
        job.until_over(10)


@pytest.mark.slow
def test_when_a_supervisor_is_killed_the_job_completes_in_the_same_run(tmp_path: Path) -> None:
    corpus, out = synthetic(tmp_path / "in", 150), tmp_path / "out"
    with started(ecgmpi("render", corpus, "-o", out, *QUICK, "--workers", "1")) as job:
        job.until(lambda: n_journaled(out) >= 3)
        job.signal(signal.SIGKILL, job.supervisors()[0])
        ended = job.wait(60).expect(0)
        job.until_over()
    assert ended.complaints == []
    assert [facts["supervisors_lost"] for facts in run_json(out)["ranks"]] == [1]
    undisturbed = tmp_path / "undisturbed"
    run_ecgmpi("render", corpus, "-o", undisturbed, *QUICK).expect(0)
    assert_same(contents(out), contents(undisturbed))


def test_a_supervisor_that_cannot_start_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(JobError, match="ended with exit status 1"):
        _use(JobSpec(Rendering(), tmp_path, "files", 1.0))


def _use(spec: JobSpec) -> None:
    # When it is noticed depends on how fast the process ends.
    pool = WorkerPool(spec)
    try:
        pool.ranks_ready()
        pool.begin(StartWorkers(1))
        list(pool.take(5.0))
    finally:
        pool.end()
