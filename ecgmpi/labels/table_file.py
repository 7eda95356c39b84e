"""A table of labels, opened by the ending of its file."""

from __future__ import annotations

from pathlib import Path

from .table import Table
from .text_table import TextTable

PARQUET = (".parquet", ".pq")
"""Endings of parquet files; any other is text."""


def open_table(path: Path) -> Table:
    """Open a table, and read the names of its columns.

    Raises
    ------
    UsageError
        It cannot be read, or has no columns.
    """
    if path.suffix.lower() in PARQUET:
        from .parquet_table import ParquetTable

        return ParquetTable(path)
    return TextTable(path)
