"""Corpora, made on the spot, that are used by more than one kind of test."""

from __future__ import annotations

from pathlib import Path

from tests.job.corpora import BAD, broken, synthetic


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
