"""CSV, TSV and the like: a column a lead, a line of names above them or none.

A column of time is recognised by its name, or without names by its rising in equal steps;
the rate follows from it. Units may stand behind the names, ``II (uV)``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.record import Record

from .array import orient, unstated_leads
from .base import ReadHints, Source, printable, voltage
from .channels import Channel, record_from_channels
from .checks import check_samples
from .sniff import delimiter_of, is_number, text_of

_TIME = re.compile(
    r"(?:time|t|timestamp|elapsed ?time|seconds?|sec|milliseconds?|ms)"
    r"(?:[\s_]*[(\[]?(?P<unit>s|sec|seconds?|ms|msec|milliseconds?|us)[)\]]?)?",
    re.I,
)
_INDEX = re.compile(r"(?:|index|sample|samples|sample ?(?:no|number|#)|n|no|unnamed: 0|#)\.?", re.I)
_UNIT = re.compile(r"(?P<name>.*?)\s*[(\[](?P<unit>[^)\]]*)[)\]]")

LONGEST_NAME = 200
"""Characters of a column's name that are looked at; a unit stands within so many or nowhere."""

MAX_STEP_ERROR = 0.01
"""Part of a step of time by which steps may differ: they are rounded for printing."""


def load(source: Source, hints: ReadHints) -> Record:
    """Read a table of numbers as a recording.

    Parameters
    ----------
    source
        The open file.
    hints
        Rate and unit, where the table does not say them.

    Raises
    ------
    RecordingError
        A cell is not a number, or lines differ in length, or it is no recording.
    """
    # No number takes less than two characters with what divides it from the next.
    check_samples(1, source.size // 2, 4, hints, "the table")
    text = text_of(source.at(0, source.size))
    if text is None:
        raise _not_a_table("it holds what is no text")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if not lines:
        raise RecordingError(
            FailureKind.NO_SAMPLES, "the table holds no numbers", "leave the file out"
        )
    mark = delimiter_of(lines[:10])
    if mark == ";":
        # Where the semicolon divides, the comma is the decimal point.
        lines = [line.replace(",", ".") for line in lines]
    first = _cells(lines[0], mark)
    named = not all(is_number(cell) or not cell for cell in first)
    names = [cell.strip().strip('"')[:LONGEST_NAME] for cell in first] if named else []
    values = _numbers(lines[1:] if named else lines, mark, 2 if named else 1)
    if not values.size:
        raise RecordingError(
            FailureKind.NO_SAMPLES, "the table holds names and no numbers", "leave the file out"
        )
    if not named and not orient(values.shape, "the table"):
        values = values.T
    if named and values.shape[1] != len(names):
        raise _not_a_table(f"it has {len(names)} names over {values.shape[1]} columns")
    return _record(source, hints, names, values)


def _record(
    source: Source, hints: ReadHints, names: list[str], values: npt.NDArray[np.float64]
) -> Record:
    """Make a recording of columns and their names, if they have any."""
    columns = list(values.T)
    notes = []
    rate, note, is_time = _time(names[0] if names else None, columns[0], len(columns))
    if is_time:
        columns, names = columns[1:], names[1:]
    if note:
        notes.append(note)
    assumed = False
    if not names:
        leads, note, assumed = unstated_leads(len(columns), hints)
        names = list(leads)
        notes.append(note)
    channels = []
    for name, column in zip(names, columns, strict=True):
        unit = ""
        if found := _UNIT.fullmatch(name):
            name, unit = found["name"], found["unit"].strip()  # noqa: PLW2901
        elif "_" in name and voltage(name.rpartition("_")[2]):
            name, _, unit = name.rpartition("_")  # noqa: PLW2901
        channels.append(Channel(name, np.ascontiguousarray(column), rate, unit))
    return record_from_channels(
        channels, hints, name=source.name, format="csv", notes=notes, leads_assumed=assumed
    )


def _time(
    name: str | None, column: npt.NDArray[np.float64], n_columns: int
) -> tuple[float | None, str, bool]:
    """The rate that a first column says, in Hz; what to tell of it; and whether it is time."""
    if n_columns < 2 or len(column) < 2:
        return None, "", False
    step = float(column[-1] - column[0]) / (len(column) - 1)
    even = step > 0 and bool(np.all(np.abs(np.diff(column) - step) <= step * MAX_STEP_ERROR))
    if name is None:
        if not even or len(column) < 10:
            return None, "", False
        found, words = None, "the first column rises in equal steps"
    else:
        found, words = _TIME.fullmatch(name), f"column '{printable(name)}'"
        if found is None and not _INDEX.fullmatch(name):
            return None, "", False
        if not even:
            return None, f"{words} left out: its steps differ", True
    seconds = _seconds((found["unit"] or name or "").lower()) if found else None
    if seconds is None:
        if step == 1.0 or (name is not None and found is None):
            return None, f"{words} left out: it counts samples", True
        seconds = 1.0 if step < 1.0 else 1e-3
    # What is printed of a step is rounded; rates are whole, or nearly so.
    rate = 1.0 / (step * seconds)
    if abs(rate - round(rate)) < 1e-3 * rate and round(rate):
        rate = float(round(rate))
    of = {1.0: "s", 1e-3: "ms", 1e-6: "us"}[seconds]
    return rate, f"rate {rate:g} Hz from {words}, in {of}", True


def _seconds(unit: str) -> float | None:
    """How many seconds a unit of time is; None where it is none."""
    for beginning, seconds in (("ms", 1e-3), ("milli", 1e-3), ("us", 1e-6), ("s", 1.0)):
        if unit.startswith(beginning):
            return seconds
    return None


def _numbers(lines: Sequence[str], mark: str | None, first: int) -> npt.NDArray[np.float64]:
    """Parse the lines of numbers, shape (n_lines, n_columns); an empty cell is NaN."""
    if not lines:
        return np.empty((0, 0))
    try:
        # A line that ends in a delimiter has a cell too many, which only Python forgives.
        return np.loadtxt(lines, delimiter=mark, comments=None, ndmin=2)
    except ValueError:
        rows = [_cells(line, mark) for line in lines]
    width = len(rows[0])
    # Before there is room for them: a single wide line would ask for as much in each.
    for number, row in enumerate(rows):
        if len(row) != width:
            raise _not_a_table(
                f"line {number + first} has {len(row)} cells where the first has {width}"
            )
    table = np.empty((len(rows), width))
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            try:
                table[number, place] = float(cell) if cell else np.nan
            except ValueError:
                # Never the text itself, which may be a patient's name.
                raise _not_a_table(
                    f"line {number + first}, column {place + 1} is not a number"
                ) from None
    if np.isnan(table[:, -1]).all() and width > 1 and all(not row[-1] for row in rows):
        table = table[:, :-1]
    return table


def _cells(line: str, mark: str | None) -> list[str]:
    cells = line.split(mark)
    return [cell.strip().strip('"') for cell in cells]


def _not_a_table(found: str) -> RecordingError:
    return RecordingError(
        FailureKind.NOT_NUMERIC,
        f"this is a table, but not one of samples: {found}",
        "leave the file out, or save a column of numbers a lead, with the leads' names above",
    )
