"""The numbers of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.text_dialect import Dialect, Kind, is_comment, samples_of

from .layout import Layout

DIGIT_ROWS = 50
"""Number of lines at the beginning and at the end whose digits are counted."""


@dataclass(frozen=True, eq=False)
class Body:
    """The lines of samples, one column per lead; transposed if a line is a lead.

    Attributes
    ----------
    lines
        The lines of samples, neither blank nor comments.
    numbers
        Number of each of `lines` in the file, from 1.
    dialect
        How their cells are written.
    kinds
        What each column is, by all lines.
    values
        float64, shape (n_samples, n_columns); NaN where a cell is missing or not a number.
    comments, blanks
        Number of comment lines and of blank lines among the lines of samples.
    skip
        Number of cells before the samples of each line if lines and columns were
        transposed; None if they were not.
    """

    lines: Sequence[str]
    numbers: Sequence[int]
    dialect: Dialect
    kinds: tuple[Kind, ...]
    values: npt.NDArray[np.float64]
    comments: int = 0
    blanks: int = 0
    skip: int | None = None

    def texts(self, column: int) -> list[str]:
        """Give the cells of a column as written."""
        if self.skip is not None:
            return self.dialect.cells(self.lines[column])[self.skip :]
        return [self.dialect.cells(line)[column] for line in self.lines]

    def ends(self, column: int) -> tuple[list[str], list[str]]:
        """Give some cells of the beginning and of the end of a column."""
        if self.skip is not None:
            cells = self.texts(column)
            return cells[:DIGIT_ROWS], cells[-DIGIT_ROWS:]
        first, last = self.lines[:DIGIT_ROWS], self.lines[-DIGIT_ROWS:]
        return (
            [self.dialect.cells(line)[column] for line in first],
            [self.dialect.cells(line)[column] for line in last],
        )

    def where(self, sample: int) -> str:
        """Name the line, or column, of the file that holds a sample."""
        if self.skip is not None:
            return f"column {sample + 1 + self.skip}"
        return f"line {self.numbers[sample]}"

    def turned(self, skip: int) -> Body:
        """Transpose, without the first `skip` cells of each line."""
        values = np.ascontiguousarray(self.values[:, skip:].T)
        kinds = (Kind.NUMBER,) * values.shape[1]
        return replace(self, values=values, kinds=kinds, skip=skip)

    def without_first(self) -> Body:
        """Leave out the first line."""
        return replace(self, lines=self.lines[1:], numbers=self.numbers[1:], values=self.values[1:])


def read_body(layout: Layout, lines: Sequence[str], samples: Sequence[str]) -> Body:
    """Parse all lines of samples.

    Parameters
    ----------
    layout
        Where they begin, among `lines`.
    lines, samples
        All lines of the file, and those that are neither blank nor comments.

    Raises
    ------
    RecordingError
        A cell is not a number, or lines differ in length.
    """
    numbers: Sequence[int] = range(layout.first + 1, len(lines) + 1)
    body: Sequence[str] = lines[layout.first :]
    kept = samples[len(samples_of(lines[: layout.first])) :]
    comments = blanks = 0
    if len(kept) != len(body):
        numbers = [
            number
            for number, line in zip(numbers, body, strict=True)
            if line.strip() and not is_comment(line)
        ]
        comments = sum(map(is_comment, body))
        last = numbers[-1] - layout.first
        blanks = sum(not line.strip() for line in body[:last])
    dialect, kinds = layout.dialect, layout.kinds
    whole = dialect.decimal == "." and dialect.delimiter != "," and Kind.CLOCK not in kinds
    if whole and any("," in line for line in kept) and not any("." in line for line in kept):
        # The sampled lines held whole numbers.
        dialect = Dialect(dialect.delimiter, ",")
    if Kind.EMPTY in kinds:
        kinds = _kinds_of_all(kept, numbers, dialect, kinds)
    columns = [place for place, kind in enumerate(kinds) if kind is Kind.NUMBER]
    values = _fast(kept, dialect, columns, len(kinds)) if columns else None
    if values is None:
        values = _slow(kept, numbers, dialect, columns, len(kinds))
    if len(columns) < len(kinds):
        some, values = values, np.full((len(kept), len(kinds)), np.nan)
        values[:, columns] = some
    return Body(kept, numbers, dialect, kinds, values, comments, blanks)


def _fast(
    lines: Sequence[str], dialect: Dialect, columns: Sequence[int], width: int
) -> npt.NDArray[np.float64] | None:
    """Parse with NumPy, shape (n_lines, n_columns); None if that cannot be done."""
    mark = dialect.delimiter
    some = len(columns) < width
    if some and (mark is None or any(line.count(mark) != width - 1 for line in lines)):
        return None
    if some and dialect.quote_of("".join(lines[:2])):
        return None
    if dialect.decimal == "," and mark != ",":
        lines = [line.replace(",", ".") for line in lines]
    elif dialect.decimal == ",":
        return None
    try:
        parsed: npt.NDArray[np.float64] = np.loadtxt(
            lines,
            delimiter=mark,
            comments=None,
            ndmin=2,
            usecols=columns if some else None,
            quotechar=dialect.quote_of(lines[0]) or None,
        )
    except ValueError:
        # An empty cell, which only the Python parser accepts, or not a number.
        return None
    return parsed if parsed.shape == (len(lines), len(columns)) else None


def _slow(
    lines: Sequence[str],
    numbers: Sequence[int],
    dialect: Dialect,
    columns: Sequence[int],
    width: int,
) -> npt.NDArray[np.float64]:
    """Parse a cell at a time, shape (n_lines, n_columns)."""
    rows = [dialect.cells(line) for line in lines]
    # Before memory is allocated: a single wide line would set the width of all.
    _check_widths(rows, numbers, width)
    table = np.empty((len(rows), len(columns)))
    for place, row in enumerate(rows):
        for into, column in enumerate(columns):
            value = dialect.value(row[column])
            if value is None:
                # Never the text itself, which may be a patient's name.
                raise bad_line(f"line {numbers[place]}, column {column + 1} is not a number")
            table[place, into] = value
    return table


def _check_widths(rows: Sequence[Sequence[str]], numbers: Sequence[int], width: int) -> None:
    for number, row in zip(numbers, rows, strict=True):
        if len(row) != width:
            raise bad_line(f"line {number} has {len(row)} cells but most lines have {width}")


def _kinds_of_all(
    lines: Sequence[str], numbers: Sequence[int], dialect: Dialect, kinds: tuple[Kind, ...]
) -> tuple[Kind, ...]:
    """Look through columns that were empty in the lines from which the dialect was found."""
    rows = [dialect.cells(line) for line in lines]
    _check_widths(rows, numbers, len(kinds))
    return tuple(
        dialect.kind([row[place] for row in rows]) if kind is Kind.EMPTY else kind
        for place, kind in enumerate(kinds)
    )


def not_a_table(found: str) -> RecordingError:
    """Make the error for text that is not columns of samples."""
    return RecordingError(
        FailureKind.NOT_NUMERIC,
        f"this is a table, but not one of samples: {found}",
        "leave the file out, or save one column of numbers per lead, with the lead names above",
    )


def bad_line(found: str) -> RecordingError:
    """Make the error for a line that holds no samples among lines that do."""
    error = not_a_table(found)
    remedy = f"correct or remove that line if it holds no samples; otherwise {error.remedy}"
    return RecordingError(error.kind, error.message, remedy)
