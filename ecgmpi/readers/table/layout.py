"""Where the samples of a table begin, and the lines above them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.clock import is_clock
from ecgmpi.readers.text_dialect import (
    DELIMITERS,
    MISSING,
    Dialect,
    Kind,
    find_dialect,
    is_comment,
    sample_of,
)

MAX_ABOVE = 500
"""Most lines above the samples: more than any known preamble has."""

_SEPARATOR = re.compile(r"\"?sep=(?P<mark>.|\\t)?\"?", re.I)


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of a table.

    Attributes
    ----------
    dialect
        How its cells are written.
    kinds
        What each column is, by some lines of samples.
    first
        Index, among all lines of the file, of the first one of samples.
    above
        Number from 1, text, and whether it is a comment, of each line above that is not
        blank.
    """

    dialect: Dialect
    kinds: tuple[Kind, ...]
    first: int
    above: tuple[tuple[int, str, bool], ...]

    @property
    def width(self) -> int:
        """How many columns there are; an empty one behind the last delimiter counts."""
        return len(self.kinds)


def find_layout(lines: Sequence[str], samples: Sequence[str]) -> Layout | None:
    """Find where the samples begin.

    Parameters
    ----------
    lines
        All lines of the file.
    samples
        Those of them that are neither blank nor comments.

    Returns
    -------
    Layout or None
        None if there is no line of numbers.

    Raises
    ------
    RecordingError
        There are more than `MAX_ABOVE` lines above the samples.
    """
    found = find_dialect(sample_of(samples), samples) if samples else None
    if found is None:
        return None
    dialect, kinds = found
    above: list[tuple[int, str, bool]] = []
    for place, line in enumerate(lines):
        if not line.strip():
            continue
        comment = is_comment(line)
        if not comment and is_row(dialect.cells(line), kinds, dialect):
            first = _with_gaps(above, kinds, dialect)
            start = place if first is None else first
            return Layout(dialect, kinds, start, tuple(above))
        if not _SEPARATOR.fullmatch(line.strip()):
            above.append((place + 1, line, comment))
        if len(above) > MAX_ABOVE:
            raise RecordingError(
                FailureKind.NOT_NUMERIC,
                f"there is no line of samples like the last ones among the first {MAX_ABOVE} lines",
                "leave the file out, or save one column of numbers per lead",
            )
    return None


def _with_gaps(
    above: list[tuple[int, str, bool]], kinds: Sequence[Kind], dialect: Dialect
) -> int | None:
    """Move lines of only missing cells from those above to the samples; index of the first."""
    first = None
    while above and not above[-1][2]:
        cells = dialect.cells(above[-1][1])
        if len(cells) != len(kinds) or any(cell.lower() not in MISSING for cell in cells):
            break
        first = above.pop()[0] - 1
    return first


def is_row(cells: Sequence[str], kinds: Sequence[Kind], dialect: Dialect) -> bool:
    """Whether cells are of the same kinds as the samples, with at least one number."""
    if len(cells) != len(kinds):
        return False
    if kinds[0] is Kind.EMPTY and dialect.value(cells[0]) is None:
        # A key, with its values behind it.
        return False
    numbers = 0
    for cell, kind in zip(cells, kinds, strict=True):
        if cell.lower() in MISSING:
            continue
        if kind is Kind.NUMBER and not dialect.is_number(cell):
            return False
        if kind is Kind.CLOCK and not is_clock(cell):
            return False
        numbers += kind is not Kind.TEXT and (kind is not Kind.EMPTY or dialect.is_number(cell))
    return numbers > 0


def numbers_above(layout: Layout) -> tuple[int, int] | None:
    """Find a line of numbers above the samples with another number of cells: (line, cells)."""
    for number, text, comment in layout.above:
        if comment:
            continue
        for dialect in (layout.dialect, *(Dialect(mark) for mark in DELIMITERS)):
            cells = [cell for cell in dialect.cells(text) if cell]
            if not cells or not all(map(dialect.is_number, cells)):
                continue
            if dialect == layout.dialect and len(cells) >= layout.width - 1 and cells[0] in "01":
                # Numbers of the columns.
                break
            return number, len(cells)
    return None
