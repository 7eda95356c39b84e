"""The catalogue of a job, on disk: every recording, by split and by name, and its chunk.

SQLite sorts (outside memory) and looks recordings up; rank 0 alone opens it.
"""

from __future__ import annotations

import json
import os
import sqlite3
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.labels.facts import SplitFacts, TableFacts
from ecgmpi.labels.keys import Entries, Recording
from ecgmpi.labels.labelling import write_labels
from ecgmpi.labels.stored import OF_LABELS, StoredLabels
from ecgmpi.options.labels import Labelling

from .catalogue_changes import MOST_NAMED, changes
from .chunks import EMPTY, FILES, Chunking, Chunks
from .discover import Found, modified_ns
from .filling import fill
from .item import Item
from .split_order import order_by_split
from .stored_chunks import counted, read_chunks, write_chunks


class Catalogue:
    """The recordings of a job, addressed by index and by chunk.

    They are sorted by name, within each section of `chunks`.

    Attributes
    ----------
    n_ignored
        How many files the walk skipped, or are read through a header beside them, such as the
        segments of a record.
    skipped
        How many files the walk skipped for their extension alone, as `Skipped.counts` gives it.
    chunks
        How they are divided into chunks; a function of the recordings, their splits and the
        options of the job, so that chunks are the same whoever draws them.
    labels
        The labels of the recordings; None where there are none.
    label_warnings
        What was odd about the keys of their tables, where they were joined just now.
    """

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(_uri(path), uri=True, isolation_level=None)
        try:
            for setting in ("journal_mode = OFF", "synchronous = OFF", "temp_store = FILE"):
                self._database.execute(f"PRAGMA {setting}")
        except BaseException:
            self._database.close()
            raise
        self.n_ignored = 0
        self.skipped: dict[str, int] = {}
        self.chunks = EMPTY
        self.labels: StoredLabels | None = None
        self.label_warnings: list[str] = []

    @classmethod
    def build(cls, path: Path, found: Iterable[Found], chunking: Chunking = FILES) -> Catalogue:
        """Write the catalogue of what was `found` to `path`, replacing any other.

        Parameters
        ----------
        path
            Where to.
        found
            What a search of INPUT found.
        chunking
            How recordings are divided into chunks.

        Raises
        ------
        UsageError
            Two recordings would land on one path in OUT; both are named.
        """
        path.unlink(missing_ok=True)
        self = cls(path)
        try:
            self.n_ignored, self.skipped = fill(self._database, found)
            n_recordings = counted(self._database)
            self._divide(Chunks.undivided(chunking.size(n_recordings), n_recordings))
        except BaseException:
            self.close()
            raise
        return self

    @classmethod
    def open(cls, path: Path) -> Catalogue:
        """Open the catalogue at `path`; it does not hold `n_ignored`.

        Raises
        ------
        sqlite3.Error
            There is none.
        """
        self = cls(path)
        try:
            self._load()
        except BaseException:
            self.close()
            raise
        return self

    @classmethod
    def without_labels(cls, path: Path, earlier: Path) -> Catalogue:
        """Write the recordings of an `earlier` catalogue to `path`, replacing any other.

        Nothing of the labels of the earlier one is in the new file.

        Raises
        ------
        sqlite3.Error
            There is none, or the disk is full.
        """
        path.unlink(missing_ok=True)
        self = cls(path)
        try:
            self._database.execute("ATTACH ? AS earlier", (_uri(earlier),))
            tables = self._database.execute(
                "SELECT name, sql FROM earlier.sqlite_master"
                f" WHERE type = 'table' AND NOT {OF_LABELS}"
            ).fetchall()
            for table, made_by in tables:
                self._database.execute(made_by)
                self._database.execute(f"INSERT INTO main.{table} SELECT * FROM earlier.{table}")
            self._database.execute("DETACH earlier")
            self._load()
        except BaseException:
            self.close()
            raise
        return self

    def _load(self) -> None:
        self.chunks = read_chunks(self._database)
        self.skipped = dict(
            self._database.execute("SELECT ending, files FROM skipped ORDER BY rowid")
        )
        self.labels = StoredLabels.of(self._database)

    def _divide(self, chunks: Chunks) -> None:
        write_chunks(self._database, chunks)
        self.chunks = chunks

    def add_labels(
        self,
        options: Labelling,
        entries: Entries,
        taken: Sequence[str] = (),
        check: Callable[[], None] = lambda: None,
        *,
        by_split: bool = False,
    ) -> None:
        """Join tables with the recordings; see `ecgmpi.labels.labelling.write_labels`.

        Where `by_split`, recordings are ordered by their splits, if they have any, and then by
        name: no chunk holds two splits.

        Raises
        ------
        UsageError
            A table cannot be read, or does not fit.
        """
        self.label_warnings = write_labels(
            self._database, options, self._recordings, self.n_recordings, entries, taken, check
        )
        self.labels = StoredLabels.of(self._database)
        if by_split and self.labels and self.labels.split:
            sections = order_by_split(self._database, self.labels)
            self._divide(Chunks(self.chunks.size, sections))

    def _recordings(self, paths: bool = False) -> Iterator[Recording]:
        # Names are written as UTF-8; a path may hold any bytes.
        return self._database.execute(
            "SELECT idx - 1, CAST(name AS TEXT), CAST(source AS TEXT),"
            f" {'path' if paths else 'NULL'} FROM recordings ORDER BY idx"
        )

    @property
    def label_tables(self) -> tuple[TableFacts, ...]:
        """How each table of labels matched the recordings."""
        return self.labels.tables if self.labels else ()

    @property
    def split(self) -> SplitFacts | None:
        """How the recordings are divided into splits; None where they are not."""
        return self.labels.split if self.labels else None

    def told_of_labels(self, listed: str = "") -> list[str]:
        """Say how tables and recordings matched, a line each, and what is odd about their keys.

        One more says how many recordings each split has. `listed` is where those without a row
        are named.
        """
        return [
            *(f"labels of {table.line(listed)}" for table in self.label_tables),
            *([self.split.line] if self.split else []),
            *self.label_warnings,
        ]

    @property
    def n_recordings(self) -> int:
        """How many recordings there are."""
        return self.chunks.n_recordings

    @property
    def n_chunks(self) -> int:
        """How many chunks there are."""
        return self.chunks.n

    @property
    def n_bytes(self) -> int:
        """Size of all recordings together."""
        (size,) = self._database.execute("SELECT TOTAL(size) FROM recordings").fetchone()
        return int(size)

    def chunk(self, number: int) -> list[Item]:
        """The recordings of chunk `number` (from 0), in order."""
        return self.items(self.chunks.recordings(number))

    def sample(self, n: int) -> list[Item]:
        """At most `n` recordings, spread evenly."""
        n = min(n, self.n_recordings)
        return self.items([k * self.n_recordings // n for k in range(n)])

    def items(self, indices: Sequence[int]) -> list[Item]:
        """The recordings at `indices` (from 0), in order."""
        marks = ",".join(str(index + 1) for index in indices)
        rows = self._database.execute(
            f"SELECT idx - 1, name, source, path, problem FROM recordings"
            f" WHERE idx IN ({marks}) ORDER BY idx"
        )
        labels = self._labels_of(indices)
        return [
            Item(
                index,
                os.fsdecode(name),
                os.fsdecode(source),
                os.fsdecode(path),
                _problem_of(problem),
                self.chunks.of(index),
                labels.get(index, {}),
            )
            for index, name, source, path, problem in rows
        ]

    def named(self, name: str) -> Item | None:
        """The recording of a name in OUT; None if there is none."""

        def name_of(index: int) -> bytes:
            (item,) = self.items([index])
            return item.name.encode()

        for section in self.chunks.ranges:
            place = bisect_left(section, name.encode(), key=name_of)
            if place < len(section) and name_of(section[place]) == name.encode():
                return self.items([section[place]])[0]
        return None

    def _labels_of(self, indices: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
        if self.labels is None:
            return {}
        rows = self.labels.rows(indices)
        return dict(zip(indices, map(self.labels.as_json, rows), strict=True))

    def differences(self, earlier: Path) -> list[str]:
        """How the recordings differ from those of an `earlier` catalogue: see `changes`."""
        return changes(self._database, _uri(earlier))

    def changed_files(self, most: int = MOST_NAMED) -> list[str]:
        """Names of the first files, `most` at most, that are not there as they were found."""
        rows = self._database.execute("SELECT source, path, mtime FROM recordings ORDER BY idx")
        changed = (
            os.fsdecode(source)
            for source, path, mtime in rows
            if modified_ns(os.fsdecode(path)) != mtime
        )
        return [*islice(changed, most)]

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _problem_of(text: str) -> RecordingError | None:
    if not text:
        return None
    kind, message, remedy = json.loads(text)
    return RecordingError(FailureKind(kind), message, remedy)


def _uri(path: Path) -> str:
    # Only one process uses the file, so it needs no locks, which some shared filesystems lack.
    return f"{path.absolute().as_uri()}?vfs=unix-none"
