"""One hash of the content of all files that a recording is read from."""

from __future__ import annotations

import hashlib
import os
import stat
from functools import lru_cache
from pathlib import Path

from ecgmpi.errors import RecordingError

from .containers import split_address
from .file_names import GZIP, sidecars
from .gzipped import inflated_head, is_gzip
from .reading import choose
from .source import HEAD_BYTES

_KEPT = 8
"""Cached hashes: a file of many recordings is read once, not once for each."""


def content_sum(path: str | Path) -> str:
    """Give the SHA-256 of what a recording is read from.

    Parameters
    ----------
    path
        As for `ecgmpi.readers.read`; for a file of many recordings, the whole file counts.

    Returns
    -------
    str
        In hexadecimal: of the file alone, or of the sums of the file and of those read with
        it. For a gzip file, the bytes on disk count. Empty if the file itself cannot be read.
    """
    file, member = split_address(path)
    sums = [_sum(part, member is not None) for part in (file, *_beside(file))]
    if not sums[0] or len(sums) == 1:
        return sums[0]
    return hashlib.sha256("\n".join(sums).encode()).hexdigest()


def _beside(path: Path) -> list[Path]:
    """The files that are read with `path`: those it names, or the header that names it."""
    plain = path.with_suffix("") if path.suffix.lower() == GZIP else path
    try:
        # Opening a named pipe would block forever.
        if not path.is_file():
            return []
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            if is_gzip(head):
                head = inflated_head(file)
            format = choose(head, len(head), plain)
        if format.names_others:
            return format.named(path)
    except (OSError, RecordingError):
        # Reading it reports what is wrong.
        return []
    ending = sidecars().get(plain.suffix.lower())
    if ending is None:
        return []
    header = plain.with_suffix(ending)
    packed = header.with_name(header.name + GZIP)
    # A path cannot say of a name that is too long that no such file is there.
    return next(([file] for file in (header, packed) if os.path.isfile(file)), [])  # noqa: PTH113


def _sum(path: Path, keep: bool) -> str:
    try:
        information = path.stat()
        if not stat.S_ISREG(information.st_mode):
            return ""
        if not keep:
            return _sum_of(path)
        return _kept(path, information.st_ino, information.st_size, information.st_ctime_ns)
    except OSError:
        return ""


@lru_cache(_KEPT)
def _kept(path: Path, *_: int) -> str:
    return _sum_of(path)


def _sum_of(path: Path) -> str:
    with path.open("rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
