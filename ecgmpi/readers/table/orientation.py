"""Tables without a line of names: the role of their first line, lines and columns."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from ecgmpi.ecg.record import LEAST_RATE, MOST_RATE
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.array_record import orient
from ecgmpi.readers.text_dialect import Kind

from .body import Body, not_a_table
from .columns import MIN_ROWS
from .counting import counts_by_one, rises
from .header import is_known, numbered
from .units import LONGEST_NAME, is_unit

MAX_WHOLE = 20
"""Millivolts that no ECG reaches; the digits before a decimal comma are less."""


# A comma in front of three digits may divide thousands, unless a zero or more digits precede it.
_NOT_THOUSANDS = re.compile(
    r"(?<![0-9])0[0-9]*,|(?<![0-9])[0-9]{4,},|,(?:[0-9]{1,2}|[0-9]{4,})(?![0-9])|e", re.I
)


def check_thousands(body: Body) -> None:
    """Refuse commas that may divide thousands as well as decimals: ``1,024``.

    Raises
    ------
    RecordingError
        All of them stand in front of three digits, and none behind a zero.
    """
    if body.dialect.decimal != ",":
        return
    row = None
    for place, line in enumerate(body.lines):
        pairs = zip(body.dialect.cells(line), body.kinds, strict=True)
        cells = [cell for cell, kind in pairs if kind is Kind.NUMBER and "," in cell]
        if any(map(_NOT_THOUSANDS.search, cells)):
            return
        row = place if cells and row is None else row
    if row is not None:
        raise RecordingError(
            FailureKind.NOT_NUMERIC,
            f"the commas, first in line {body.numbers[row]}, may divide thousands or be decimal "
            "signs: each stands in front of three digits",
            "save the numbers without separators of thousands and with decimal points",
        )


def without_counts(body: Body) -> tuple[Body, list[str]]:
    """Leave out a first line that says how many samples each column has, as AcqKnowledge does.

    Its cell in a column of time is empty.
    """
    first = body.values[0]
    there = first[np.isfinite(first)]
    # In a single column, the first sample of a thousand may be such a number by chance.
    counted = first.size > 1 and there.size > 0 and bool(np.all(there == len(body.lines) - 1))
    if not counted or len(body.lines) < MIN_ROWS:
        return body, []
    note = f"line {body.numbers[0]} left out: it counts the samples below"
    return body.without_first(), [note]


def check_first_line(body: Body) -> None:
    """Refuse a first line that may state the rate: whole numbers above decimals.

    Raises
    ------
    RecordingError
        None of its numbers has decimals, one is as large as a rate, and all later ones have.
    """
    if len(body.lines) < MIN_ROWS or set(body.kinds) != {Kind.NUMBER}:
        return
    largest = float(np.nanmax(np.abs(body.values[0]), initial=0.0))
    if not LEAST_RATE <= largest <= MOST_RATE or body.dialect.decimal in body.lines[0]:
        return
    later = (cell for line in body.lines[1:MIN_ROWS] for cell in body.dialect.cells(line))
    if all(body.dialect.decimal in cell for cell in later):
        raise RecordingError(
            FailureKind.NOT_NUMERIC,
            f"line {body.numbers[0]} holds whole numbers and later lines decimals, so it may be "
            "the rate or the number of samples",
            "remove that line, and give --rate if it is the rate",
        )


def check_decimals(body: Body) -> None:
    """Refuse two columns that may be one column with decimal commas.

    Raises
    ------
    RecordingError
        All second cells have the same number of digits and no sign.
    """
    if body.dialect.delimiter != "," or body.kinds != (Kind.NUMBER, Kind.NUMBER):
        return
    cells = [line.strip().split(",") for line in body.lines]
    lengths = {len(row[1]) if len(row) == 2 and row[1].isdecimal() else 0 for row in cells}
    small = bool(np.all(np.abs(body.values[:, 0]) < MAX_WHOLE))
    if small and lengths <= {1, 2, 3} | {max(lengths)} and min(lengths) > 0 and max(lengths) > 1:
        if counts_by_one(body.values[:, 0]) and len(cells) >= MIN_ROWS:
            return
        raise not_a_table(
            "the comma may separate two columns or be the decimal sign of one; "
            "a decimal point, or column names, would make it clear"
        )


def turned(body: Body) -> tuple[Body, tuple[str, ...] | None, list[str]]:
    """Transpose a table in which a line is a lead; also the names at the left."""
    kinds = body.kinds
    text = next((place for place, kind in enumerate(kinds) if kind is not Kind.TEXT), len(kinds))
    if 0 < text <= 2 and set(kinds[text:]) <= {Kind.NUMBER, Kind.EMPTY}:
        names = tuple(cell[:LONGEST_NAME] for cell in body.texts(0))
        if 2 * sum(map(is_known, names)) >= len(names) and len(set(names)) == len(names):
            columns = body.turned(text)
            units = body.texts(1) if text == 2 else []
            if units and all(map(is_unit, units)):
                names = tuple(f"{name} ({unit})" for name, unit in zip(names, units, strict=True))
            return columns, names, ["a line is a lead, with its name at the left"]
        return body, None, []
    if set(kinds) > {Kind.NUMBER, Kind.EMPTY} or Kind.CLOCK in kinds or Kind.TEXT in kinds:
        return body, None, []
    body, notes = _without_numbers(body)
    if not body.values.size:
        raise RecordingError(
            FailureKind.NO_SAMPLES, "the table holds no samples", "leave the file out"
        )
    time = any(rises(column) for column in body.values.T)
    if not time and not orient(body.values.shape, "the table"):
        body = body.turned(0)
    return body, None, notes


def _without_numbers(body: Body) -> tuple[Body, list[str]]:
    """Leave out a first line that numbers the columns instead of holding samples."""
    cells = body.dialect.cells(body.lines[0])
    numbers = cells[1:] if cells and not cells[0] else cells
    if len(body.lines) < 2 or not numbered(numbers):
        return body, []
    points = (".", ",") if body.dialect.decimal == "," else (".",)
    whole = not any(point in line for point in points for line in body.lines[1:20])
    # A first column that continues so numbers the samples, as `rdsamp` prints it.
    goes_on = bool(cells[0]) and float(body.values[1, 0] - body.values[0, 0]) == 1.0
    quoted = body.dialect.quote_of(body.lines[0]) != body.dialect.quote_of(body.lines[1])
    doubtful = (
        not quoted
        and whole
        and len(numbers) < 4
        and (goes_on or len(numbers) < 2 or numbers[0] != "0")
    )
    if doubtful and not _breaks(body.values[:20, int(goes_on) :]):
        return body, []
    note = f"line {body.numbers[0]} left out: it numbers {len(numbers)} columns"
    return body.without_first(), [note]


def _breaks(values: npt.NDArray[np.float64]) -> bool:
    """Whether the second line does not continue the first as later ones do.

    All columns jump, or a column that rises from then on does not rise there.
    """
    if len(values) < 5:
        return False
    with np.errstate(all="ignore"):
        return _broken(np.diff(values, axis=0))


def _broken(steps: npt.NDArray[np.float64]) -> bool:
    if np.any(np.all(steps[1:] > 0, axis=0) & (steps[0] <= 0)):
        return True
    return bool(np.all(np.abs(steps[0]) > 5 * np.abs(steps[1:]).max(axis=0)))
