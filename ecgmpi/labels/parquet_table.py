"""A table of labels from a parquet file, block by block, as the text that a CSV would hold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ecgmpi.errors import UsageError

from .column_types import Kind
from .table import BLOCK, Values, called

EXTRA = "parquet"
"""The extra of this package that installs what reads parquet."""


class ParquetTable:
    """A parquet file: its columns state their types, and text stays text."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.unit = "row"
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError as error:
            raise UsageError(
                f"{called(path)}: to read parquet takes the library pyarrow, which is not "
                f"installed; pip install 'ecgmpi[{EXTRA}]', or convert the table to CSV"
            ) from error
        self._pa, self._pq = pa, pq
        with self._opened() as file:
            schema = file.schema_arrow
        self.columns: tuple[str, ...] = tuple(schema.names)
        self.kinds: Mapping[str, Kind] = {
            field.name: kind for field in schema if (kind := self._kind(field.type)) is not None
        }

    def blocks(self, names: Sequence[str]) -> Iterator[list[Values]]:
        """Read the named columns of every row; see `Table.blocks`."""
        wanted = list(dict.fromkeys(names))
        with self._opened() as file:
            batches = file.iter_batches(BLOCK, columns=wanted)
            while (batch := self._next(batches)) is not None:
                columns = {
                    name: list(map(_text, batch.column(name).to_pylist())) for name in wanted
                }
                yield list(zip(*(columns[name] for name in names), strict=True))

    def numbers(self) -> Iterator[int]:
        """Give the number of every row, from 1; see `Table.numbers`."""
        with self._opened() as file:
            yield from range(1, file.metadata.num_rows + 1)

    def _kind(self, of: Any) -> Kind | None:
        types = self._pa.types
        if types.is_dictionary(of):
            of = of.value_type
        if types.is_boolean(of):
            return Kind.BOOLEAN
        if types.is_integer(of) and not types.is_uint64(of):
            return Kind.INTEGER
        if types.is_floating(of):
            return Kind.FLOAT
        # Of integers beyond int64 and of decimals, the values decide; a null column has none.
        return None if types.is_uint64(of) or types.is_decimal(of) else Kind.TEXT

    def _opened(self) -> Any:
        try:
            return self._pq.ParquetFile(self.path, memory_map=False)
        except (OSError, self._pa.ArrowException) as error:
            raise self._damaged(error) from error

    def _next(self, batches: Any) -> Any:
        try:
            return next(batches, None)
        except (OSError, self._pa.ArrowException) as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> UsageError:
        reason = error.strerror if isinstance(error, OSError) else None
        said = reason or " ".join(str(error).split())
        return UsageError(
            f"{called(self.path)}: {said}; name a parquet file that can be read, or convert the "
            "table to CSV"
        )


def _text(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        with suppress(UnicodeDecodeError):
            return value.decode()
        return value.hex()
    if isinstance(value, (list, dict)):
        return json.dumps(value, default=str, ensure_ascii=False)
    return repr(value) if isinstance(value, float) else str(value)
