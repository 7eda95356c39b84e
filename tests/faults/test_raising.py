"""A mistake in the program itself, on one rank: all end at once, and one traceback says why."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.mpi.flavours import Flavour
from tests.outputs import assert_same, contents, half_written
from tests.processes import QUICK, run

RAISING = Path(__file__).parent / "raising"
MISTAKE = "RuntimeError: a mistake that nobody thought of"

# How MPICH's launcher says that a rank called MPI_Abort.
_OF_MPICH = ("application called MPI_Abort", "Abort(", "In: PMI_Abort")


@pytest.mark.mpi
@pytest.mark.parametrize("rank", [0, 1])
def test_one_rank_that_raises_ends_all_with_its_traceback_and_nothing_else(
    rank: int, launcher: Flavour, many: Path, alone_many: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    paths = os.pathsep.join(filter(None, [str(RAISING), os.environ.get("PYTHONPATH")]))
    command = launcher.command(3, "render", many, "-o", out, *QUICK)
    ended = run(command, {"PYTHONPATH": paths, "RAISING_RANK": str(rank)}, timeout=60)
    assert ended.status == 1
    assert ended.out == ""
    lines = [line for line in ended.err.splitlines() if not line.startswith(_OF_MPICH)]
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == MISTAKE
    assert all(line.startswith(" ") for line in lines[1:-1]), ended.err
    run(launcher.command(3, "render", many, "-o", out, *QUICK)).expect(0)
    assert_same(contents(out), alone_many)
    assert half_written(out) == []


def test_without_mpi_it_is_a_traceback_too(many: Path, ecgmpi: Path, tmp_path: Path) -> None:
    out = tmp_path / "OUT"
    paths = os.pathsep.join(filter(None, [str(RAISING), os.environ.get("PYTHONPATH")]))
    mistaken = {"PYTHONPATH": paths, "RAISING_RANK": "0", "PMI_RANK": "0"}
    ended = run([ecgmpi, "render", many, "-o", out, *QUICK], mistaken)
    assert ended.status == 1
    assert ended.err.count("Traceback") == 1
    assert ended.err.splitlines()[-1] == MISTAKE
    assert list((out / ".ecgmpi").glob("*.lease")) == []
