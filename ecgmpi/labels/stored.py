"""Labels in the catalogue of a job: written once when it is made, read chunk by chunk.

Only the named columns of rows that match are there: nothing else of a table comes into OUT.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.options.splits import SPLIT

from .column_types import Kind, LabelColumn, Value
from .facts import SplitFacts, TableFacts

_FACTS = "label_facts"

OF_LABELS = f"(name = '{_FACTS}' OR name GLOB 'labels_[0-9]*')"
"""What holds, in SQL, for the `name` of each table of the catalogue that has labels."""

_CACHE_KIB, _USUAL_KIB = 65_536, 2000
"""Memory for pages of the database, KiB: while many rows are written, and SQLite's own default."""


@contextmanager
def many_rows(database: sqlite3.Connection) -> Iterator[None]:
    """Write many rows in one transaction, for a block.

    Rows that do not come in their order are kept sorted in memory, as far as that goes.
    """
    database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    database.execute("BEGIN")
    yield
    database.execute("COMMIT")
    database.execute(f"PRAGMA cache_size = -{_USUAL_KIB}")


class LabelWriter:
    """Writes the labels of a job into the database of its catalogue.

    Parameters
    ----------
    database
        The catalogue; what it had before is removed.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._columns: list[tuple[int, LabelColumn]] = []
        self._facts: list[TableFacts] = []
        self._n_tables = 0
        old = database.execute(
            f"SELECT name FROM sqlite_master WHERE type = 'table' AND {OF_LABELS}"
        ).fetchall()
        for (name,) in old:
            database.execute(f"DROP TABLE {name}")

    def add(
        self,
        columns: Sequence[LabelColumn],
        rows: Iterable[Sequence[Value]],
        facts: TableFacts | None = None,
    ) -> None:
        """Write the labels of one table; those of no table come after all others.

        Parameters
        ----------
        columns
            Its columns; how wide their text is, is found here.
        rows
            Each the index of a recording, and its values.
        facts
            Facts about the table; None for labels that no table gives.
        """
        table = f"labels_{self._n_tables}"
        names = "".join(f", c{k}" for k in range(len(columns)))
        marks = ", ?" * len(columns)
        # Rows come in the order of their table, and are read in that of the catalogue.
        with many_rows(self._database):
            self._database.execute(f"CREATE TABLE {table} (idx INTEGER PRIMARY KEY{names})")
            self._database.executemany(f"INSERT INTO {table} VALUES (?{marks})", rows)
        for place, column in enumerate(columns):
            width = column.width
            if column.kind is Kind.TEXT:
                (found,) = self._database.execute(
                    f"SELECT MAX(LENGTH(CAST(c{place} AS BLOB))) FROM {table}"
                ).fetchone()
                width = max(1, found or 0)
            self._columns.append((self._n_tables, replace(column, width=width)))
        self._n_tables += 1
        if facts is not None:
            self._facts.append(facts)

    def in_splits(self) -> dict[str, int]:
        """Count the recordings of each split."""
        names = [column.name for _, column in self._columns]
        table, place = _place([table for table, _ in self._columns], names, SPLIT)
        rows = self._database.execute(
            f"SELECT c{place}, COUNT(*) FROM labels_{table} GROUP BY c{place}"
        )
        return {split: count for split, count in rows if split}

    def finish(self, split: SplitFacts | None = None) -> None:
        """Write what the columns are, and the facts about the `split`."""
        document = {
            "columns": [[table, asdict(column)] for table, column in self._columns],
            "tables": [asdict(facts) for facts in self._facts],
            "split": asdict(split) if split else None,
        }
        self._database.execute(f"CREATE TABLE {_FACTS} (document TEXT)")
        self._database.execute(f"INSERT INTO {_FACTS} VALUES (?)", [json.dumps(document)])


class StoredLabels:
    """The labels of a job.

    Attributes
    ----------
    columns
        What columns there are, in order.
    tables
        Facts about each table that they come from.
    split
        Facts about the splits; None where there are none.
    """

    def __init__(self, database: sqlite3.Connection, document: dict[str, Any]) -> None:
        self._database = database
        self._tables = [table for table, _ in document["columns"]]
        self.columns = tuple(
            LabelColumn(**column | {"kind": Kind(column["kind"])})
            for _, column in document["columns"]
        )
        self.tables = tuple(
            TableFacts(**facts | {"columns": tuple(facts["columns"])})
            for facts in document["tables"]
        )
        # An earlier version knew no splits.
        split = document.get("split")
        self.split = SplitFacts(**split) if split else None

    @classmethod
    def of(cls, database: sqlite3.Connection) -> StoredLabels | None:
        """The labels in a catalogue; None if it has none.

        Raises
        ------
        sqlite3.Error
            They are damaged, or of another version.
        """
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [_FACTS]).fetchone():
            return None
        (document,) = database.execute(f"SELECT document FROM {_FACTS}").fetchone()
        try:
            return cls(database, json.loads(document))
        except (ValueError, KeyError, TypeError) as error:
            raise sqlite3.DatabaseError("its labels are damaged or of another version") from error

    @property
    def identity(self) -> list[Any]:
        """What decides these labels, but for the recordings."""
        of_split = [self.split.identity] if self.split else []
        return [facts.identity for facts in self.tables] + of_split

    def rows(self, indices: Sequence[int]) -> list[tuple[Value, ...]]:
        """The values of recordings, by their indices in the catalogue, in that order.

        A number that is not there is None.
        """
        found: dict[int, list[Value]] = {
            index: [column.nothing for column in self.columns] for index in indices
        }
        marks = ",".join(map(str, map(int, indices)))
        for table in sorted(set(self._tables)):
            first = self._tables.index(table)
            for index, *values in self._database.execute(
                f"SELECT * FROM labels_{table} WHERE idx IN ({marks})"
            ):
                found[index][first : first + len(values)] = values
        return [tuple(map(_typed, self.columns, found[index])) for index in indices]

    def as_json(self, values: Sequence[Value]) -> dict[str, Any]:
        """The labels of a recording as the JSON of its samples has them."""
        return {
            column.name: column.as_json(value)
            for column, value in zip(self.columns, values, strict=True)
        }

    def block(self, first: int, last: int) -> dict[str, npt.NDArray[Any]]:
        """The labels of the recordings from `first` to before `last`, as columns.

        Text is UTF-8 bytes of fixed width, what has no value NaN.
        """
        found: dict[str, npt.NDArray[Any]] = {}
        for table in sorted(set(self._tables)):
            columns = [c for c, of in zip(self.columns, self._tables, strict=True) if of == table]
            # Text as it is stored: UTF-8.
            wanted = ", ".join(
                f"CAST(c{k} AS BLOB)" if column.kind is Kind.TEXT else f"c{k}"
                for k, column in enumerate(columns)
            )
            rows = self._database.execute(
                f"SELECT idx, {wanted} FROM labels_{table} WHERE idx >= ? AND idx < ? ORDER BY idx",
                [first, last],
            ).fetchall()
            if len(rows) < last - first:
                there = {row[0]: row for row in rows}
                nothing = [b"" if c.kind is Kind.TEXT else None for c in columns]
                rows = [there.get(index, (index, *nothing)) for index in range(first, last)]
            _, *values_of = zip(*rows, strict=True)
            for column, values in zip(columns, values_of, strict=True):
                dtype = f"S{column.width}" if column.kind is Kind.TEXT else column.kind.value
                # None becomes NaN by itself.
                found[column.name] = np.array(values, dtype)
        return found

    def by_split(self, splits: Sequence[str]) -> str:
        """An expression of SQL for the place of a recording, `recordings.idx`, among `splits`.

        What is in none of them comes last.
        """
        names = [column.name for column in self.columns]
        table, place = _place(self._tables, names, SPLIT)
        whens = " ".join(f"WHEN '{split}' THEN {k}" for k, split in enumerate(splits))
        return (
            f"COALESCE((SELECT CASE c{place} {whens} END FROM labels_{table} AS l"
            f" WHERE l.idx = recordings.idx - 1), {len(splits)})"
        )

    def renumber(self, places: str) -> None:
        """Move labels with their recordings.

        Parameters
        ----------
        places
            A table of the database with the place that each recording gets (``new``), and the one
            that it had (``old``), both from 1.
        """
        for table in sorted(set(self._tables)):
            columns = "".join(f", c{k}" for k in range(self._tables.count(table)))
            self._database.execute(f"CREATE TABLE moved (idx INTEGER PRIMARY KEY{columns})")
            self._database.execute(
                f"INSERT INTO moved SELECT p.new - 1{columns} FROM {places} AS p"
                f" JOIN labels_{table} AS l ON l.idx = p.old - 1 ORDER BY p.new"
            )
            self._database.execute(f"DROP TABLE labels_{table}")
            self._database.execute(f"ALTER TABLE moved RENAME TO labels_{table}")

    def unmatched(self) -> Iterator[tuple[str, str, str]]:
        """Each table with the name and source of each recording that has no row in it."""
        for number, facts in enumerate(self.tables):
            for name, source in self._database.execute(
                "SELECT name, source FROM recordings WHERE NOT EXISTS"
                f" (SELECT 1 FROM labels_{number} AS l WHERE l.idx = recordings.idx - 1)"
                " ORDER BY recordings.idx"
            ):
                yield facts.table, name.decode(), source.decode()


def _place(tables: Sequence[int], names: Sequence[str], name: str) -> tuple[int, int]:
    """The table that a column is in, and its place there."""
    place = names.index(name)
    return tables[place], place - tables.index(tables[place])


def _typed(column: LabelColumn, value: Any) -> Value:
    if value is None:
        return column.nothing
    typed: Value = bool(value) if column.kind is Kind.BOOLEAN else value
    return typed
