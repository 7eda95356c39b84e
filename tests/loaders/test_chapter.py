"""The chapter on packing: its commands and every piece of code in it, as they stand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.loaders.chapters import PACKAGE, all_is_run, code, run_commands
from tests.loaders.programs import OFFLINE
from tests.loaders.samples import table
from tests.processes import run

CHAPTER = PACKAGE / "store" / "README.md"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the commands of the chapter have been run."""
    folder = tmp_path_factory.mktemp("chapter")
    run_commands(CHAPTER, folder, duration=2)
    return folder


def _says(python: Path, text: str, demo: Path, home: Path) -> list[str]:
    ended = run([python, "-c", text], OFFLINE | {"HF_HOME": str(home)}, cwd=demo).expect(0)
    return ended.out.splitlines()


def test_no_code_is_left_out() -> None:
    assert all_is_run(CHAPTER, "shell", "plain", "loaders")


@pytest.mark.slow
def test_code_that_needs_no_loader(demo: Path, tmp_path: Path) -> None:
    out = demo / "demo" / "tar"
    row = next(row for row in table(out, "pictures") if row["key"] == "SYN000001-II")
    of_tar, of_hdf5 = (
        _says(Path(sys.executable), one, demo, tmp_path) for one in code(CHAPTER, "plain")
    )
    assert of_tar == [f"{row['bytes']} PNG"]
    assert of_hdf5 == [f"SYN000001-II {row['width_px']} {row['height_px']} 12 1000"]


def test_code_that_reads_by_loaders(demo: Path, loaders: Path, tmp_path: Path) -> None:
    out = demo / "demo" / "tar"
    rows = table(out, "pictures")
    said = [f"{row['key']} {row['width_px']} {row['height_px']} 500.0" for row in rows]
    webdataset, datasets, pandas = (
        _says(loaders, one, demo, tmp_path) for one in code(CHAPTER, "loaders")
    )
    assert webdataset == said
    assert datasets == said
    assert [line.split()[-3:] for line in pandas[1:]] == [
        [row["key"], row["path"], str(row["bytes"])] for row in rows
    ]
