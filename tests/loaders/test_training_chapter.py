"""The chapter on training: its commands and every piece of code in it, as they stand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import ecgmpi
from tests.loaders.chapters import PACKAGE, RECORDINGS, all_is_run, code, run_commands
from tests.processes import run

CHAPTER = PACKAGE / "datasets" / "README.md"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the commands of the chapter have been run."""
    folder = tmp_path_factory.mktemp("training")
    run_commands(CHAPTER, folder, duration=10)
    return folder


def test_no_code_is_left_out() -> None:
    assert all_is_run(CHAPTER, "shell", "plain", "torch")


@pytest.mark.slow
def test_code_that_needs_no_torch(demo: Path) -> None:
    said = [
        run([sys.executable, "-c", one], cwd=demo).expect(0).out.splitlines()
        for one in code(CHAPTER, "plain")
    ]
    height, width = ecgmpi.dataset(demo / "demo" / "out", scale=0.5)[0]["image"].shape[:2]
    quarter = ecgmpi.dataset(demo / "demo" / "out", scale=0.25)[0]["image"].shape
    names = " ".join(repr(f"SYN{number:06d}") for number in range(1, RECORDINGS + 1))
    assert said == [
        [f"{RECORDINGS} SYN000001 ({height}, {width}, 3) 12"],
        [f"{RECORDINGS} [500. 500. 500.] [{names}]"],
        [
            f"{(2, *quarter)} {[list(quarter[:2])] * 2} float32 ['SYN000001', 'SYN000002']",
        ],
    ]


def test_code_with_torch(demo: Path, torch: Path) -> None:
    height, width = ecgmpi.dataset(demo / "demo" / "out", scale=0.25)[0]["image"].shape[:2]
    (text,) = code(CHAPTER, "torch")
    assert run([torch, "-c", text], cwd=demo).expect(0).out.splitlines() == [
        f"{epoch} {taken} ({size}, {height}, {width}, 3)"
        for epoch in range(2)
        for taken, size in ((2, 2), (3, 1))
    ]
