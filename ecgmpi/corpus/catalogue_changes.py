"""How the recordings of two catalogues differ, in words: a job resumes only where they do not."""

from __future__ import annotations

import os
import sqlite3

_TELLING = ("name", "source", "size", "mtime", "problem")
"""Columns that identify a recording when the job resumes; its path may differ."""

_STATED = ("size", "mtime")
"""Those that a missing file does not have."""

MOST_NAMED = 3
"""Recordings that a message names if many have changed."""


_ARRIVED = "{now}.mtime > 0 AND {before}.mtime <= 0"
"""Whether a file is there now that was missing before: no change of a recording that failed."""


def _except(left: str, right: str) -> str:
    columns = ", ".join(_TELLING)
    return (
        f"(SELECT {columns} FROM {left}.recordings EXCEPT"
        f" SELECT {columns} FROM {right}.recordings EXCEPT {_arrived(left)}"
        " ORDER BY name, source)"
    )


def _arrived(of: str) -> str:
    """The rows of one catalogue for files that were missing before and are there now."""
    columns = ", ".join(f"{of}.{name}" for name in _TELLING)
    arrived = _ARRIVED.format(now="main", before="earlier")
    return (
        f"SELECT {columns} FROM main.recordings AS main JOIN earlier.recordings AS earlier"
        f" ON main.name = earlier.name AND main.source = earlier.source WHERE {arrived}"
    )


_HERE, _EARLIER = "temp.only_here", "temp.only_earlier"
"""Tables of the rows that only one of two catalogues has."""

_CHANGES = (
    (
        *("has changed", "have changed"),
        f"SELECT source FROM {_HERE} WHERE source IN (SELECT source FROM {_EARLIER})",
    ),
    (
        *("is new", "are new"),
        f"SELECT source FROM {_HERE} WHERE source NOT IN (SELECT source FROM {_EARLIER})",
    ),
    (
        *("is gone", "are gone"),
        f"SELECT source FROM {_EARLIER} WHERE source NOT IN (SELECT source FROM {_HERE})",
    ),
)
"""What a recording did, in words for one and for many, and the query for their sources."""


def changes(database: sqlite3.Connection, earlier: str, most: int = MOST_NAMED) -> list[str]:
    """How the recordings of a catalogue differ from those of an `earlier` one, in words.

    Path below INPUT, size and time of change are compared.

    Parameters
    ----------
    database, earlier
        The catalogue that is open, and what to attach to it, as SQLite names it.
    most
        How many recordings of each kind, changed, new or gone, are named; the others are
        counted.
    """
    try:
        database.execute("ATTACH ? AS earlier", (earlier,))
    except sqlite3.DatabaseError:
        return ["the earlier catalogue cannot be read"]
    try:
        differences: list[str] = []
        if _is_same(database):
            return _moved(database)
        for table, left, right in ((_HERE, "main", "earlier"), (_EARLIER, "earlier", "main")):
            database.execute(f"DROP TABLE IF EXISTS {table}")
            database.execute(
                f"CREATE TEMP TABLE {table.removeprefix('temp.')} AS SELECT * FROM "
                + _except(left, right)
            )
        for one, many, query in _CHANGES:
            count = database.execute(f"SELECT COUNT(*) FROM ({query})").fetchone()[0]
            rows = database.execute(f"{query} LIMIT {most}").fetchall()
            differences += [f"{os.fsdecode(source)} {one}" for (source,) in rows]
            if more := count - len(rows):
                differences.append(f"and {more:,} more {one if more == 1 else many}")
        return differences or _moved(database)
    except sqlite3.DatabaseError:
        return ["the earlier catalogue cannot be read"]
    finally:
        database.execute("DETACH earlier")


def _moved(database: sqlite3.Connection) -> list[str]:
    """Say that recordings have moved: headers may say another split without looking changed."""
    other_place = database.execute(
        "SELECT 1 FROM main.recordings AS one JOIN earlier.recordings AS other"
        " ON other.idx = one.idx WHERE one.name IS NOT other.name LIMIT 1"
    ).fetchone()
    here, before = (
        database.execute(f"SELECT * FROM {of}.chunks ORDER BY rowid").fetchall()
        for of in ("main", "earlier")
    )
    # An earlier version noted the size alone, and knew no splits.
    other_chunks = any(len(row) > 1 for row in before) and here != before
    return ["recordings belong to other splits"] if other_place or other_chunks else []


def _is_same(database: sqlite3.Connection) -> bool:
    """Whether both catalogues are the same, row by row, which takes no sorting."""
    (n_earlier,) = database.execute("SELECT COUNT(*) FROM earlier.recordings").fetchone()
    differs = " OR ".join(
        f"one.{name} IS NOT other.{name}" for name in _TELLING if name not in _STATED
    )
    changed = " OR ".join(f"one.{name} IS NOT other.{name}" for name in _STATED)
    arrived = _ARRIVED.format(now="one", before="other")
    differs = f"{differs} OR (({changed}) AND NOT ({arrived}))"
    other = database.execute(
        "SELECT 1 FROM main.recordings AS one LEFT JOIN earlier.recordings AS other"
        f" ON other.idx = one.idx WHERE {differs} LIMIT 1"
    ).fetchone()
    (n_here,) = database.execute("SELECT COUNT(*) FROM main.recordings").fetchone()
    return other is None and n_earlier == n_here
