"""OUT full, read-only, moved away or taken over while the job runs: one line, nothing torn."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ecgmpi.outdir.lease import EXPIRES
from tests.mpi.flavours import Flavour
from tests.outputs import assert_same, contents, half_written, n_journaled
from tests.processes import QUICK, Ended, Running, ecgmpi, run, started
from tests.unprivileged import obedient, open_folder

RANKS = [0, pytest.param(3, marks=[pytest.mark.mpi, pytest.mark.slow])]


def _command(ranks: int, launcher: Flavour, *arguments: object) -> list[object]:
    """``ecgmpi`` on so many ranks; without MPI for 0."""
    return launcher.command(ranks, *arguments) if ranks else ecgmpi(*arguments)


def _one_line(ended: Ended) -> str:
    """The message that says why the job could not continue: one line, and no traceback."""
    ended.expect(1)
    assert len(ended.complaints) == 1, ended.err
    assert "Traceback" not in ended.err
    return ended.complaints[0]


def _goes_on(command: Sequence[object], out: Path, whole: dict[str, str]) -> None:
    run(command).expect(0)
    assert_same(contents(out), whole)
    assert half_written(out) == []


@contextlib.contextmanager
def _mounted(place: Path, *options: str) -> Iterator[Path]:
    """A filesystem of its own at `place`, while the block runs."""
    if os.geteuid() != 0:
        pytest.skip("mounting a filesystem takes root")
    place.mkdir()
    subprocess.run(["mount", *options, place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("ranks", RANKS)
def test_out_that_is_moved_away(
    ranks: int, launcher: Flavour, many: Path, alone_many: dict[str, str], tmp_path: Path
) -> None:
    out, away = tmp_path / "OUT", tmp_path / "away"
    command = _command(ranks, launcher, "render", many, "-o", out, *QUICK)
    with started(command) as job:
        job.until(lambda: n_journaled(out) >= 3)
        out.rename(away)
        line = _one_line(job.wait(30))
        job.until_over()
    assert "below OUT: No such file or directory; check that OUT exists" in line
    assert not out.exists()
    away.rename(out)
    _goes_on(command, out, alone_many)


@pytest.mark.slow
@pytest.mark.parametrize("ranks", RANKS)
def test_out_that_may_not_be_written_to_any_more(
    ranks: int, launcher: Flavour, many: Path, alone_many: dict[str, str]
) -> None:
    with open_folder() as top:
        out = top / "OUT"
        command = _command(ranks, launcher, "render", many, "-o", out, *QUICK)
        with started([*obedient(), *command]) as job:
            job.until(lambda: n_journaled(out) >= 3)
            (out / "images").chmod(0o555)
            line = _one_line(job.wait(30))
            job.until_over()
        assert "Permission denied; allow writing there" in line
        (out / "images").chmod(0o755)
        _goes_on(command, out, alone_many)


def test_a_filesystem_that_is_read_only_from_the_start(many: Path, tmp_path: Path) -> None:
    out = tmp_path / "there" / "OUT"
    command = ecgmpi("render", many, "-o", out, *QUICK)
    with _mounted(tmp_path / "there", "-t", "tmpfs", "-o", "ro", "none"):
        line = _one_line(run(command))
        assert "Read-only file system; give a writable folder with -o" in line


@pytest.mark.slow
@pytest.mark.parametrize("ranks", RANKS)
@pytest.mark.parametrize(
    ("what", "little", "enough"),
    [
        ("room", "size=600k", "size=40m"),
        pytest.param("names", "nr_inodes=300", "nr_inodes=4000", marks=pytest.mark.slow),
    ],
)
def test_a_filesystem_that_is_full(
    what: str,
    little: str,
    enough: str,
    ranks: int,
    launcher: Flavour,
    many: Path,
    alone_many: dict[str, str],
    tmp_path: Path,
) -> None:
    small = tmp_path / "small"
    out = small / "OUT"
    command = _command(ranks, launcher, "render", many, "-o", out, *QUICK)
    with _mounted(small, "-t", "tmpfs", "-o", little, "none"):
        for _ in range(2):
            line = _one_line(run(command))
            assert "No space left on device" in line or "disk is full" in line
            assert half_written(out) == []
        subprocess.run(["mount", "-o", f"remount,{enough}", small], check=True)
        _goes_on(command, out, alone_many)


@pytest.mark.slow
def test_a_job_that_was_suspended_leaves_out_to_the_one_that_took_it_over(
    many: Path, alone_many: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    command = ecgmpi("render", many, "-o", out, *QUICK, "--workers", "1")
    with started(command) as job:
        job.until(lambda: n_journaled(out) >= 3)
        _all(job, signal.SIGSTOP)
        start = time.monotonic()
        second = run(command, timeout=120).expect(0)
        assert time.monotonic() - start > EXPIRES
        (line,) = second.complaints
        assert f"process {job.pid} on {os.uname().nodename}, since 20" in line
        assert "waiting up to 45 s" in line
        after = _written(out)
        _all(job, signal.SIGCONT)
        line = _one_line(job.wait(20))
        job.until_over()
    assert "was taken over by a job that has ended while this one stalled for" in line
    assert "this job stops and leaves OUT as it is" in line
    assert _written(out) == after
    _goes_on(command, out, alone_many)


def _written(out: Path) -> dict[Path, int]:
    """When each file but the pictures was written last."""
    found = [path for path in out.rglob("*") if path.is_file() and path.suffix != ".png"]
    return {path: path.stat().st_mtime_ns for path in found}


def _all(job: Running, number: int) -> None:
    for pid in job.processes():
        job.signal(number, pid)
