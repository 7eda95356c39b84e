"""Worn copies and their truth are the same bytes, whoever makes them."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.corpora import synthetic
from tests.mpi.flavours import Flavour
from tests.outputs import assert_same, contents, journaled, manifest, n_journaled
from tests.processes import QUICK, run

pytestmark = pytest.mark.mpi

N, A_SHARD = 19, 2
WORN = ("photo", "scan-bw")
OPTIONS = (*QUICK, "--layout", "3x4+1", "--wear", ",".join(WORN), "--annotate", "lines", "--mask")

PACKED = {
    "files": (),
    "tar": ("--pack", "tar", "--shard-recordings", str(A_SHARD)),
    "hdf5": ("--pack", "hdf5", "--shard-recordings", str(A_SHARD)),
}


@dataclass(frozen=True, slots=True)
class WornBed:
    """A job of worn copies, and what one process with one worker makes of it."""

    command: tuple[object, ...]
    chunks: int
    alone: dict[str, str]


# One of them stands for all in the quick tests.
@pytest.fixture(
    scope="module",
    params=[
        pytest.param("files", marks=pytest.mark.slow),
        "tar",
        pytest.param("hdf5", marks=pytest.mark.slow),
    ],
)
def worn(
    request: pytest.FixtureRequest, ecgmpi: Path, tmp_path_factory: pytest.TempPathFactory
) -> WornBed:
    folder = tmp_path_factory.mktemp("worn")
    corpus = synthetic(folder / "in", N - 1, duration=2.0)
    (corpus / "SYN000003x.mat").write_bytes(b"no recording")
    command = ("render", corpus, *OPTIONS, *PACKED[request.param])
    out = folder / "OUT"
    run([ecgmpi, *command, "-o", out, "--workers", "1"]).expect(3)
    assert len(manifest(out)) == N
    made = contents(out)
    if request.param == "files":
        for name in WORN:
            copies = [path for path in made if path.endswith((f"~{name}1.jpg", f"~{name}1.png"))]
            assert len(copies) == N - 1
    else:
        assert {f"shards/{name}" for name in WORN} <= {path.rpartition("/")[0] for path in made}
    return WornBed(command, N if request.param == "files" else -(-N // A_SHARD), made)


def test_worn_copies_on_three_ranks(mpi: Flavour, worn: WornBed, tmp_path: Path) -> None:
    out = tmp_path / "OUT"
    ended = mpi.run(3, *worn.command, "-o", out).expect(3)
    # So few shards are said to leave ranks waiting, which is no matter here.
    assert [line for line in ended.complaints if "some will wait" not in line] == []
    assert_same(contents(out), worn.alone)
    chunks = journaled(out)
    assert sorted(chunks) == [0, 1, 2]
    assert sorted(chunk for of_rank in chunks.values() for chunk in of_rank) == [
        *range(worn.chunks)
    ]


@pytest.mark.slow
def test_worn_copies_of_a_job_that_was_stopped_and_resumed(
    mpi: Flavour, worn: WornBed, tmp_path: Path
) -> None:
    """By more ranks than those that began, with more workers each."""
    out = tmp_path / "OUT"
    with mpi.started(2, *worn.command, "-o", out, "--workers", "1") as job:
        job.until(lambda: n_journaled(out) >= 1)
        job.signal(signal.SIGUSR1, job.ranks()[1])
        job.wait(60).expect(75)
        job.until_over()
    assert 1 <= n_journaled(out) < worn.chunks
    mpi.run(3, *worn.command, "-o", out, "--workers", "2").expect(3)
    assert_same(contents(out), worn.alone)


@pytest.mark.slow
def test_another_seed_or_level_wears_otherwise(ecgmpi: Path, tmp_path: Path) -> None:
    """Else bytes would be the same for no good reason."""
    corpus = synthetic(tmp_path / "in", 2)
    made = []
    for number, options in enumerate(((), ("--seed", "1"), ("--wear-level", "3"))):
        out = tmp_path / str(number)
        run([ecgmpi, "render", corpus, *OPTIONS, *options, "-o", out]).expect(0)
        made.append(contents(out))
    for other in made[1:]:
        assert sorted(other) == sorted(made[0])
        same = {path for path in other if other[path] == made[0][path]}
        assert "images/SYN000001.png" in same
        assert not [path for path in same if "~" in path]
