"""Corpora, made on the spot, that are used by more than one kind of test."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from scipy.io import savemat

from ecgmpi.ecg.synthetic import write_corpus


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
    "gone": "missing",
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
    savemat(folder / "no_such_variable.mat", {"ecg": signal, "noise": signal})
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


def mixed_corpus(folder: Path, n: int) -> Path:
    """`n` recordings in three folders, among them every kind of bad one."""
    synthetic(folder / "good", n - len(BAD), duration=1.5)
    broken(folder)
    deeper = folder / "more" / "of them"
    deeper.mkdir(parents=True)
    for path in sorted((folder / "good").iterdir())[::3]:
        path.rename(deeper / path.name)
    # Names in between, so that bad ones come to any rank.
    for path in sorted(folder.glob("*.mat"))[::2]:
        path.rename(folder / "good" / f"SYN000005_{path.name}")
    return folder


def repeated_corpus(folder: Path, files: list[Path], n: int, in_a_folder: int = 500) -> Path:
    """`n` recordings that are links to `files`, in folders of at most `in_a_folder`."""
    for number in range(n):
        place = folder / f"part{number // in_a_folder:03d}"
        if number % in_a_folder == 0:
            place.mkdir(parents=True)
        (place / f"REC{number:06d}.mat").symlink_to(files[number % len(files)].resolve())
    return folder
