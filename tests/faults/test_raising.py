"""A mistake in the program itself, on one rank: all end at once, and one traceback says why."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.mpi.flavours import Flavour
from tests.outputs import assert_same, contents, half_written
from tests.processes import QUICK, Ended, run

RAISING = Path(__file__).parent / "raising"
MISTAKE = "RuntimeError: an unforeseen mistake"


def _is_one_traceback(ended: Ended) -> None:
    """Of ecgmpi there is nothing else; MPI's launcher may say that a rank aborted the job."""
    assert ended.complaints == ["Traceback (most recent call last):"], ended.err
    assert ended.err.splitlines().count(MISTAKE) == 1


@pytest.mark.slow
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
    assert "pictures" not in ended.out
    _is_one_traceback(ended)
    run(launcher.command(3, "render", many, "-o", out, *QUICK)).expect(0)
    assert_same(contents(out), alone_many)
    assert half_written(out) == []


def test_without_mpi_it_is_a_traceback_too(many: Path, ecgmpi: Path, tmp_path: Path) -> None:
    out = tmp_path / "OUT"
    paths = os.pathsep.join(filter(None, [str(RAISING), os.environ.get("PYTHONPATH")]))
    mistaken = {"PYTHONPATH": paths, "RAISING_RANK": "0", "PMI_RANK": "0"}
    ended = run([ecgmpi, "render", many, "-o", out, *QUICK], mistaken)
    assert ended.status == 1
    _is_one_traceback(ended)
    assert list((out / ".ecgmpi").glob("*.lease")) == []
