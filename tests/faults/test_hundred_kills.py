"""The hundred kills, here some of them: `tests.faults.hundred_kills` does them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.hundred_kills import hundred_kills
from tests.mpi.flavours import MissingError

KILLS = 10


@pytest.mark.slow
@pytest.mark.mpi
def test_whatever_is_killed_the_result_is_the_same(tmp_path: Path) -> None:
    try:
        story = hundred_kills(tmp_path, KILLS, seed=1)
    except MissingError as missing:
        pytest.skip(str(missing))
    assert story.kills == KILLS
    # Not only workers, whose loss the job survives.
    assert story.launches > story.jobs
