"""Write the rows of a manifest as CSV, JSON lines or parquet, block by block."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import UsageError
from ecgmpi.results.columns import Column
from ecgmpi.results.finished import Table

ROWS = 16_384
"""Rows that are read and written together: a block in memory, a row group of parquet."""

EXTRA = "parquet"
"""The extra of this package that installs what writes parquet."""

_DIGITS_F4 = 9
"""Digits that tell every float32 from its neighbours."""


def write_csv(table: Table, handle: IO[bytes]) -> None:
    """Write a table as CSV: UTF-8, a line a row after the names; what has no value is empty."""
    text = io.TextIOWrapper(handle, encoding="utf-8", newline="", write_through=True)
    rows = csv.writer(text, lineterminator="\n")
    try:
        rows.writerow(column.name for column in table.columns)
        for block in _blocks(table):
            lists = (_spelled(table, column, block[column.name]) for column in table.columns)
            rows.writerows(zip(*lists, strict=True))
    finally:
        text.detach()


def write_jsonl(table: Table, handle: IO[bytes]) -> None:
    """Write a table as JSON lines: an object a row; what has no value is null."""
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
    names = [column.name for column in table.columns]
    for block in _blocks(table):
        lists = (_values(table, column, block[column.name]) for column in table.columns)
        lines = (encode(dict(zip(names, row, strict=True))) for row in zip(*lists, strict=True))
        handle.write("".join(f"{line}\n" for line in lines).encode())


def write_parquet(table: Table, handle: IO[bytes]) -> None:
    """Write a table as parquet, each column in its own type; what has no value is null.

    Raises
    ------
    UsageError
        The library is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise UsageError(
            f"--parquet needs the library pyarrow, which is not installed; "
            f"pip install 'ecgmpi[{EXTRA}]'"
        ) from error
    types = {
        "u1": pa.uint8(),
        "u4": pa.uint32(),
        "u8": pa.uint64(),
        "i8": pa.int64(),
        "f4": pa.float32(),
        "f8": pa.float64(),
        "b1": pa.bool_(),
    }
    schema = pa.schema(
        [
            pa.field(
                column.name, types.get(column.dtype, pa.string()), metadata={"about": column.about}
            )
            for column in table.columns
        ]
    )
    with pq.ParquetWriter(handle, schema) as writer:
        for block in _blocks(table):
            arrays = [
                pa.array(table.decoded(values))
                if values.dtype.kind == "S"
                else pa.array(values, mask=_missing(values))
                for values in (block[column.name] for column in table.columns)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema), ROWS)


FORMATS: dict[str, Callable[[Table, IO[bytes]], None]] = {
    "csv": write_csv,
    "jsonl": write_jsonl,
    "parquet": write_parquet,
}
"""Every format by its name."""


def _blocks(table: Table) -> Iterator[dict[str, npt.NDArray[Any]]]:
    for first in range(0, table.n_rows, ROWS):
        yield table.block(first, min(first + ROWS, table.n_rows))


def _missing(values: npt.NDArray[Any]) -> npt.NDArray[np.bool_] | None:
    return np.isnan(values) if values.dtype.kind == "f" else None


def _spelled(table: Table, column: Column, values: npt.NDArray[Any]) -> Iterable[Any]:
    """A block of a column for CSV."""
    if column.dtype == "f4":
        return ["" if value != value else f"{value:.{_DIGITS_F4}g}" for value in values.tolist()]
    if column.dtype == "f8":
        return ["" if value != value else repr(value) for value in values.tolist()]
    return table.decoded(values)


def _values(table: Table, column: Column, values: npt.NDArray[Any]) -> Iterable[Any]:
    """A block of a column for JSON."""
    if column.dtype == "f4":
        # Not the digits that float32 does not have.
        rounded = (float(f"{value:.{_DIGITS_F4}g}") for value in values.tolist())
        return [None if math.isnan(value) else value for value in rounded]
    if column.dtype == "f8":
        return [None if value != value else value for value in values.tolist()]
    return table.decoded(values)
