"""Shards, their indexes and the manifest are the same bytes, whoever makes them."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.corpora import BAD
from tests.mpi.flavours import Flavour
from tests.outputs import assert_same, contents, journaled, n_journaled, run_json, shards
from tests.processes import QUICK, run

pytestmark = pytest.mark.mpi

A_SHARD = 2
"""Recordings of a shard; the last one of 41 has fewer."""

ENDINGS = {"tar": "tar", "hdf5": "h5"}


@dataclass(frozen=True, slots=True)
class Packed:
    """A job on `mixed41`, and what one process with one worker makes of it."""

    options: tuple[str, ...]
    alone: dict[str, str]


# One of each stands for all in the quick tests.
@pytest.fixture(scope="module", params=["tar", pytest.param("hdf5", marks=pytest.mark.slow)])
def packed(
    request: pytest.FixtureRequest,
    mixed41: Path,
    ecgmpi: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Packed:
    beside = ("--annotate", "lines", "--mask")
    options = (*QUICK, "--pack", request.param, "--shard-recordings", str(A_SHARD), *beside)
    out = tmp_path_factory.mktemp("packed") / "OUT"
    run([ecgmpi, "render", mixed41, "-o", out, *options, "--workers", "1"]).expect(3)
    assert len(shards(out, ENDINGS[request.param])) >= (41 - len(BAD)) / A_SHARD
    return Packed(options, contents(out))


@pytest.mark.parametrize(
    "ranks", [pytest.param(number, marks=pytest.mark.slow) for number in (1, 2)] + [4]
)
def test_shards_on_ranks(
    mpi: Flavour, ranks: int, packed: Packed, mixed41: Path, tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    ended = mpi.run(ranks, "render", mixed41, "-o", out, *packed.options).expect(3)
    assert ended.complaints == []
    assert_same(contents(out), packed.alone)
    assert sorted(chunk for of_rank in journaled(out).values() for chunk in of_rank) == [
        *range(-(-41 // A_SHARD))
    ]


@pytest.mark.slow
def test_shards_of_a_job_that_was_stopped_and_resumed(
    mpi: Flavour, packed: Packed, mixed41: Path, tmp_path: Path
) -> None:
    """By other ranks than those that began, each with a folder of its node for scratch."""
    out, scratch = tmp_path / "OUT", tmp_path / "scratch"
    scratch.mkdir()
    command = ("render", mixed41, "-o", out, *packed.options, "--scratch", scratch)
    with mpi.started(2, *command, "--workers", "1") as job:
        job.until(lambda: n_journaled(out) >= 2)
        job.signal(signal.SIGUSR1, job.ranks()[1])
        job.wait(60).expect(75)
        job.until_over()
    assert 2 <= n_journaled(out) < 41 // A_SHARD
    mpi.run(4, *command).expect(3)
    assert_same(contents(out), packed.alone)
    assert len(run_json(out)["ranks"]) == 4
    assert list(scratch.iterdir()) == []
