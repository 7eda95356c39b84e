"""Headers that are segments of a record beside them: a walk takes no recording from them.

Their names alone, ``NAME_0001`` and ``NAME_layout``, say which headers may be segments; only
then is the header read that would join them. A corpus without such names costs nothing.
"""

from __future__ import annotations

import os
import sqlite3
from functools import lru_cache
from pathlib import Path

from ecgmpi.readers import divided, parent_header, segment_files
from ecgmpi.readers.file_names import GZIP

_LAYOUT = "_layout"
"""Ending of the name of a layout segment, which lists signals and holds none."""


class Wholes:
    """Finds out whether a header is a segment; caches only the latest records and folder."""

    def __init__(self) -> None:
        # In the order of their paths, the segments of one record come one after another.
        self._parts_of = lru_cache(8)(_parts_of)
        self._parts_in = lru_cache(1)(_parts_in)

    def have(self, path: str) -> bool:
        """Whether the file at `path` is joined to others by a header in its folder."""
        folder, name = os.path.split(path)
        whole = parent_header(name)
        if whole is None:
            return False
        for beside in (os.path.join(folder, whole), os.path.join(folder, whole + GZIP)):  # noqa: PTH118
            if os.path.isfile(beside):  # noqa: PTH113
                return path in self._parts_of(beside)
        # Records with another name than their segments, as those of matched patients.
        return path in self._parts_in(folder)


def _parts_of(path: str) -> frozenset[str]:
    return frozenset(map(str, segment_files(Path(path))))


def _parts_in(folder: str) -> frozenset[str]:
    """The segments of all records in a folder, if one of the segments is a layout."""
    try:
        names = os.listdir(folder)  # noqa: PTH208
    except OSError:
        return frozenset()
    segments = [name for name in names if parent_header(name)]
    if not any(_LAYOUT in name.lower() for name in segments):
        return frozenset()
    _, ending = divided(segments[0])
    found: set[str] = set()
    for name in names:
        if divided(name)[1] == ending and not parent_header(name):
            found |= _parts_of(os.path.join(folder, name))  # noqa: PTH118
    return frozenset(found)


def drop_segments(database: sqlite3.Connection) -> int:
    """Leave out of the table ``found`` those marked ``part`` that are one; returns how many."""
    wholes = Wholes()
    database.execute("CREATE TEMP TABLE segments (id INTEGER)")
    marked = database.execute("SELECT rowid, path FROM found WHERE part ORDER BY path")
    database.executemany(
        "INSERT INTO segments VALUES (?)",
        ((rowid,) for rowid, path in marked if wholes.have(os.fsdecode(path))),
    )
    dropped = database.execute("DELETE FROM found WHERE rowid IN (SELECT id FROM segments)")
    database.execute("DROP TABLE segments")
    return dropped.rowcount
