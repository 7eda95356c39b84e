"""The recordings of a catalogue in the order of their splits, so that each split is a section."""

from __future__ import annotations

import sqlite3

from ecgmpi.labels.stored import StoredLabels, many_rows
from ecgmpi.options.splits import NO_SPLIT

from .chunks import Sections
from .filling import TABLE

_COLUMNS = "name, source, path, size, mtime, problem"


def order_by_split(database: sqlite3.Connection, labels: StoredLabels) -> Sections:
    """Order recordings by split, and those of a split by name; their labels go with them.

    Parameters
    ----------
    database
        The catalogue, whose recordings are ordered by name.
    labels
        Their labels, one of which is the split.

    Returns
    -------
    tuple
        The sections of the catalogue, in the order of the splits. Recordings in no split are the
        last.
    """
    assert labels.split is not None
    splits = labels.split.recordings
    with many_rows(database):
        database.execute("CREATE TEMP TABLE places (new INTEGER PRIMARY KEY, old INT)")
        database.execute(
            "INSERT INTO places (old) SELECT idx FROM recordings"
            f" ORDER BY {labels.by_split(list(splits))}, idx"
        )
        database.execute("ALTER TABLE recordings RENAME TO by_name")
        database.execute(TABLE)
        database.execute(
            f"INSERT INTO recordings SELECT p.new, {_COLUMNS} FROM places AS p"
            " JOIN by_name ON by_name.idx = p.old ORDER BY p.new"
        )
        database.execute("DROP TABLE by_name")
        labels.renumber("places")
        database.execute("DROP TABLE places")
    sections = [(split, n) for split, n in splits.items() if n]
    if labels.split.none:
        sections.append((NO_SPLIT, labels.split.none))
    return tuple(sections)
