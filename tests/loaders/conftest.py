from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.loaders.corpus import A_SHARD, odd_corpus
from tests.loaders.labels import label_options
from tests.processes import QUICK, run_ecgmpi

LOADERS = "ECGMPI_TEST_LOADERS"
"""Environment variable: the bin folder of an environment with webdataset and datasets."""

TORCH = "ECGMPI_TEST_TORCH"
"""Environment variable: the bin folder of an environment with torch and ecgmpi."""

TRUTH = ("--annotate", "lines", "--mask")
SIGNALS = "--with-signals"

JOBS = {
    "strips": (),
    "strips with all beside": TRUTH,
    "pages with all beside": ("--layout", "3x4+1", *TRUTH, SIGNALS),
    "pages as JPEG": ("--layout", "3x4+1", "--format", "jpg"),
}

LABELLED = ("pages with all beside", "pages as JPEG")
"""Jobs that have labels."""

QUICKEST = "strips with all beside"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need the loaders: the tests' own environment has none."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and isinstance(item, pytest.Function):
            if {"loaders", "torch"} & set(item.fixturenames):
                item.add_marker(pytest.mark.loaders)
                item.add_marker(pytest.mark.slow)
            elif "job" in item.fixturenames and item.callspec.params["job"] != QUICKEST:
                item.add_marker(pytest.mark.slow)


@dataclass(frozen=True, slots=True)
class Made:
    """One job, in each packing that a test asks for.

    Attributes
    ----------
    corpus
        INPUT.
    folder
        Where the OUTs are.
    options
        What they have in common.
    """

    corpus: Path
    folder: Path
    options: tuple[str, ...]

    @property
    def labelled(self) -> bool:
        """Whether it has labels."""
        return "--metadata" in self.options

    @property
    def signals(self) -> tuple[str, ...]:
        """The option by which it has signals; none where it has them already."""
        return () if SIGNALS in self.options else (SIGNALS,)

    def out(self, pack: str, *more: str) -> Path:
        """The OUT of a packing, drawn when it is first asked for."""
        out = self.folder / " ".join([pack, *more])
        if not out.exists():
            packed = () if pack == "files" else ("--shard-recordings", str(A_SHARD))
            options = (*QUICK, *self.options, "--pack", pack, *packed, *more)
            run_ecgmpi("render", self.corpus, "-o", out, *options).expect(3)
        return out


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return odd_corpus(tmp_path_factory.mktemp("odd"))


@pytest.fixture(scope="session", params=JOBS)
def job(
    request: pytest.FixtureRequest, corpus: Path, tmp_path_factory: pytest.TempPathFactory
) -> Made:
    """Each job in turn."""
    folder = tmp_path_factory.mktemp("job")
    labels = label_options(corpus, folder) if request.param in LABELLED else ()
    return Made(corpus, folder, (*JOBS[request.param], *labels))


@pytest.fixture(scope="session")
def loaders() -> Path:
    """A Python that has webdataset and datasets."""
    return _python(LOADERS, "ecgmpi[loaders]")


@pytest.fixture(scope="session")
def torch() -> Path:
    """A Python that has torch."""
    return _python(TORCH, "ecgmpi and torch")


def _python(variable: str, packages: str) -> Path:
    given = os.environ.get(variable)
    if not given:
        pytest.skip(f"{variable} is not set: the bin folder of an environment with {packages}")
    python = Path(given) / "python"
    if not python.exists():
        pytest.skip(f"{variable}={given}: there is no python in it")
    return python
