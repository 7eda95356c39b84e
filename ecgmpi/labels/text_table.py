"""A CSV or TSV file as rows of text, with or without ``.gz``."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

from ecgmpi.errors import UsageError
from ecgmpi.names import typed_path

from .column_types import Kind
from .table import BLOCK, Values, called

_SEPARATORS = (",", "\t", ";")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class TextTable:
    """A CSV or TSV file: UTF-8, with a header; a value with separators stands in quotes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.kinds: Mapping[str, Kind] = {}
        self.unit = "line"
        with self._opened() as text:
            self._separator = _separator_of(text.readline())
            text.seek(0)
            header = next(csv.reader(text, delimiter=self._separator, strict=True), [])
        self.columns = tuple(name.strip() for name in header)
        if not any(self.columns):
            raise UsageError(f"{called(path)}: the file has no header; name its columns in line 1")

    def blocks(self, names: Sequence[str]) -> Iterator[list[Values]]:
        """Read the named columns of every row; see `Table.blocks`."""
        places = [self.columns.index(name) for name in names]
        # With one place, itemgetter gives no tuple.
        pick = itemgetter(*places) if len(places) > 1 else lambda row: (row[places[0]],)
        whole = {len(self.columns)}
        with self._opened() as text:
            reader = csv.reader(text, delimiter=self._separator, strict=True)
            next(reader)
            while block := list(islice(reader, BLOCK)):
                if set(map(len, block)) != whole:
                    block = list(filter(None, block))
                    if not set(map(len, block)) <= whole:
                        raise self._ragged()
                yield list(map(pick, block))

    def numbers(self) -> Iterator[int]:
        """Give the line that each row ends on; see `Table.numbers`."""
        with self._opened() as text:
            reader = csv.reader(text, delimiter=self._separator, strict=True)
            next(reader)
            yield from (reader.line_num for row in reader if row)

    def _ragged(self) -> UsageError:
        """Name the first row that has not as many values as the header."""
        n_columns = len(self.columns)
        with self._opened() as text:
            reader = csv.reader(text, delimiter=self._separator, strict=True)
            n_values = next(len(row) for row in reader if row and len(row) != n_columns)
            return UsageError(
                f"{called(self.path)}: line {reader.line_num} has {n_values} values, and the "
                f"header {n_columns}; put a value that holds {self._separator!r} in quotes "
                '("), and write every column'
            )

    @contextmanager
    def _opened(self) -> Iterator[io.TextIOWrapper]:
        """The text of the file, for a block; what is wrong with it becomes one line."""
        try:
            with _binary(self.path) as binary:
                # utf-8-sig passes over the mark that spreadsheets put in front.
                yield io.TextIOWrapper(binary, "utf-8-sig", newline="")
        except UnicodeDecodeError:
            raise self._not_utf8() from None
        except csv.Error as error:
            raise UsageError(
                f"{called(self.path)}: this is no table of values separated by "
                f'{self._separator!r}: {error}; look for a quote (") that is not closed'
            ) from None
        except (OSError, EOFError) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise UsageError(
                f"{called(self.path)}: {reason}; name a table (CSV, TSV, either with .gz, "
                "or parquet) that can be read"
            ) from error

    def _not_utf8(self) -> UsageError:
        """Say which byte is not UTF-8, where it is, and how to convert the file."""
        path = typed_path(str(self.path))
        plain = str(self.path).removesuffix(".gz")
        made = typed_path(f"{plain.rpartition('.')[0] or plain}.utf8.csv")
        unpack = f"gzip -dc {path} | " if plain != str(self.path) else ""
        source = "" if unpack else f" {path}"
        with _binary(self.path) as binary:
            number, line = 1, binary.readline()
            if line.startswith(_UTF16):
                mend = f"{unpack}iconv -f UTF-16 -t UTF-8{source} > {made}"
                return UsageError(f"{called(self.path)}: this is UTF-16; convert it: {mend}")
            while True:
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError as error:
                    byte = line[error.start]
                    break
                number, line = number + 1, binary.readline()
        mend = f"{unpack}iconv -f WINDOWS-1252 -t UTF-8{source} > {made}"
        return UsageError(
            f"{called(self.path)}: line {number} has the byte 0x{byte:02x}, which is not UTF-8; "
            f"convert it, if it is Latin-1: {mend}"
        )


def _binary(path: Path) -> IO[bytes]:
    if path.suffix.lower() != ".gz":
        return path.open("rb")
    from isal import igzip

    opened: Any = igzip.IGzipFile
    binary: IO[bytes] = opened(path, "rb")
    return binary


def _separator_of(header: str) -> str:
    """The separator that divides a header into most columns."""
    return max(_SEPARATORS, key=header.count)
