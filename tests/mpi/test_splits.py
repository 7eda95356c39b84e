"""Shards of splits are the same bytes, and in the same folders, whoever makes them."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.labels.corpora import write_table
from tests.mpi.flavours import Flavour
from tests.outputs import assert_same, contents, n_journaled, run_json
from tests.processes import QUICK, run

pytestmark = pytest.mark.mpi


@dataclass(frozen=True, slots=True)
class Divided:
    """A job on `mixed41`, and what one process with one worker makes of it."""

    options: tuple[object, ...]
    alone: dict[str, str]
    split: dict[str, object]


# One of each stands for all in the quick tests.
@pytest.fixture(scope="module", params=["tar", pytest.param("hdf5", marks=pytest.mark.slow)])
def divided(
    request: pytest.FixtureRequest,
    mixed41: Path,
    ecgmpi: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Divided:
    folder = tmp_path_factory.mktemp("divided")
    files = sorted(path for path in mixed41.rglob("*") if not path.is_dir())
    # One in five has no row; those that fail have one, too.
    names = [path.relative_to(mixed41).as_posix() for path in files]
    rows = [[name, k % 10] for k, name in enumerate(names) if k % 5]
    table = write_table(folder / "folds.csv", ["id", "fold"], rows)
    keyed = ("--metadata", table, "--metadata-key", "id=path", "--split", "fold=8:val,9:test")
    options = (*QUICK, "--pack", request.param, "--shard-recordings", "2", *keyed)
    out = folder / "OUT"
    run([ecgmpi, "render", mixed41, "-o", out, *options, "--workers", "1"]).expect(3)
    run([ecgmpi, "verify", out]).expect(0)
    split = run_json(out)["split"]
    assert {"val", "test", "train"} == set(split["recordings"])
    assert sum(split["recordings"].values()) + split["none"] == 41
    made = contents(out)
    assert {path.split("/")[1] for path in made if path.startswith("shards/")} == {
        *("train", "val", "test", "none")
    }
    assert len(rows) + split["none"] == 41
    return Divided(options, made, split)


@pytest.mark.parametrize("ranks", [pytest.param(1, marks=pytest.mark.slow), 3])
def test_splits_on_ranks(
    mpi: Flavour, ranks: int, divided: Divided, mixed41: Path, tmp_path: Path
) -> None:
    ended = mpi.run(ranks, "render", mixed41, "-o", tmp_path / "OUT", *divided.options).expect(3)
    assert ended.err.count("ecgmpi: split: train ") == 1
    assert_same(contents(tmp_path / "OUT"), divided.alone)
    assert run_json(tmp_path / "OUT")["split"] == divided.split


@pytest.mark.slow
def test_splits_of_a_job_that_was_killed_and_resumed(
    mpi: Flavour, divided: Divided, mixed41: Path, tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    command = ("render", mixed41, "-o", out, *divided.options)
    with mpi.started(2, *command, "--workers", "1") as job:
        job.until(lambda: n_journaled(out) >= 3)
        for pid in job.ranks():
            job.signal(signal.SIGKILL, pid)
        job.wait(60)
        job.until_over()
    assert 3 <= n_journaled(out) < 21
    mpi.run(3, *command).expect(3)
    assert_same(contents(out), divided.alone)
