"""OUTs that real jobs made; a test that changes one takes a copy."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.corpora import synthetic
from tests.processes import REPORTED, run_ecgmpi

EVERYTHING = ("--annotate", "lines", "--mask", "--masks", "bits,grid,text", "--leads", "I,II,V5")
PACKED = (*EVERYTHING, "--shard-recordings", "1")

Copied = Callable[[Path], Path]


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six good recordings and one that is none."""
    folder = synthetic(tmp_path_factory.mktemp("review") / "in", 6, duration=1.5)
    (folder / "SYN000003b.mat").write_text("this is no recording at all\n")
    return folder


def rendered(corpus: Path, out: Path, *options: str) -> Path:
    run_ecgmpi("render", corpus, "-o", out, *REPORTED, *options).expect(3)
    return out


@pytest.fixture(scope="session")
def files_out(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Strips as files, with everything beside them."""
    return rendered(corpus, tmp_path_factory.mktemp("files") / "OUT", *EVERYTHING)


@pytest.fixture
def copied(tmp_path: Path) -> Copied:
    """Makes a copy that a test may change."""

    def copy(out: Path) -> Path:
        return Path(shutil.copytree(out, tmp_path / "copy"))

    return copy


@pytest.fixture(scope="session")
def tar_out(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in tar shards, one a recording."""
    return rendered(corpus, tmp_path_factory.mktemp("tar") / "OUT", *PACKED, "--pack", "tar")


@pytest.fixture(scope="session")
def hdf5_out(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in HDF5 shards, with signals."""
    out = tmp_path_factory.mktemp("hdf5") / "OUT"
    return rendered(corpus, out, *PACKED, "--pack", "hdf5", "--with-signals")
