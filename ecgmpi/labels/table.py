"""What a table of labels is, whatever file it comes from; and its columns by their names."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from ecgmpi.errors import UsageError
from ecgmpi.names import written

from .column_types import Kind

Values = tuple[str, ...]
"""The values of a row in some columns."""

BLOCK = 1024
"""Rows that are read together; more would not fit into the cache of a processor."""

_MOST_LISTED = 40
"""Columns that a message lists."""


class Table(Protocol):
    """A table whose columns have names.

    Attributes
    ----------
    path
        The file.
    columns
        Names of its columns, in order.
    kinds
        The type of each column that the file itself states.
    unit
        What messages call the number of a row: ``line`` or ``row``.
    """

    path: Path
    columns: tuple[str, ...]
    kinds: Mapping[str, Kind]
    unit: str

    def blocks(self, names: Sequence[str]) -> Iterator[list[Values]]:
        """Read the named columns of every row, at most `BLOCK` at a time.

        What has no value is empty.

        Raises
        ------
        UsageError
            The file is damaged, or is not such a table.
        """

    def numbers(self) -> Iterator[int]:
        """Give the number of every row, as messages name it."""


def called(path: Path) -> str:
    """How messages name a table."""
    return f"--metadata {written(str(path))}"


def column_of(table: Table, name: str) -> str | None:
    """Find a column by its name; None if there is none.

    Raises
    ------
    UsageError
        Several have that name.
    """
    count = table.columns.count(name)
    if count > 1:
        raise UsageError(f"{called(table.path)}: {count} columns are called {name!r}; rename them")
    return name if count else None


def no_column(tables: Sequence[Table], name: str) -> UsageError:
    """Make the error for a column that none of the tables has; names the nearest ones."""
    columns = list(dict.fromkeys(column for table in tables for column in table.columns))
    lowered = {column.lower(): column for column in reversed(columns)}
    near = difflib.get_close_matches(name.lower(), lowered, n=3)
    where = ", ".join(written(str(table.path)) for table in tables)
    if near:
        mend = f"do you mean {' or '.join(lowered[one] for one in near)}?"
    else:
        more = f", and {len(columns) - _MOST_LISTED} more" if len(columns) > _MOST_LISTED else ""
        mend = f"it has {', '.join(columns[:_MOST_LISTED])}{more}"
    return UsageError(f"--metadata {where}: no column {name!r}; {mend}")
