"""What a search found becomes the rows of a catalogue, sorted by name: one recording, one row."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from ecgmpi.errors import RecordingError, UsageError
from ecgmpi.names import written
from ecgmpi.readers import divided, parent_header, sidecars
from ecgmpi.readers.file_names import GZIP

from .catalogue_changes import MOST_NAMED
from .discover import Found
from .segments import drop_segments
from .skipped import Skipped, ending_of

TABLE = (
    "CREATE TABLE recordings (idx INTEGER PRIMARY KEY, name BLOB, source BLOB,"
    " path BLOB, size INT, mtime INT, problem TEXT)"
)
"""Makes the table of recordings. Blobs: paths may hold any bytes, and no locale orders names."""


def fill(database: sqlite3.Connection, found: Iterable[Found]) -> tuple[int, dict[str, int]]:
    """Write the recordings among what was `found` into an empty catalogue.

    Returns
    -------
    n_ignored : int
        Files that the walk skipped, or that are read through a header beside them.
    skipped : dict
        How many files the walk skipped for their extension alone, as `Skipped.counts` gives it.

    Raises
    ------
    UsageError
        Two recordings would land on one path in OUT; both are named.
    """
    filling = _Filling(database)
    database.execute("BEGIN")
    database.execute(
        "CREATE TABLE found (name BLOB, source BLOB, path BLOB, size INT, mtime INT,"
        " problem TEXT, header BLOB, part INT)"
    )
    database.executemany("INSERT INTO found VALUES (?, ?, ?, ?, ?, ?, ?, ?)", filling.rows(found))
    filling.drop_sidecars()
    n_ignored = filling.n_ignored + drop_segments(database)
    database.execute(TABLE)
    database.execute(
        "INSERT INTO recordings (name, source, path, size, mtime, problem)"
        " SELECT name, source, path, size, mtime, problem FROM found"
        " ORDER BY name, source, path"
    )
    database.execute("DROP TABLE found")
    skipped = filling.skipped.counts()
    database.execute("CREATE TABLE skipped (ending TEXT, files INT)")
    database.executemany("INSERT INTO skipped VALUES (?, ?)", skipped.items())
    database.execute("COMMIT")
    _refuse_collisions(database)
    return n_ignored, skipped


class _Filling:
    """The rows of what was found, and what is counted on the way.

    Attributes
    ----------
    n_ignored, skipped
        Files that are no recordings of their own, and those of unknown format among them.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._headers = False
        self.n_ignored = 0
        self.skipped = Skipped()

    def rows(self, found: Iterable[Found]) -> Iterator[tuple[Any, ...]]:
        header_of = sidecars()
        headers = frozenset(header_of.values())
        for entry in found:
            if entry.name is None:
                self.n_ignored += 1
                if entry.unknown:
                    self.skipped.add(ending_of(entry.source))
                continue
            stem, ending = divided(entry.path)
            header = header_of.get(ending)
            self._headers |= ending in headers
            # Only headers are joined by others; a million names of other files need no look.
            part = ending in headers and not entry.by_hand
            part = part and parent_header(os.path.basename(entry.path)) is not None  # noqa: PTH119
            yield (
                os.fsencode(written(entry.name)),
                os.fsencode(written(entry.source)),
                os.fsencode(entry.path),
                entry.size,
                entry.mtime_ns,
                _text_of(entry.problem),
                None if header is None else os.fsencode(stem + header),
                part,
            )

    def drop_sidecars(self) -> None:
        """Leave out files that are read through a header beside them: one recording, one row."""
        if not self._headers:
            return
        self._database.execute("CREATE INDEX by_path ON found (path)")
        dropped = self._database.execute(
            "DELETE FROM found WHERE header IS NOT NULL"
            " AND (EXISTS (SELECT 1 FROM found AS beside WHERE beside.path = found.header)"
            " OR EXISTS (SELECT 1 FROM found AS beside"
            f" WHERE beside.path = CAST(found.header || '{GZIP}' AS BLOB)))"
        )
        self.n_ignored += dropped.rowcount


def _text_of(problem: RecordingError | None) -> str:
    if problem is None:
        return ""
    return json.dumps([problem.kind, problem.message, problem.remedy])


def _refuse_collisions(database: sqlite3.Connection) -> None:
    clashing = "recordings a JOIN recordings b ON b.idx = a.idx + 1 WHERE a.name = b.name"
    pairs = database.execute(
        f"SELECT a.path, b.path, a.name, a.source = b.source FROM {clashing}"
        f" GROUP BY a.name ORDER BY a.name LIMIT {MOST_NAMED}"
    ).fetchall()
    if not pairs:
        return
    for one, other, *_ in pairs:
        if one == other:
            raise UsageError(f"{written(os.fsdecode(one))} is given twice; give it once")
    (count,) = database.execute(f"SELECT COUNT(DISTINCT a.name) FROM {clashing}").fetchone()
    named = "; ".join(
        f"{written(os.fsdecode(one))} and {written(os.fsdecode(other))} would both be drawn as "
        f"{os.fsdecode(name)}"
        for one, other, name, _ in pairs
    )
    more = f"; and {count - len(pairs):,} more" if count > len(pairs) else ""
    names = "1 name clashes" if count == 1 else f"{count:,} names clash"
    mend = (
        "give two commands with an OUT each"
        if all(same for *_, same in pairs)
        else "draw all with --name-with-ending, which names them as their files"
    )
    raise UsageError(
        f"{names}: {named}{more}; give a list of those to draw, one of each (@list.txt), or {mend}"
    )
