"""After trouble, the last line is a verdict of ecgmpi, below what the launcher prints."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from ecgmpi.cli import UNTOLD
from ecgmpi.ecg.synthetic import write_corpus
from tests.mpi.flavours import Flavour
from tests.outputs import n_journaled
from tests.processes import QUICK, Ended, run, started

pytestmark = pytest.mark.mpi


def in_one_stream(command: list[object]) -> list[object]:
    """A command whose standard error goes to standard output."""
    return ["bash", "-c", 'exec "$@" 2>&1', "bash", *command]


def after_a_kill(mpi: Flavour, rank: int, many: Path, out: Path) -> Ended:
    """How a job ends of which one rank is killed."""
    command = mpi.command(2, "render", many, "-o", out, *QUICK, "--workers", "1", "--no-report")
    with started(in_one_stream(command), mpi.environment) as job:
        job.until(lambda: n_journaled(out) >= 1)
        job.signal(signal.SIGKILL, job.ranks()[rank])
        ended = job.wait(30)
        job.until_over()
    return ended


@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_that_is_killed(mpich: Flavour, rank: int, many: Path, tmp_path: Path) -> None:
    ended = after_a_kill(mpich, rank, many, tmp_path / "OUT")
    assert "BAD TERMINATION" in ended.out
    assert ended.out.splitlines()[-1] == UNTOLD
    assert ended.out.count(UNTOLD) == 1


@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_of_open_mpi_that_is_killed(
    openmpi: Flavour, rank: int, many: Path, tmp_path: Path
) -> None:
    ended = after_a_kill(openmpi, rank, many, tmp_path / "OUT")
    assert "signal 9 (Killed)" in ended.out
    assert ended.out.splitlines()[-1] == UNTOLD
    assert ended.out.count(UNTOLD) == 1


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """A corpus of two, one of them bad."""
    write_corpus(tmp_path / "in", 1, duration=1)
    (tmp_path / "in" / "bad.mat").write_text("nothing")
    return tmp_path / "in"


def test_recordings_that_failed_under_open_mpi(openmpi: Flavour, bad: Path, tmp_path: Path) -> None:
    out = tmp_path / "OUT"
    command = in_one_stream(openmpi.command(2, "render", bad, "-o", out, *QUICK))
    said = run(command, openmpi.environment).expect(3).out.splitlines()
    assert any("non-zero status" in line for line in said)
    assert said[-1] == f"ecgmpi: 1 of 2 recordings failed: see {out}/failures.csv"


def test_words_that_make_no_sense_under_open_mpi(
    openmpi: Flavour, bad: Path, tmp_path: Path
) -> None:
    command = openmpi.command(2, "render", bad, "-o", tmp_path / "OUT", "--speed", "fast")
    said = run(in_one_stream(command), openmpi.environment).expect(2).out.splitlines()
    assert said[-1].startswith("ecgmpi render: error: argument --speed")


def test_nothing_is_repeated_where_the_launcher_prints_nothing(
    mpich: Flavour, bad: Path, tmp_path: Path
) -> None:
    ended = mpich.run(2, "render", bad, "-o", tmp_path / "OUT", *QUICK).expect(3)
    # MPI may write a line of its own, where the machine has no /sys.
    assert "ecgmpi" not in ended.err
