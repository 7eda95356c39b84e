"""The catalogue of a job, on disk: every recording, in the order of its name, and its chunk.

SQLite sorts (outside memory) and looks recordings up; rank 0 alone opens it.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecgmpi.errors import FailureKind, RecordingError, UsageError
from ecgmpi.labels.facts import TableFacts
from ecgmpi.labels.keys import Entries, Recording
from ecgmpi.labels.labelling import write_labels
from ecgmpi.labels.stored import StoredLabels
from ecgmpi.names import written
from ecgmpi.options.labels import Labelling
from ecgmpi.options.quantities import Part
from ecgmpi.readers import divided, parent_header, sidecars
from ecgmpi.readers.file_names import GZIP

from .catalogue_changes import MOST_NAMED, changes
from .discover import Found
from .item import Item
from .segments import drop_segments
from .skipped import Skipped, ending_of

MOST_IN_A_CHUNK = 32
"""A rank that dies costs at most the chunks in flight, so chunks must stay small."""


@dataclass(frozen=True, slots=True)
class Chunking:
    """How recordings are divided into chunks, whoever draws them.

    Attributes
    ----------
    most
        The most recordings of a chunk.
    exactly
        How many a chunk has, but for the last; None for some hundreds of chunks, so that ranks
        end together.
    """

    most: int = MOST_IN_A_CHUNK
    exactly: int | None = None

    def size(self, n_recordings: int) -> int:
        """Recordings a chunk."""
        return self.exactly or min(self.most, max(1, n_recordings // 256))


FILES = Chunking()
"""The chunks of a job in which each picture is a file."""


class Catalogue:
    """The recordings of a job, sorted by name, addressed by index and by chunk.

    Attributes
    ----------
    n_recordings
        How many there are.
    n_ignored
        How many files the walk skipped, or are read through a header beside them, such as the
        segments of a record.
    skipped
        How many files the walk skipped for their extension alone, as `Skipped.counts` gives it.
    chunk_size
        Recordings a chunk; a function of `n_recordings` and the options of the job, so that
        chunks are the same whoever draws them.
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
        self.n_recordings = 0
        self.n_ignored = 0
        self.skipped: dict[str, int] = {}
        self.chunk_size = 1
        self._headers = False
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
            self._fill(found, chunking)
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
            self._count()
            (self.chunk_size,) = self._database.execute("SELECT size FROM chunks").fetchone()
            self.skipped = dict(
                self._database.execute("SELECT ending, files FROM skipped ORDER BY rowid")
            )
            self.labels = StoredLabels.of(self._database)
        except BaseException:
            self.close()
            raise
        return self

    def _fill(self, found: Iterable[Found], chunking: Chunking) -> None:
        skipped = Skipped()
        self._database.execute("BEGIN")
        self._database.execute(
            "CREATE TABLE found (name BLOB, source BLOB, path BLOB, size INT, mtime INT,"
            " problem TEXT, header BLOB, part INT)"
        )
        self._database.executemany(
            "INSERT INTO found VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self._rows(found, skipped)
        )
        self.skipped = skipped.counts()
        self._drop_sidecars()
        self.n_ignored += drop_segments(self._database)
        # Blobs: paths may hold any bytes, and no locale changes the order of the names.
        self._database.execute(
            "CREATE TABLE recordings (idx INTEGER PRIMARY KEY, name BLOB, source BLOB,"
            " path BLOB, size INT, mtime INT, problem TEXT)"
        )
        self._database.execute(
            "INSERT INTO recordings (name, source, path, size, mtime, problem)"
            " SELECT name, source, path, size, mtime, problem FROM found"
            " ORDER BY name, source, path"
        )
        self._database.execute("DROP TABLE found")
        self._database.execute("CREATE TABLE skipped (ending TEXT, files INT)")
        self._database.executemany("INSERT INTO skipped VALUES (?, ?)", self.skipped.items())
        self._count()
        self.chunk_size = chunking.size(self.n_recordings)
        self._database.execute("CREATE TABLE chunks (size INT)")
        self._database.execute("INSERT INTO chunks VALUES (?)", [self.chunk_size])
        self._database.execute("COMMIT")
        self._refuse_collisions()

    def _drop_sidecars(self) -> None:
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

    def _rows(self, found: Iterable[Found], skipped: Skipped) -> Iterator[tuple[Any, ...]]:
        header_of = sidecars()
        headers = frozenset(header_of.values())
        for entry in found:
            if entry.name is None:
                self.n_ignored += 1
                if entry.unknown:
                    skipped.add(ending_of(entry.source))
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

    def _count(self) -> None:
        # Counted by the last of them: to visit a million takes a second.
        (last,) = self._database.execute("SELECT MAX(idx) FROM recordings").fetchone()
        self.n_recordings = last or 0

    def _refuse_collisions(self) -> None:
        clashing = "recordings a JOIN recordings b ON b.idx = a.idx + 1 WHERE a.name = b.name"
        pairs = self._database.execute(
            f"SELECT a.path, b.path, a.name, a.source = b.source FROM {clashing}"
            f" GROUP BY a.name ORDER BY a.name LIMIT {MOST_NAMED}"
        ).fetchall()
        if not pairs:
            return
        for one, other, *_ in pairs:
            if one == other:
                raise UsageError(f"{written(os.fsdecode(one))} is given twice; give it once")
        (count,) = self._database.execute(
            f"SELECT COUNT(DISTINCT a.name) FROM {clashing}"
        ).fetchone()
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
            f"{names}: {named}{more}; give a list of those to draw, "
            f"one of each (@list.txt), or {mend}"
        )

    def add_labels(
        self,
        options: Labelling,
        entries: Entries,
        taken: Sequence[str] = (),
        check: Callable[[], None] = lambda: None,
    ) -> None:
        """Join tables with the recordings; see `ecgmpi.labels.labelling.write_labels`.

        Raises
        ------
        UsageError
            A table cannot be read, or does not fit.
        """
        self.label_warnings = write_labels(
            self._database, options, self._recordings, self.n_recordings, entries, taken, check
        )
        self.labels = StoredLabels.of(self._database)

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

    def told_of_labels(self, listed: str = "") -> list[str]:
        """Say how tables and recordings matched, a line each, and what is odd about their keys.

        `listed` is where the recordings without a row are named.
        """
        return [
            *(f"labels of {table.line(listed)}" for table in self.label_tables),
            *self.label_warnings,
        ]

    @property
    def n_chunks(self) -> int:
        """How many chunks there are."""
        return -(-self.n_recordings // self.chunk_size)

    @property
    def n_bytes(self) -> int:
        """Size of all recordings together."""
        (size,) = self._database.execute("SELECT TOTAL(size) FROM recordings").fetchone()
        return int(size)

    def n_recordings_of(self, part: Part) -> int:
        """How many recordings the chunks of a `part` have."""
        n_chunks = len(range(part.number - 1, self.n_chunks, part.of))
        last = self.n_chunks - 1
        short = self.n_chunks * self.chunk_size - self.n_recordings
        return n_chunks * self.chunk_size - (short if last >= 0 and part.has(last) else 0)

    def chunk(self, number: int) -> list[Item]:
        """The recordings of chunk `number` (from 0), in order."""
        first = number * self.chunk_size
        return self.items(range(first, min(first + self.chunk_size, self.n_recordings)))

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
                index // self.chunk_size,
                labels.get(index, {}),
            )
            for index, name, source, path, problem in rows
        ]

    def _labels_of(self, indices: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
        if self.labels is None:
            return {}
        rows = self.labels.rows(indices)
        return dict(zip(indices, map(self.labels.as_json, rows), strict=True))

    def differences(self, earlier: Path) -> list[str]:
        """How the recordings differ from those of an `earlier` catalogue: see `changes`."""
        return changes(self._database, _uri(earlier))

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _text_of(problem: RecordingError | None) -> str:
    if problem is None:
        return ""
    return json.dumps([problem.kind, problem.message, problem.remedy])


def _problem_of(text: str) -> RecordingError | None:
    if not text:
        return None
    kind, message, remedy = json.loads(text)
    return RecordingError(FailureKind(kind), message, remedy)


def _uri(path: Path) -> str:
    # Only one process uses the file, so it needs no locks, which some shared filesystems lack.
    return f"{path.absolute().as_uri()}?vfs=unix-none"
