from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.corpora import synthetic
from tests.loaders.corpus import A_SHARD, GOOD, odd_corpus
from tests.processes import QUICK, run_ecgmpi

MASKS = ("bits", "grid", "text")
TRUTH = ("--annotate", "lines", "--mask", "--masks", ",".join(MASKS), "--with-signals")
PACKS = {
    "files": ("--pack", "files"),
    "tar": ("--pack", "tar", "--shard-recordings", str(A_SHARD)),
    "hdf5": ("--pack", "hdf5", "--shard-recordings", str(A_SHARD)),
}
N_RECORDINGS = GOOD


@dataclass(frozen=True, slots=True)
class Outs:
    """What is drawn of one corpus, each when a test first asks for it.

    Attributes
    ----------
    corpus
        INPUT.
    folder
        Where the OUTs are.
    status
        How each job ends.
    """

    corpus: Path
    folder: Path
    status: int

    def out(self, pack: str, *options: str) -> Path:
        """The OUT of a packing and options."""
        out = self.folder / " ".join([pack, *options]).replace("/", "-")
        if not out.exists():
            job = ("render", self.corpus, "-o", out, *QUICK, *PACKS[pack], *options)
            run_ecgmpi(*job).expect(self.status)
        return out

    def strips(self, pack: str) -> Path:
        """Strips with all that stands beside them."""
        return self.out(pack, "--layout", "strip", *TRUTH)

    def pages(self, pack: str) -> Path:
        """Pages with all that stands beside them."""
        return self.out(pack, "--layout", "3x4+1", *TRUTH)


@pytest.fixture(scope="session")
def outs(tmp_path_factory: pytest.TempPathFactory) -> Outs:
    """What is drawn of recordings that differ in all that they can."""
    corpus = odd_corpus(tmp_path_factory.mktemp("odd"))
    return Outs(corpus, tmp_path_factory.mktemp("outs"), 3)


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Outs:
    """What is drawn of two recordings by many options."""
    corpus = synthetic(tmp_path_factory.mktemp("plain"), 2)
    return Outs(corpus, tmp_path_factory.mktemp("plain_outs"), 0)


@pytest.fixture(scope="session", params=PACKS)
def pack(request: pytest.FixtureRequest) -> str:
    """Each packing in turn."""
    found: str = request.param
    return found
