"""The rows of a chunk as typed columns: small in the journal, and quick to gather.

The rows of a million recordings pass through rank 0 in one go. As text, each value would be parsed
and made a Python object; as columns of numbers and of text of fixed width they are copied.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import JobError
from ecgmpi.store import ShardFile

from .columns import PICTURE_COLUMNS, RECORDING_COLUMNS, SHARD_COLUMNS, Column, Row
from .result import Result

Table = dict[str, npt.NDArray[Any]]
"""Column name -> its values, shape (n_rows,): text as UTF-8 bytes of fixed width, numbers as
float64 (NaN for none) or as the unsigned integers of the manifest."""

_LENGTH = struct.Struct("<I")
_LEVEL = 1
"""Of deflate: rows are repetitive, and a rank must not wait for them."""


class Tables(NamedTuple):
    """What the record of a chunk holds: a row a recording, a picture, a file of its shard."""

    recordings: Table
    pictures: Table
    shards: Table


_COLUMNS: tuple[Sequence[Column], ...] = (
    RECORDING_COLUMNS,
    # What rank 0 fills in is in no record.
    PICTURE_COLUMNS[1:],
    SHARD_COLUMNS[1:],
)


_NUMBERS = {
    # As a row has them: what a recording had before must not differ from what it has now.
    column.dtype: np.dtype("<f8" if column.dtype.startswith("f") else f"<{column.dtype}")
    for columns in _COLUMNS
    for column in columns
    if not column.is_text
}


def tables_of(results: Iterable[Result], shards: Iterable[ShardFile]) -> Tables:
    """Make the tables of a chunk, of its results in order and the files of its shard."""
    results = list(results)
    pictures = [row for result in results for row in result.pictures]
    files = [{"path": file.path, "bytes": file.bytes, "crc32": file.crc32} for file in shards]
    rows = ([result.recording for result in results], pictures, files)
    return Tables(*(_table(columns, of) for columns, of in zip(_COLUMNS, rows, strict=True)))


def pack(tables: Tables) -> bytes:
    """Pack tables into bytes: number of rows and widths as JSON, then all columns, deflated."""
    sizes: list[list[int]] = []
    content: list[bytes] = []
    for columns, table in zip(_COLUMNS, tables, strict=True):
        sizes.append([_n_rows(table), *(table[c.name].itemsize for c in columns)])
        content += [table[column.name].tobytes() for column in columns]
    head = json.dumps(sizes, separators=(",", ":")).encode()
    return zlib.compress(b"".join([_LENGTH.pack(len(head)), head, *content]), _LEVEL)


def unpack(packed: bytes) -> Tables:
    """The inverse of `pack`.

    Raises
    ------
    JobError
        They have the columns of another version.
    """
    data = zlib.decompress(packed)
    (length,) = _LENGTH.unpack_from(data)
    offset = _LENGTH.size + length
    tables: list[Table] = []
    sizes = json.loads(data[_LENGTH.size : offset])
    for columns, (n_rows, *widths) in zip(_COLUMNS, sizes, strict=True):
        _refuse_others(columns, widths)
        table, offset = _unpacked(columns, n_rows, widths, data, offset)
        tables.append(table)
    return Tables(*tables)


def unpack_recordings(packed: bytes) -> Table:
    """Give the first of the tables that were packed: it is inflated, and none behind it.

    Raises
    ------
    JobError
        It has the columns of another version.
    """
    stream = zlib.decompressobj()
    start = stream.decompress(packed, _LENGTH.size)
    (length,) = _LENGTH.unpack(start)
    n_rows, *widths = json.loads(stream.decompress(stream.unconsumed_tail, length))[0]
    _refuse_others(RECORDING_COLUMNS, widths)
    n_bytes = n_rows * sum(widths)
    data = stream.decompress(stream.unconsumed_tail, n_bytes) if n_bytes else b""
    return _unpacked(RECORDING_COLUMNS, n_rows, widths, data, 0)[0]


def _refuse_others(columns: Sequence[Column], widths: Sequence[int]) -> None:
    """Refuse the columns of another version, which has more or fewer of them."""
    if len(columns) != len(widths):
        raise JobError(
            "the journals of this OUT are of another version of ecgmpi, with other columns; use "
            "the version that made it, or start afresh there: ecgmpi render --overwrite"
        )


def _unpacked(
    columns: Sequence[Column], n_rows: int, widths: Sequence[int], data: bytes, offset: int
) -> tuple[Table, int]:
    """The table that begins at `offset`, and where it ends."""
    table: Table = {}
    for column, width in zip(columns, widths, strict=True):
        table[column.name] = np.frombuffer(data, _dtype(column, width), n_rows, offset)
        offset += n_rows * width
    return table, offset


def as_results(tables: Tables, first: int) -> list[Result]:
    """The results from which the tables of a chunk were made.

    Parameters
    ----------
    tables
        As `tables_of` made them.
    first
        Index of the first recording.
    """
    pictures = _rows(tables.pictures)
    results: list[Result] = []
    begin = 0
    for index, row in enumerate(_rows(tables.recordings), first):
        end = begin + row["pictures"]
        results.append(Result(index, row, pictures[begin:end]))
        begin = end
    return results


def listed(table: Table) -> dict[str, list[Any]]:
    """The columns of a table as rows have their values: None where there is none."""
    return {name: _listed(values) for name, values in table.items()}


def texts(column: npt.NDArray[np.bytes_]) -> list[str]:
    """The values of a column of text."""
    return [value.decode() for value in column.tolist()]


def _listed(values: npt.NDArray[Any]) -> list[Any]:
    if values.dtype.kind == "S":
        return texts(values)
    if values.dtype.kind == "f":
        return [None if math.isnan(value) else value for value in values.tolist()]
    return values.tolist()  # type: ignore[no-any-return]


def encode(text: str) -> bytes:
    """`text` as the UTF-8 that journal and manifest hold."""
    # What is not UTF-8 becomes "?": one odd text must not cost all other rows.
    return text.encode("utf-8", "replace")


def _table(columns: Sequence[Column], rows: Sequence[Row]) -> Table:
    return {column.name: _values(column, [row[column.name] for row in rows]) for column in columns}


def _values(column: Column, values: Sequence[Any]) -> npt.NDArray[Any]:
    if column.is_text:
        # As wide as the longest, and one byte at least.
        return np.array([encode(value or "") for value in values], "S")
    dtype = _NUMBERS[column.dtype]
    # None becomes NaN by itself.
    return np.array(values if dtype.kind == "f" else [value or 0 for value in values], dtype)


def _dtype(column: Column, width: int) -> np.dtype[Any]:
    return np.dtype(f"S{width}") if column.is_text else _NUMBERS[column.dtype]


def _rows(table: Table) -> list[Row]:
    columns = listed(table)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _n_rows(table: Table) -> int:
    return len(next(iter(table.values())))
