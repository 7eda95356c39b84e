"""How a catalogue is divided into chunks, in its database: a row a section."""

from __future__ import annotations

import sqlite3

from .chunks import Chunks


def counted(database: sqlite3.Connection) -> int:
    """Count the recordings of a catalogue."""
    # Counted by the last of them: to visit a million takes a second.
    (last,) = database.execute("SELECT MAX(idx) FROM recordings").fetchone()
    return last or 0


def write_chunks(database: sqlite3.Connection, chunks: Chunks) -> None:
    """Note how the recordings are divided, in place of what was noted before."""
    rows = [(chunks.size, split, n) for split, n in chunks.sections]
    database.execute("DROP TABLE IF EXISTS chunks")
    database.execute("CREATE TABLE chunks (size INT, split TEXT, recordings INT)")
    database.executemany("INSERT INTO chunks VALUES (?, ?, ?)", rows)


def read_chunks(database: sqlite3.Connection) -> Chunks:
    """Read how the recordings are divided.

    Raises
    ------
    sqlite3.Error
        That is not noted, or is of other recordings.
    """
    rows = database.execute("SELECT * FROM chunks ORDER BY rowid").fetchall()
    n_recordings = counted(database)
    if rows and len(rows[0]) == 1:
        # As an earlier version wrote it, which knew no splits.
        return Chunks.undivided(rows[0][0], n_recordings)
    chunks = Chunks(rows[0][0] if rows else 1, tuple((split, n) for _, split, n in rows))
    if chunks.n_recordings != n_recordings:
        raise sqlite3.DatabaseError("its chunks are not those of its recordings")
    return chunks
