"""Files that hold many recordings, each with an address: ``file.h5#17``."""

from __future__ import annotations

import os
import re
from pathlib import Path

from .file_names import divided
from .hints import NO_HINTS, ReadHints
from .registry import FORMATS

_MANY = frozenset().union(*(format.extensions for format in FORMATS if format.many))

_ADDRESS = re.compile(r"(?P<file>.+)#(?P<member>[0-9]{1,12})", re.DOTALL)


def split_address(path: str | Path) -> tuple[Path, int | None]:
    """Divide ``file.h5#17`` into the file and the number of the recording in it.

    A path without a number does not change, nor does the name of an existing file.
    """
    if "#" not in os.fspath(path):
        return Path(path), None
    path = Path(path)
    found = _ADDRESS.fullmatch(path.name)
    if found is None or divided(found["file"])[1] not in _MANY or os.path.lexists(path):
        return path, None
    return path.with_name(found["file"]), int(found["member"])


def file_of(path: str) -> str:
    """The file that an address is in, by its spelling alone; any other path as it is."""
    found = _ADDRESS.fullmatch(path)
    return found["file"] if found else path


def may_hold_many(path: str | Path) -> bool:
    """Whether a file may hold many recordings that a walk finds, by its extension.

    A gzip file may not: each recording would inflate all of it.
    """
    return os.path.splitext(path)[1].lower() in _MANY  # noqa: PTH122 - hot path


def count_recordings(path: str | Path, hints: ReadHints = NO_HINTS) -> int | None:
    """Count the recordings in a file that may hold many, by its header alone.

    Returns
    -------
    int or None
        None if the file holds one recording, or none that can be read.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    for format in FORMATS:
        if format.many and suffix in format.extensions:
            return format.count(path, hints)
    return None


def entries_of(path: str | Path, name: str) -> list[str] | None:
    """Read what a file of many recordings says of each of them, in the dataset called `name`.

    CODE-15% so names its recordings: ``exam_id`` has an entry for each.

    Returns
    -------
    list of str or None
        Whole numbers and text, as text; None if the file has no such dataset of one axis.
    """
    path = Path(path)
    for format in FORMATS:
        if format.names_many and path.suffix.lower() in format.extensions:
            return format.entries(path, name)
    return None
