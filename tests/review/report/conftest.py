"""OUTs of a small job in which there is much to tell, made once; a test that changes one copies."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from ecgmpi.ecg.record import Record
from tests.processes import REPORTED, run_ecgmpi

from .recordings import changed, heart

HARD_NAME = """a <b> & "c" 'd'"""
"""What HTML and shells could misread."""

BAD_NAME = """bad & <i>"'"""
"""The recording that fails; a plain text."""

Copied = Callable[[Path], Path]


def write(path: Path, record: Record, **more: float) -> None:
    savemat(path, {"data": record.signal, **more})


@pytest.fixture(scope="session")
def odd_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight recordings: one is bad, one has gaps, one an inverted aVR; two state no rate."""
    folder = tmp_path_factory.mktemp("odd") / "in"
    (folder / "deep").mkdir(parents=True)
    for number in range(3):
        write(folder / "deep" / f"good{number}.mat", heart(number), fs=500.0)
    write(folder / "large.mat", changed(heart(4), "V2", 3.0), fs=500.0)
    write(folder / "turned.mat", changed(heart(5), "aVR", -1.0), fs=500.0)
    gaps = heart(6).signal.copy()
    gaps[7, 100:300] = np.nan
    write(folder / "gaps.mat", replace(heart(6), signal=gaps))
    write(folder / f"{HARD_NAME}.mat", heart(7))
    (folder / f"{BAD_NAME}.mat").write_text("this is no recording at all\n")
    return folder


@pytest.fixture(scope="session")
def odd_out(odd_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a job made of it, with its report."""
    out = tmp_path_factory.mktemp("report & <u>") / "OUT"
    run_ecgmpi("render", odd_corpus, "-o", out, *REPORTED, "--workers", "2").expect(3)
    return out


@pytest.fixture
def copied(tmp_path: Path) -> Copied:
    """Makes a copy that a test may change."""

    def copy(out: Path) -> Path:
        return Path(shutil.copytree(out, tmp_path / "copy"))

    return copy
