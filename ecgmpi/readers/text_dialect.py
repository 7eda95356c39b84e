"""How a table is written: its delimiter, decimal sign and quotes.

The standard library's ``csv.Sniffer`` and ``clevercsv`` were tried on tables that people
reported: the first takes the point for the delimiter of a column of numbers and fails on names
at the left of long lines, the second takes the minus sign for a delimiter, and neither finds
the decimal sign. In a table of samples, unlike general text, nearly all cells are numbers; so
the right dialect is the one under which they are.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from .clock import is_clock

MISSING = frozenset({"", "nan", "na", "n/a", "null", "none"})
"""Cells, in lower case, that mean a missing value."""

COMMENTS = ("#", "%", "//")
"""First characters of a comment line."""

_MAY_BE_NONE = frozenset(("", " ", "\t", "\f", "#", "%", "/"))
"""First characters of a line that may be blank or a comment."""

# Possessive: backtracking over a long cell would take forever.
_NUMBER = re.compile(r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?")
_INFINITE = frozenset({"inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"})
_WORD = re.compile(r"\"[^\"]*\"|'[^']*'|\S+")
_PAIR = re.compile(r"([+-]?[0-9]+),([0-9]+)")
_ZERO_FIRST = re.compile(r"0[0-9]+")

DELIMITERS = ("\t", ";", ",", "|", None)
"""Delimiters, the most distinctive first; None is any white space."""

SAMPLE_ROWS = 20
"""Number of lines of samples from which the dialect is found."""


class Kind(Enum):
    """What the cells of a column are."""

    NUMBER = "number"
    CLOCK = "time of day or date"
    TEXT = "text"
    EMPTY = "empty"


@dataclass(frozen=True)
class Dialect:
    """How the cells of a table are written.

    Attributes
    ----------
    delimiter
        One character; None is white space of any length.
    decimal
        ``.`` or ``,``.
    """

    delimiter: str | None
    decimal: str = "."

    @cached_property
    def _quoted_after(self) -> tuple[str, ...]:
        return ("'", f"{self.delimiter}'", f"{self.delimiter} '")

    def quote_of(self, line: str) -> str:
        """Give the quotation mark around cells of `line`; empty if there is none."""
        if '"' in line:
            return '"'
        if "'" in line:
            first, after, spaced = self._quoted_after
            if line.lstrip().startswith(first) or after in line or spaced in line:
                return "'"
        return ""

    def cells(self, line: str) -> list[str]:
        """Divide a line into cells, without space and quotation marks around them."""
        quote = self.quote_of(line)
        if self.delimiter is None:
            words = _WORD.findall(line) if quote else line.split()
            return [unquoted(word) for word in words]
        if not quote:
            return [cell.strip() for cell in line.split(self.delimiter)]
        rows = csv.reader([line], delimiter=self.delimiter, quotechar=quote, skipinitialspace=True)
        try:
            return [unquoted(cell) for cell in next(rows)]
        except (csv.Error, StopIteration):
            # A cell longer than the library accepts.
            return [unquoted(cell) for cell in line.split(self.delimiter)]

    def is_number(self, cell: str) -> bool:
        """Whether a cell is a number in this dialect, or infinite."""
        if self.decimal == ",":
            if "." in cell or cell.endswith(","):
                return False
            cell = cell.replace(",", ".")
        return bool(_NUMBER.fullmatch(cell)) or cell.lower() in _INFINITE

    def value(self, cell: str) -> float | None:
        """Give the number in a cell: NaN where it is missing, None if it is text."""
        if cell.lower() in MISSING:
            return float("nan")
        if not self.is_number(cell):
            return None
        return float(cell.replace(",", "."))

    def kind(self, cells: Sequence[str]) -> Kind:
        """Determine the kind of the cells of a column; missing ones do not count."""
        there = [cell for cell in cells if cell.lower() not in MISSING]
        if not there:
            return Kind.EMPTY
        if all(map(self.is_number, there)):
            return Kind.NUMBER
        return Kind.CLOCK if all(map(is_clock, there)) else Kind.TEXT


def unquoted(cell: str) -> str:
    """`cell` without space and one pair of quotation marks around it."""
    cell = cell.strip()
    if len(cell) > 1 and cell[0] == cell[-1] and cell[0] in "\"'":
        return cell[1:-1].strip()
    return cell


def is_comment(line: str) -> bool:
    """Whether a line is a comment."""
    return line.lstrip().startswith(COMMENTS)


def samples_of(lines: Sequence[str]) -> list[str]:
    """Those of `lines` that are neither blank nor comments."""
    # Hot path: most lines begin with a character that neither begins with.
    return [
        line
        for line in lines
        if line[:1] not in _MAY_BE_NONE or (line.strip() and not is_comment(line))
    ]


def sample_of(lines: Sequence[str]) -> Sequence[str]:
    """Choose lines that are samples if any are: near the end, as a table may begin with text.

    The last line may be truncated, so it is left out if there are enough.
    """
    if len(lines) > 3 * SAMPLE_ROWS:
        return lines[-SAMPLE_ROWS - 1 : -1]
    return lines[(len(lines) + 1) // 2 :] if len(lines) > 1 else lines


def find_dialect(
    rows: Sequence[str], more: Sequence[str] = ()
) -> tuple[Dialect, tuple[Kind, ...]] | None:
    """Find the dialect under which lines of samples have the most numbers and the least text.

    Parameters
    ----------
    rows
        Some lines of samples.
    more
        All of them, used if a comma may be the decimal sign of a single column.

    Returns
    -------
    tuple or None
        The dialect and what each column is; None if no dialect makes numbers of them.
    """
    found: list[tuple[int, Dialect, tuple[Kind, ...]]] = []
    for delimiter in DELIMITERS:
        # The last line may be truncated.
        if delimiter is not None and 2 * sum(delimiter in row for row in rows) <= len(rows):
            continue
        for decimal in (".", ","):
            if delimiter == decimal and '"' not in rows[0]:
                continue
            dialect = Dialect(delimiter, decimal)
            kinds = _kinds(rows, dialect)
            if (
                dialect == Dialect(None, ",")
                and kinds == (Kind.NUMBER,)
                and not _is_one_number(more or rows)
            ):
                continue
            if any(kind in (Kind.NUMBER, Kind.CLOCK) for kind in kinds):
                found.append((kinds.count(Kind.TEXT), dialect, kinds))
    if not found:
        return None
    if found[-1][1:] == (Dialect(None, ","), (Kind.NUMBER,)):
        return found[-1][1:]
    # Of equals the first.
    return min(found, key=lambda one: one[0])[1:]


def _is_one_number(rows: Sequence[str]) -> bool:
    """Whether ``-0,115`` is one number with a decimal comma, not two numbers.

    Whole numbers do not begin with a zero, and none is minus zero.
    """
    pairs = [found for row in rows if (found := _PAIR.fullmatch(row.strip()))]
    if 2 * len(pairs) < len(rows):
        return False
    return any(_ZERO_FIRST.fullmatch(pair[2]) or pair[1] == "-0" for pair in pairs)


def _kinds(rows: Sequence[str], dialect: Dialect) -> tuple[Kind, ...]:
    """Say what each column of `rows` is; empty if most of them differ in length."""
    divided = [dialect.cells(row) for row in rows]
    width, count = Counter(map(len, divided)).most_common(1)[0]
    if 2 * count <= len(rows):
        return ()
    regular = [cells for cells in divided if len(cells) == width]
    return tuple(map(dialect.kind, zip(*regular, strict=True)))
