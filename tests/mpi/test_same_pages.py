"""Pages, too, are the same bytes from one process, from many, and from each kind of MPI."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecgmpi.ecg.synthetic import write_corpus
from tests.corpora import broken
from tests.mpi.flavours import Flavour
from tests.outputs import assert_same, contents, failures, manifest
from tests.processes import QUICK, run

pytestmark = pytest.mark.mpi

OWN = """
theme = "night"
gain = "auto"

[layouts.mine]
columns = [["I", "II", "-aVR"], ["V1", "V2"]]
rhythm = ["V5"]
seconds = 2

[themes.night]
base = "dark"
trace = "orange"
trace_mm = 0.3
"""

JOBS = {
    "a page": ("--layout", "3x4+1", "--paper", "letter"),
    "all pages": ("--layout", "6x2", "--pages", "all", "--gain", "auto"),
    "my own": ("--layout", "mine", "--config", "job.toml"),
    "my own, all pages": ("--layout", "mine", "--config", "job.toml", "--pages", "all"),
}


# The largest of them stands for all in the quick tests.
PARAMS = [
    name if name == "my own, all pages" else pytest.param(name, marks=pytest.mark.slow)
    for name in JOBS
]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Recordings of one page and of several, in two folders, and bad ones."""
    folder = tmp_path_factory.mktemp("corpus")
    write_corpus(folder, 6, duration=1.5)
    write_corpus(folder / "longer", 5, seed=1, duration=23)
    broken(folder / "bad")
    return folder


@pytest.fixture(scope="module", params=PARAMS)
def job(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    """Options of a job, its file beside it."""
    path = tmp_path_factory.mktemp("job") / "job.toml"
    path.write_text(OWN, encoding="utf-8")
    return [path if word == path.name else word for word in (*QUICK, *JOBS[request.param])]


@pytest.fixture(scope="module")
def alone(
    corpus: Path, job: list[object], ecgmpi: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """What one process with one worker makes of it."""
    out = tmp_path_factory.mktemp("alone") / "OUT"
    run([ecgmpi, "render", corpus, "-o", out, *job, "--workers", "1"]).expect(3)
    several = "all" in job
    pages = {row["name"]: int(row["pictures"]) for row in manifest(out) if row["pictures"] != "0"}
    assert len(pages) == 11
    assert len(failures(out)) == len(manifest(out)) - 11
    longer = {pages[name] for name in pages if name.startswith("longer/")}
    assert longer == ({12} if "mine" in job else {3}) if several else {1}
    return contents(out)


@pytest.mark.slow
def test_pages_by_two_workers_without_mpi(
    corpus: Path, job: list[object], alone: dict[str, str], ecgmpi: Path, tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    run([ecgmpi, "render", corpus, "-o", out, *job, "--workers", "2"]).expect(3)
    assert_same(contents(out), alone)


@pytest.mark.slow
@pytest.mark.parametrize("ranks", [2, 3])
def test_pages_on_ranks(
    mpi: Flavour,
    ranks: int,
    corpus: Path,
    job: list[object],
    alone: dict[str, str],
    tmp_path: Path,
) -> None:
    out = tmp_path / "OUT"
    mpi.run(ranks, "render", corpus, "-o", out, *job).expect(3)
    assert_same(contents(out), alone)
