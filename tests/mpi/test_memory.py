"""Memory does not grow with the corpus. At full size: `tests.bench.memory`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.memory import Peaks, peaks_of
from tests.corpora import repeated_corpus, synthetic
from tests.mpi.flavours import Flavour
from tests.outputs import run_json

pytestmark = [pytest.mark.mpi, pytest.mark.slow]

DISTINCT, FEW, MANY = 40, 400, 4000
TENS_OF_BYTES = 50

MOST_WORN = 250
"""MB of a worker that wears pages of usual size, with what it shares."""
# One small picture a recording: drawing is not what is measured.
SMALL = ("--leads", "II", "--dpi", "25", "--progress", "none", "--workers", "1")


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Few recordings, and the same again and again."""
    folder = tmp_path_factory.mktemp("memory")
    files = sorted(synthetic(folder / "files", DISTINCT).iterdir())
    return {n: repeated_corpus(folder / str(n), files, n) for n in (FEW, MANY)}


def test_without_mpi(corpora: dict[int, Path], ecgmpi: Path, tmp_path: Path) -> None:
    few, many = (_peaks([ecgmpi], corpora[n], tmp_path / str(n)) for n in (FEW, MANY))
    assert sorted(few) == ["rank 0", "supervisor 0", "worker 0"]
    _compare(few, many)


def test_on_two_ranks(corpora: dict[int, Path], mpich: Flavour, tmp_path: Path) -> None:
    command = mpich.command(2)
    few, many = (_peaks(command, corpora[n], tmp_path / str(n)) for n in (FEW, MANY))
    roles = ("rank", "supervisor", "worker")
    assert sorted(few) == [f"{role} {rank}" for role in roles for rank in (0, 1)]
    _compare(few, many)


def test_of_a_worker_that_wears_pages(ecgmpi: Path, tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 20, duration=10.0)
    worn = ("--layout", "3x4+1", "--wear", "photo:2", "--annotate", "lines", "--mask")
    command = [ecgmpi, "render", corpus, "-o", tmp_path / "OUT", *worn, "--no-report"]
    ended, peaks = peaks_of([*command, "--workers", "1", "--progress", "none"])
    ended.expect(0)
    assert peaks["worker 0"] <= MOST_WORN * 1024, peaks


def _peaks(command: list[object], corpus: Path, out: Path) -> Peaks:
    ended, peaks = peaks_of([*command, "render", corpus, "-o", out, *SMALL])
    ended.expect(0)
    assert run_json(out)["recordings"] == int(out.name)
    return peaks


def _compare(few: Peaks, many: Peaks) -> None:
    assert sorted(many) == sorted(few)
    for role, peak in few.items():
        allowed = 1.1 * peak
        if role == "rank 0":
            allowed += TENS_OF_BYTES * MANY / 1024
        assert many[role] <= allowed, f"{role}: {peak} kB became {many[role]} kB"
