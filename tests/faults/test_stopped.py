"""Stopped by a signal or killed in mid-run, the same command resumes to the same bytes."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from ecgmpi.atomic import temporary_of
from ecgmpi.ecg.synthetic import write_corpus
from ecgmpi.job.comm.heartbeat import RANK_TIMEOUT
from ecgmpi.job.handshake import DRAIN_FOR
from tests.corpora import synthetic
from tests.mpi.flavours import Flavour
from tests.outputs import (
    assert_same,
    contents,
    half_written,
    journaled,
    manifest,
    n_journaled,
    run_json,
)
from tests.processes import QUICK, Running, run, started

STOPS = [
    signal.SIGTERM,
    pytest.param(signal.SIGINT, marks=pytest.mark.slow),
    pytest.param(signal.SIGUSR1, marks=pytest.mark.slow),
]


def _some_done(job: Running, out: Path) -> None:
    job.until(lambda: n_journaled(out) >= 3)


def _stopped(out: Path, name: str) -> None:
    """OUT holds what was done and nothing torn, and says that it is not all."""
    facts = run_json(out)
    assert facts["status"] == 75
    assert facts["stopped_by"] == name
    assert 3 <= facts["recordings"] < facts["expected"] == 150
    rows = manifest(out)
    assert len(rows) == facts["recordings"]
    # No recording was called failed because the job was stopped.
    assert {row["status"] for row in rows} == {"drawn"}
    assert half_written(out) == []
    for row in rows:
        assert len(list((out / "images" / row["name"]).glob("*.png"))) == 12


def _finish(command: list[object], out: Path, whole: dict[str, str]) -> None:
    """The same command once more: what is done is not drawn again, the bytes are the same."""
    before = n_journaled(out)
    drawn = {path: path.stat().st_mtime_ns for path in _pictures_of_journal(out)}
    ended = run(command).expect(0)
    assert f"this run: {150 - before} in" in ended.out
    assert_same(contents(out), whole)
    assert {path: path.stat().st_mtime_ns for path in drawn} == drawn
    chunks = sorted(chunk for done in journaled(out).values() for chunk in done)
    assert chunks == list(range(150))
    assert half_written(out) == []


def _pictures_of_journal(out: Path) -> list[Path]:
    # One recording a chunk, in the order of names: SYN000001 is chunk 0.
    done = [chunk for chunks in journaled(out).values() for chunk in chunks]
    return [
        path for chunk in done for path in (out / "images" / f"SYN{chunk + 1:06d}").glob("*.png")
    ]


@pytest.mark.parametrize("number", STOPS, ids=lambda number: number.name)
def test_signal_without_mpi(
    number: signal.Signals, many: Path, alone_many: dict[str, str], ecgmpi: Path, tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    command: list[object] = [ecgmpi, "render", many, "-o", out, *QUICK]
    with started(command) as job:
        _some_done(job, out)
        job.signal(number)
        ended = job.wait(10).expect(75)
        job.until_over()
    assert f"stopped by {number.name}" in ended.out
    assert "run the same command again" in ended.out
    assert ended.complaints == []
    _stopped(out, number.name)
    _finish(command, out, alone_many)


@pytest.mark.slow
def test_ctrl_c_on_a_terminal_reaches_every_process(
    many: Path, alone_many: dict[str, str], ecgmpi: Path, tmp_path: Path
) -> None:
    """A terminal signals the whole group: workers and their supervisor, too."""
    out = tmp_path / "OUT"
    command: list[object] = [ecgmpi, "render", many, "-o", out, *QUICK]
    with started(command) as job:
        _some_done(job, out)
        for pid in job.processes():
            job.signal(signal.SIGINT, pid)
        ended = job.wait(10).expect(75)
    assert ended.complaints == []
    _stopped(out, "SIGINT")
    _finish(command, out, alone_many)


@pytest.mark.slow
@pytest.mark.parametrize("number", [*STOPS, signal.SIGHUP], ids=lambda number: number.name)
def test_signal_to_the_keeper_of_the_workers_as_it_starts(
    number: signal.Signals, many: Path, alone_many: dict[str, str], ecgmpi: Path, tmp_path: Path
) -> None:
    """Whole groups are signalled; what is to be done about it is for the rank to say."""
    with started([ecgmpi, "render", many, "-o", tmp_path / "OUT", *QUICK]) as job:
        job.until(lambda: bool(job.supervisors()))
        job.signal(number, job.supervisors()[0])
        assert job.wait(60).expect(0).complaints == []
    assert_same(contents(tmp_path / "OUT"), alone_many)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "times"),
    [((), 1), ((), 2), (("--layout", "3x4"), 1)],
    ids=["strips", "strips at once", "pages"],
)
def test_what_a_worker_was_writing_when_the_job_ended_is_taken_away(
    options: tuple[str, ...], times: int, ecgmpi: Path, tmp_path: Path
) -> None:
    """No process reads the pipe that has the temporary name: the worker stays in mid-write."""
    out = tmp_path / "OUT"
    corpus = synthetic(tmp_path / "in", 3)
    command: list[object] = [ecgmpi, "render", corpus, "-o", out, *options, *QUICK]
    run(command).expect(0)
    whole = contents(out)
    picture = max(out.rglob("*SYN000002*.png"))
    kept = sorted(set(out.rglob("*.png")) - {picture})
    picture.unlink()
    os.mkfifo(temporary_of(str(picture)))
    with started([*command, "--workers", "1"]) as job:
        job.until(lambda: bool(job.workers()))
        # For it to come to the pipe.
        time.sleep(1)
        start = time.monotonic()
        for _ in range(times):
            job.signal(signal.SIGINT)
            time.sleep(0.2)
        job.wait(10).expect(75)
        # The second Ctrl-C does not wait for what is in flight.
        assert times == 1 or time.monotonic() - start < DRAIN_FOR
        job.until_over()
    assert half_written(out) == []
    assert sorted(out.rglob("*.png")) == kept
    run(command).expect(0)
    assert_same(contents(out), whole)


@pytest.mark.slow
@pytest.mark.mpi
@pytest.mark.parametrize("number", STOPS, ids=lambda number: number.name)
@pytest.mark.parametrize("rank", [0, 1])
def test_signal_to_a_rank(
    number: signal.Signals,
    rank: int,
    launcher: Flavour,
    many: Path,
    alone_many: dict[str, str],
    tmp_path: Path,
) -> None:
    out = tmp_path / "OUT"
    command = launcher.command(2, "render", many, "-o", out, *QUICK)
    with started(command) as job:
        _some_done(job, out)
        job.signal(number, job.ranks()[rank])
        ended = job.wait(10).expect(75)
        job.until_over()
    assert ended.out.count(f"stopped by {number.name}") == 1
    _stopped(out, number.name)
    _finish(command, out, alone_many)


@pytest.mark.slow
@pytest.mark.mpi
@pytest.mark.parametrize("number", STOPS, ids=lambda number: number.name)
@pytest.mark.parametrize("rank", [0, 2])
def test_signal_to_a_rank_while_no_worker_answers(
    number: signal.Signals,
    rank: int,
    launcher: Flavour,
    many: Path,
    alone_many: dict[str, str],
    tmp_path: Path,
) -> None:
    out = tmp_path / "OUT"
    command = launcher.command(3, "render", many, "-o", out, *QUICK, "--workers", "2")
    with started(command) as job:
        job.until(lambda: n_journaled(out) >= 3 and len(job.workers()) == 6)
        for worker in job.workers():
            job.signal(signal.SIGSTOP, worker)
        job.signal(number, job.ranks()[rank])
        job.wait(10).expect(75)
        job.until_over()
    _stopped(out, number.name)
    _finish(command, out, alone_many)


@pytest.mark.slow
@pytest.mark.mpi
@pytest.mark.parametrize("who", ["mpirun", "rank 0", "rank 1"])
def test_a_second_ctrl_c_ends_all_ranks_at_once(
    who: str, launcher: Flavour, many: Path, alone_many: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    command = launcher.command(2, "render", many, "-o", out, *QUICK, "--workers", "1")
    with started(command) as job:
        job.until(lambda: n_journaled(out) >= 3 and len(job.workers()) == 2)
        for worker in job.workers():
            job.signal(signal.SIGSTOP, worker)
        pid = job.pid if who == "mpirun" else job.ranks()[int(who[-1])]
        start = time.monotonic()
        for _ in range(2):
            job.signal(signal.SIGINT, pid)
            time.sleep(0.5)
        job.wait(10)
        # Workers that are stopped would hold up the end of a drain for longer.
        assert time.monotonic() - start < DRAIN_FOR
        job.until_over()
    _finish(command, out, alone_many)


@pytest.mark.slow
@pytest.mark.mpi
@pytest.mark.parametrize("number", STOPS[:2], ids=lambda number: number.name)
def test_signal_to_the_launcher(
    number: signal.Signals,
    launcher: Flavour,
    many: Path,
    alone_many: dict[str, str],
    tmp_path: Path,
) -> None:
    """MPICH's mpirun passes it on to every rank."""
    out = tmp_path / "OUT"
    command = launcher.command(2, "render", many, "-o", out, *QUICK)
    with started(command) as job:
        _some_done(job, out)
        job.signal(number)
        job.wait(10).expect(75)
        job.until_over()
    _stopped(out, number.name)
    _finish(command, out, alone_many)


