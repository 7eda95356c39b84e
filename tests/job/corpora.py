"""Small corpora and runs of the real command, for tests that look at what it leaves."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.io import savemat

from ecgmpi.synth import write_corpus

FAST = ("--dpi", "60", "--progress", "none")
"""Options that make a run quick: small pictures."""


def synthetic(folder: Path, n: int, duration: float = 1.0) -> Path:
    """`n` short recordings in a folder."""
    write_corpus(folder, n, duration=duration)
    return folder


BAD = {
    "not_a_mat": "not-recognised",
    "empty": "empty-file",
    "truncated": "truncated",
    "no_such_variable": "no-variable",
    "text": "not-numeric",
    "complex": "complex",
    "cube": "wrong-shape",
    "all_nan": "all-nan",
    "infinite": "infinite",
    "counts": "too-large",
    "gone": "unreadable",
}


def broken(folder: Path) -> Path:
    """A recording for each thing that can be wrong with one; `BAD` says what each is."""
    folder.mkdir(parents=True, exist_ok=True)
    signal = np.zeros((12, 500))
    signal[:, ::100] = 1.0
    (folder / "not_a_mat.mat").write_text("this is no recording at all\n")
    (folder / "empty.mat").write_bytes(b"")
    savemat(folder / "truncated.mat", {"data": signal})
    os.truncate(folder / "truncated.mat", 9000)
    savemat(folder / "no_such_variable.mat", {"ecg": signal})
    savemat(folder / "text.mat", {"data": "not a number"})
    savemat(folder / "complex.mat", {"data": signal * (1 + 1j)})
    savemat(folder / "cube.mat", {"data": np.zeros((12, 50, 3))})
    savemat(folder / "all_nan.mat", {"data": signal * np.nan})
    infinite = signal.copy()
    infinite[2, 7] = np.inf
    savemat(folder / "infinite.mat", {"data": infinite})
    savemat(folder / "counts.mat", {"data": signal * 9e6})
    (folder / "gone.mat").symlink_to(folder / "nowhere")
    return folder


def run(
    *arguments: str | Path, timeout: float = 120, before: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """``ecgmpi`` as a user starts it, with another command `before` it if need be."""
    return subprocess.run(
        [*before, sys.executable, "-m", "ecgmpi", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def tree(out: Path) -> dict[str, bytes]:
    """Everything in OUT that must not depend on who drew it."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
        and path.name != "run.json"
        and ".ecgmpi" not in path.relative_to(out).parts
    }


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def pictures(out: Path) -> Sequence[str]:
    """Paths of all pictures, below OUT."""
    return sorted(path.relative_to(out).as_posix() for path in out.rglob("*.png"))
