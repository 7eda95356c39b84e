"""Real workers, really killed: what a loss costs, and what it does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecgmpi.errors import JobError
from ecgmpi.job.brief import Brief
from ecgmpi.job.catalogue import Item
from ecgmpi.job.hands import Hands
from ecgmpi.job.rows import Result
from ecgmpi.options import Rendering

from .corpora import synthetic


def items(corpus: Path) -> list[Item]:
    return [
        Item(k, path.stem, path.name, str(path))
        for k, path in enumerate(sorted(corpus.glob("*.mat")))
    ]


class Running(Hands):
    """The hands of a rank, and what a fault injector needs to know of them."""

    def children(self, parent: int | None = None) -> list[int]:
        """Processes of the crew: its workers."""
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
        while self.in_hand and time.monotonic() < until:
            results.extend(self.take(1.0))
        return sorted(results, key=lambda result: result.index)


@pytest.fixture
def hands(tmp_path: Path) -> Iterator[Running]:
    (tmp_path / "out").mkdir()
    brief = Brief(Rendering(dpi=60.0), tmp_path / "out", "files", timeout=2.0)
    running = Running(brief)
    yield running
    running.end()


def test_results_come_back_for_all(hands: Running, tmp_path: Path) -> None:
    work = items(synthetic(tmp_path / "in", 9))
    hands.met()
    hands.begin(3)
    hands.give(work)
    results = hands.all()
    assert [result.index for result in results] == list(range(9))
    assert not any(result.failed for result in results)
    assert len(hands.children()) == 3


def test_a_worker_killed_in_mid_run_costs_nothing(hands: Running, tmp_path: Path) -> None:
    work = items(synthetic(tmp_path / "in", 30))
    hands.met()
    hands.begin(2)
    hands.give(work)
    os.kill(hands.worker(), signal.SIGKILL)
    results = hands.all()
    assert [result.index for result in results] == list(range(30))
    assert not any(result.failed for result in results)


def test_a_recording_that_kills_twice_fails_and_no_other(hands: Running, tmp_path: Path) -> None:
    # Long enough to be killed over, at any speed of the machine.
    work = items(synthetic(tmp_path / "in", 4, duration=400.0))
    hands.met()
    hands.begin(1)
    hands.give(work[:1])
    assert not hands.all()[0].failed
    first = hands.worker()
    # Stopped, it surely still holds what it is given next when it is killed.
    os.kill(first, signal.SIGSTOP)
    hands.give(work[1:])
    os.kill(first, signal.SIGKILL)
    second = hands.worker(other_than=first)
    os.kill(second, signal.SIGKILL)
    results = hands.all()
    assert [result.index for result in results] == [1, 2, 3]
    assert [result.failed for result in results] == [True, False, False]
    assert results[0].recording["class"] == "crashed"
    assert "SIGKILL, twice" in results[0].recording["message"]
    assert not (tmp_path / "out" / "images" / "SYN000002").exists()


def test_a_worker_that_hangs_is_given_up_on(hands: Running, tmp_path: Path) -> None:
    work = items(synthetic(tmp_path / "in", 6))
    hands.met()
    hands.begin(2)
    hands.give(work[:2])
    assert len(hands.all()) == 2
    # Stopped for good while idle: whatever it is given next hangs, and is tried again elsewhere.
    os.kill(hands.children()[0], signal.SIGSTOP)
    hands.give(work[2:])
    results = hands.all()
    assert [result.index for result in results] == [2, 3, 4, 5]
    assert not any(result.failed for result in results)


def test_when_the_rank_is_killed_nobody_is_left(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 200)
    command = [sys.executable, "-m", "ecgmpi", "render", str(corpus), "-o", str(tmp_path / "out")]
    job = subprocess.Popen([*command, "--dpi", "60", "--workers", "2"], start_new_session=True)
    descendants: list[int] = []
    until = time.monotonic() + 30
    while len(descendants) < 3 and time.monotonic() < until:
        descendants = _descendants(job.pid)
        time.sleep(0.005)
    job.kill()
    job.wait()
    assert len(descendants) == 3
    until = time.monotonic() + 10
    while any(map(_alive, descendants)) and time.monotonic() < until:
        time.sleep(0.01)
    assert not [pid for pid in descendants if _alive(pid)]


def test_when_the_crew_is_killed_the_job_stops_with_one_line_and_goes_on(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 150)
    command = [sys.executable, "-m", "ecgmpi", "render", str(corpus), "-o", str(tmp_path / "out")]
    command += ["--dpi", "60", "--workers", "1", "--progress", "none"]
    job = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 30
    while len(_descendants(job.pid)) < 2 and time.monotonic() < until:
        time.sleep(0.005)
    os.kill(_descendants(job.pid)[0], signal.SIGKILL)
    _, said = job.communicate(timeout=30)
    assert job.returncode == 1
    assert "the process that keeps the workers on" in said
    assert len(said.splitlines()) == 1
    assert subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode == 0


def test_a_crew_that_cannot_start_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(JobError, match="ended by itself \\(status 1\\)"):
        _use(Brief(Rendering(), tmp_path, "files", 1.0))


def _use(brief: Brief) -> None:
    # When it is noticed depends on how fast the process ends.
    hands = Hands(brief)
    try:
        hands.met()
        hands.begin(1)
        list(hands.take(5.0))
    finally:
        hands.end()


def _descendants(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    found = [int(child) for child in children]
    return found + [grandchild for child in found for grandchild in _descendants(child)]


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