@pytest.mark.slow
@pytest.mark.mpi
@pytest.mark.parametrize("rank", [pytest.param(0, marks=pytest.mark.slow), 1])
def test_a_rank_is_killed(
    rank: int, launcher: Flavour, many: Path, alone_many: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    command = launcher.command(2, "render", many, "-o", out, *QUICK)
    with started(command) as job:
        job.until(lambda: len(journaled(out).get(rank, [])) > 0)
        lost = job.ranks()[rank]
        job.signal(signal.SIGKILL, lost)
        ended = job.wait(10)
        assert ended.status not in (0, 3, 75)
        # MPICH ends the others at once. It is its launcher that can still say where something
        # was lost; of several that ended together it may name another.
        assert f"RUNNING AT {socket.gethostname()}" in ended.out + ended.err
        # Workers end with their rank, however it ends.
        job.until_over()
    _finish(command, out, alone_many)


@pytest.mark.slow
@pytest.mark.mpi
@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_that_stands_still_is_not_waited_for_for_ever(
    rank: int, launcher: Flavour, many: Path, alone_many: dict[str, str], tmp_path: Path
) -> None:
    """What the launcher does not see: the process is there, and does nothing any more."""
    out = tmp_path / "OUT"
    command = launcher.command(3, "render", many, "-o", out, *QUICK, "--workers", "1")
    with started(command, {RANK_TIMEOUT: "6"}) as job:
        _some_done(job, out)
        job.signal(signal.SIGSTOP, job.ranks()[rank])
        ended = job.wait(60)
        # What it is depends on the launcher, which ends the one that is left.
        assert ended.status not in (0, 3)
        said = f"rank {rank} on {socket.gethostname()} is lost: it has sent no message for 6 s"
        assert said in ended.complaints[0]
        # Rank 0 has its verdict below what the launcher prints, too.
        assert len(ended.complaints) == 1 + (rank != 0), ended.err
        assert all("run the same command again" in line for line in ended.complaints)
        job.until_over()
    _finish(command, out, alone_many)


@pytest.mark.slow
@pytest.mark.mpi
def test_the_launcher_is_killed(
    launcher: Flavour, many: Path, alone_many: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    command = launcher.command(2, "render", many, "-o", out, *QUICK)
    with started(command) as job:
        _some_done(job, out)
        job.signal(signal.SIGKILL)
        job.wait(10).expect(-signal.SIGKILL)
        job.until_over(10)
    _finish(command, out, alone_many)


def test_the_whole_job_is_killed(
    many: Path, alone_many: dict[str, str], ecgmpi: Path, tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    command: list[object] = [ecgmpi, "render", many, "-o", out, *QUICK]
    for share in (10, 60):
        with started(command) as job:
            job.until(lambda: n_journaled(out) >= share)  # noqa: B023 - called at once
            job.clear()
    _finish(command, out, alone_many)


def test_a_worker_is_killed(
    many: Path, alone_many: dict[str, str], ecgmpi: Path, tmp_path: Path
) -> None:
    """What it had in flight is retried: nothing is lost, nothing has failed."""
    out = tmp_path / "OUT"
    with started([ecgmpi, "render", many, "-o", out, *QUICK, "--workers", "2"]) as job:
        for share in (3, 30, 60):
            job.until(lambda: n_journaled(out) >= share)  # noqa: B023 - called at once
            job.until(lambda: bool(job.workers()))
            job.signal(signal.SIGKILL, job.workers()[0])
        job.wait(60).expect(0)
    assert_same(contents(out), alone_many)


@pytest.mark.slow
def test_a_worker_is_stopped(
    many: Path, alone_many: dict[str, str], ecgmpi: Path, tmp_path: Path
) -> None:
    """It times out like any other worker, and what it had in flight is retried."""
    out = tmp_path / "OUT"
    command = [ecgmpi, "render", many, "-o", out, *QUICK, "--workers", "2", "--timeout", "4"]
    with started(command) as job:
        _some_done(job, out)
        job.signal(signal.SIGSTOP, job.workers()[0])
        assert job.wait(60).expect(0).complaints == []
        job.until_over()
    assert sum(run_json(out)["ranks"][0]["workers_lost"].values()) >= 1
    assert_same(contents(out), alone_many)


@pytest.mark.slow
@pytest.mark.mpi
@pytest.mark.parametrize("ranks", [1, 3])
def test_supervisors_are_killed(
    ranks: int, launcher: Flavour, ecgmpi: Path, tmp_path: Path
) -> None:
    """Of rank 0 and others, in turn: each is replaced, and the job ends complete in one run."""
    # So many that others do not draw them all before one is replaced.
    crowd, out, alone = (tmp_path / name for name in ("crowd", "OUT", "alone"))
    write_corpus(crowd, 500, duration=3)
    run([ecgmpi, "render", crowd, "-o", alone, *QUICK]).expect(0)
    command = launcher.command(ranks, "render", crowd, "-o", out, *QUICK, "--workers", "1")
    with started(command) as job:
        for share in (3, 60, 120, 180):
            job.until(lambda: n_journaled(out) >= share)  # noqa: B023 - called at once
            job.until(lambda: len(job.supervisors()) == ranks)
            job.signal(signal.SIGKILL, job.supervisors()[share % ranks])
        assert job.wait(60).expect(0).complaints == []
        job.until_over()
    assert sum(rank["supervisors_lost"] for rank in run_json(out)["ranks"]) == 4
    assert_same(contents(out), contents(alone))
    assert not list((out / ".ecgmpi").rglob("*.attempts"))


@pytest.mark.slow
def test_supervisors_that_are_killed_again_and_again_end_the_job(
    many: Path, alone_many: dict[str, str], ecgmpi: Path, tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    command: list[object] = [ecgmpi, "render", many, "-o", out, *QUICK]
    with started(command) as job:
        _some_done(job, out)
        killed: set[int] = set()
        while not job.ended:
            for pid in set(job.supervisors()) - killed:
                killed.add(pid)
                job.signal(signal.SIGKILL, pid)
            time.sleep(0.05)
        ended = job.wait(10).expect(1)
        assert len(ended.complaints) == 1, ended.err
        assert "ended with SIGKILL, again and again" in ended.complaints[0]
        job.until_over()
    _finish(command, out, alone_many)
