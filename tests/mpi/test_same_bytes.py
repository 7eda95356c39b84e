"""The same bytes from one process, from many, and from each kind of MPI."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest

from ecgmpi.ecg.synthetic import write_corpus
from tests.corpora import BAD
from tests.mpi.flavours import Flavour
from tests.outputs import assert_same, contents, failures, journaled, manifest, run_json
from tests.processes import QUICK, Ended, run
from tests.readers.helpers.mixed import RECORDINGS, one_of_each

pytestmark = pytest.mark.mpi

Alone = tuple[dict[str, str], Ended]


def test_the_reference_is_worth_comparing_with(alone41: Alone, mixed41: Path) -> None:
    made, ended = alone41
    ended.expect(3)
    pictures = [path for path in made if path.endswith(".png")]
    assert len(pictures) == 12 * (41 - len(BAD))
    assert {"manifest.h5", "manifest.csv", "failures.csv"} < set(made)
    assert f"{len(BAD)} failed" in ended.out


def test_four_workers_without_mpi(
    alone41: Alone, mixed41: Path, ecgmpi: Path, tmp_path: Path
) -> None:
    command = [ecgmpi, "render", mixed41, "-o", tmp_path / "OUT", *QUICK, "--workers", "4"]
    run(command).expect(3)
    assert_same(contents(tmp_path / "OUT"), alone41[0])
    facts = run_json(tmp_path / "OUT")
    assert facts["mpi"] == "none"
    assert [rank["workers"] for rank in facts["ranks"]] == [4]


@pytest.mark.parametrize(
    "ranks", [pytest.param(2, marks=pytest.mark.slow), 3, pytest.param(4, marks=pytest.mark.slow)]
)
def test_41_recordings_on_ranks(
    mpi: Flavour, ranks: int, alone41: Alone, mixed41: Path, tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    ended = mpi.run(ranks, "render", mixed41, "-o", out, *QUICK).expect(3)
    assert_same(contents(out), alone41[0])
    assert len(manifest(out)) == 41
    assert sorted(row["class"] for row in failures(out)) == sorted(BAD.values())
    # Said once, by rank 0, in the same words as without MPI but for how long it took.
    assert ended.out.count("pictures of") == 1
    assert ended.complaints == []

    facts = run_json(out)
    assert len(facts["ranks"]) == ranks
    assert all(rank["host"] and rank["workers"] == 1 for rank in facts["ranks"])
    assert ("Open MPI" if mpi.is_openmpi else "MPICH") in facts["mpi"]
    assert facts["mpi"].isprintable()
    chunks = journaled(out)
    assert sorted(chunks) == list(range(ranks))
    assert sorted(chain.from_iterable(chunks.values())) == list(range(41))


@pytest.mark.slow
def test_one_recording_on_three_ranks(mpi: Flavour, ecgmpi: Path, tmp_path: Path) -> None:
    write_corpus(tmp_path / "one", 1, duration=1)
    run([ecgmpi, "render", tmp_path / "one", "-o", tmp_path / "alone", *QUICK]).expect(0)
    mpi.run(3, "render", tmp_path / "one", "-o", tmp_path / "OUT", *QUICK).expect(0)
    assert_same(contents(tmp_path / "OUT"), contents(tmp_path / "alone"))
    assert len(manifest(tmp_path / "OUT")) == 1


@pytest.mark.slow
def test_one_of_each_format_on_two_ranks(mpi: Flavour, ecgmpi: Path, tmp_path: Path) -> None:
    corpus = one_of_each(tmp_path / "in")
    run([ecgmpi, "render", corpus, "-o", tmp_path / "alone", *QUICK]).expect(3)
    mpi.run(2, "render", corpus, "-o", tmp_path / "OUT", *QUICK).expect(3)
    assert_same(contents(tmp_path / "OUT"), contents(tmp_path / "alone"))
    drawn = [row["source"] for row in manifest(tmp_path / "OUT") if row["status"] == "drawn"]
    assert set(drawn) == set(RECORDINGS)


@pytest.mark.slow
def test_every_rank_does_some_of_the_work(
    mpi: Flavour, many: Path, alone_many: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    mpi.run(3, "render", many, "-o", out, *QUICK).expect(0)
    chunks = journaled(out)
    assert sorted(chunks) == [0, 1, 2]
    assert all(chunks.values()), chunks
    assert_same(contents(out), alone_many)


@pytest.mark.slow
def test_more_recordings_than_chunks(mpich: Flavour, ecgmpi: Path, tmp_path: Path) -> None:
    """From 512 recordings on, a chunk holds several, the last one fewer."""
    write_corpus(tmp_path / "in", 3, duration=0.5)
    files = sorted((tmp_path / "in").iterdir())
    for number in range(1000):
        (tmp_path / "in" / f"LINK{number:04d}.mat").hardlink_to(files[number % 3])
    options = (*QUICK, "--leads", "II")
    run([ecgmpi, "render", tmp_path / "in", "-o", tmp_path / "alone", *options]).expect(0)
    mpich.run(4, "render", tmp_path / "in", "-o", tmp_path / "OUT", *options).expect(0)
    assert run_json(tmp_path / "OUT")["chunk_size"] == 3
    assert len(manifest(tmp_path / "OUT")) == 1003
    assert_same(contents(tmp_path / "OUT"), contents(tmp_path / "alone"))
