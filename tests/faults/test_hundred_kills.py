"""The hundred kills, here some of them: `tests.faults.hundred_kills` does them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.hundred_kills import hundred_kills
from tests.mpi.flavours import MissingError

KILLS = {"files": 10, "tar": 4, "hdf5": 4}

WORN = ("--layout", "3x4+1", "--wear", "photo,scan-bw", "--annotate", "lines", "--mask")


@pytest.mark.slow
@pytest.mark.mpi
@pytest.mark.parametrize("pack", KILLS)
def test_whatever_is_killed_the_result_is_the_same(pack: str, tmp_path: Path) -> None:
    try:
        story = hundred_kills(tmp_path, KILLS[pack], seed=1, pack=pack)
    except MissingError as missing:
        pytest.skip(str(missing))
    assert story.kills == KILLS[pack]
    # Not only workers, whose loss the job survives.
    assert story.launches > story.jobs


@pytest.mark.slow
@pytest.mark.mpi
def test_whatever_is_killed_worn_copies_are_the_same(tmp_path: Path) -> None:
    try:
        story = hundred_kills(tmp_path, 3, seed=1, pack="tar", n=60, options=WORN)
    except MissingError as missing:
        pytest.skip(str(missing))
    assert story.kills == 3
    assert story.launches > story.jobs
