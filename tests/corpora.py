"""Small corpora, made on the spot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.io import savemat

from ecgmpi.synth import write_corpus


def _zero_bytes(path: Path) -> None:
    path.write_bytes(b"")


def _not_a_mat(path: Path) -> None:
    path.write_text("this is a letter, not a recording\n" * 40, encoding="utf-8")


def _truncated_half(path: Path) -> None:
    _save(path, data=np.zeros((12, 800)))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def _no_such_variable(path: Path) -> None:
    _save(path, something=np.zeros((3, 3)), else_=np.zeros((2, 2)))


def _strings(path: Path) -> None:
    _save(path, data="twelve leads")


def _complex_samples(path: Path) -> None:
    _save(path, data=np.full((12, 500), 0.1 + 0.2j))


def _all_nan(path: Path) -> None:
    _save(path, data=np.full((12, 500), np.nan))


def _infinite(path: Path) -> None:
    samples = np.zeros((12, 500))
    samples[3, 100] = np.inf
    _save(path, data=samples)


def _save(path: Path, **variables: object) -> None:
    savemat(path, variables, do_compression=False)


FAULTS: dict[str, Callable[[Path], None]] = {
    "zero_bytes": _zero_bytes,
    "not_a_mat": _not_a_mat,
    "truncated_half": _truncated_half,
    "no_such_variable": _no_such_variable,
    "strings": _strings,
    "complex_samples": _complex_samples,
    "all_nan": _all_nan,
    "infinite": _infinite,
}
"""Name of a bad file -> what makes it."""


def mixed_corpus(folder: Path, n: int, duration: float = 1.5) -> Path:
    """`n` recordings in two folders, among them one of each of `FAULTS`."""
    write_corpus(folder / "good", n - len(FAULTS), duration=duration)
    # Between the good ones in the order of names, so that they end up in chunks of any rank.
    for number, (name, make) in enumerate(FAULTS.items()):
        make(folder / "good" / f"SYN{4 * number + 2:06d}_{name}.mat")
    # One folder deeper for some, as corpora have it.
    deeper = folder / "more" / "of them"
    deeper.mkdir(parents=True)
    for path in sorted((folder / "good").glob("*.mat"))[::3]:
        path.rename(deeper / path.name)
    return folder


def repeated_corpus(folder: Path, files: list[Path], n: int, in_a_folder: int = 500) -> Path:
    """`n` recordings that are hard links to `files`, in folders of at most `in_a_folder`."""
    for number in range(n):
        place = folder / f"part{number // in_a_folder:03d}"
        if number % in_a_folder == 0:
            place.mkdir(parents=True)
        (place / f"REC{number:06d}.mat").hardlink_to(files[number % len(files)])
    return folder
