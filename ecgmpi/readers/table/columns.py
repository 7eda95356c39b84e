"""What each column of a table is: a lead, time, a number of samples, a label, or text."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from ecgmpi.ecg.lead_names import canonical
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.channel_types import is_lead_name
from ecgmpi.readers.clock import is_clock
from ecgmpi.readers.text_dialect import MISSING, Kind
from ecgmpi.readers.wording import printable

from .body import Body, bad_line
from .counting import counts_by_one, last_digit, rises, wraps
from .steps import Steps, find_steps, guess_unit
from .units import (
    is_index_name,
    is_label_name,
    is_recording_name,
    is_time_name,
    split_unit,
    time_unit,
)

MIN_ROWS = 10
"""Number of samples from which evenly rising values are time or a count."""


MOST_FALLS = 0.05
"""Part of the steps of a column of time that may fall: a third of those of a lead do."""


class Role(Enum):
    """What a column is."""

    LEAD = "lead"
    TIME = "time"
    INDEX = "index"
    LABEL = "label"
    TEXT = "text"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Column:
    """A column and what it is.

    Attributes
    ----------
    place
        From 0.
    role
        What it is.
    name
        As the file spells it; empty if it has none.
    unit
        From a line of units below the names; empty if there is none.
    """

    place: int
    role: Role
    name: str
    unit: str

    @property
    def words(self) -> str:
        """The column in messages: its name if it holds numbers, else its place."""
        if self.name and self.role not in (Role.TEXT, Role.EMPTY):
            return f"column '{printable(self.name, 40)}'"
        return f"column {self.place + 1}"


@dataclass(frozen=True, slots=True)
class Columns:
    """All columns by role, and notes on those left out."""

    leads: list[Column] = field(default_factory=list)
    times: list[Column] = field(default_factory=list)
    counts: list[Column] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


def sort_columns(
    body: Body,
    names: tuple[str, ...] | None,
    units: tuple[str, ...],
    aside: frozenset[str],
) -> Columns:
    """Decide what each column is.

    Parameters
    ----------
    body
        The samples.
    names, units
        As the file spells them, one for each column; None and empty if it does not.
    aside
        Names of columns that the file says are no signals.
    """
    columns = Columns()
    for place, kind in enumerate(body.kinds):
        name = names[place] if names else ""
        unit = units[place] if units else ""
        role = Role.LABEL if name in aside else _role(body, place, kind, name, names is None)
        column = Column(place, role, name, unit)
        if role is Role.LEAD:
            columns.leads.append(column)
        elif role is Role.TIME:
            columns.times.append(column)
        elif role is Role.INDEX:
            columns.counts.append(column)
        elif role is not Role.EMPTY or name:
            why = {
                Role.LABEL: "it is no signal by its name",
                Role.TEXT: "it holds text",
                Role.EMPTY: "it is empty",
            }
            columns.notes.append(f"{column.words} left out: {why[role]}")
            if role is Role.TEXT and is_time_name(name):
                columns.unused.append(f"{column.words}, which holds times that are not understood")
    return columns


def _role(body: Body, place: int, kind: Kind, name: str, unnamed: bool) -> Role:
    if kind is Kind.CLOCK:
        return Role.TIME
    bare = split_unit(name)[0]
    is_lead = bool(name) and is_lead_name(canonical(bare))
    if is_recording_name(bare):
        _check_one_recording(body, place)
    if kind is Kind.TEXT:
        if not (is_label_name(bare) or is_index_name(bare)):
            _check_text(body, place, named=is_lead or is_time_name(name))
        return Role.TEXT
    if kind is Kind.EMPTY:
        return Role.LEAD if is_lead else Role.EMPTY
    if is_time_name(name):
        return Role.LEAD if is_lead and not rises(body.values[:, place], 2) else Role.TIME
    if bare.lower() == "x" and rises(body.values[:, place], MIN_ROWS):
        # Of `x` and `y`, not of Frank's leads.
        return _role_by_values(body, place, numbering=False)
    if is_label_name(bare):
        return Role.LABEL
    if is_lead:
        return Role.LEAD
    numbering = is_index_name(bare) and not unnamed and time_unit(name, "") is None
    return _role_by_values(body, place, numbering)


def _check_text(body: Body, place: int, *, named: bool) -> None:
    """Refuse text among the numbers of a column, such as a line of sums below the samples.

    Parameters
    ----------
    body
        The lines of samples.
    place
        The column.
    named
        Whether it is a lead or time by its name: then a single number is enough, else most
        of its cells must be numbers.

    Raises
    ------
    RecordingError
        Some cells are numbers and some are not.
    """
    other: int | None = None
    numbers = 0
    there = 0
    for row, cell in enumerate(body.texts(place)):
        if cell.lower() in MISSING:
            continue
        there += 1
        if body.dialect.is_number(cell) or is_clock(cell):
            numbers += 1
        elif other is None:
            other = row
    if other is not None and numbers and (named or 2 * numbers > there):
        raise bad_line(f"{body.where(other)}, column {place + 1} is not a number")


def _check_one_recording(body: Body, place: int) -> None:
    """Refuse recordings one below the other, by a column that says which is which.

    Raises
    ------
    RecordingError
        It changes, but so seldom that it does not number the lines.
    """
    cells = body.texts(place)
    changes = [row for row in range(1, len(cells)) if cells[row] != cells[row - 1]]
    if changes and MIN_ROWS * len(changes) <= len(cells):
        raise RecordingError(
            FailureKind.WRONG_SHAPE,
            f"the table holds several recordings: column {place + 1}, which says which one "
            f"a line is of, changes in {body.where(changes[0])}",
            "save one recording a file",
        )


def _role_by_values(body: Body, place: int, numbering: bool) -> Role:
    """Say what a column is whose name does not: `numbering` where it may number samples."""
    values = body.values[:, place]
    least = 2 if numbering else MIN_ROWS
    if len(values) >= least and (counts_by_one(values) or wraps(values, least)):
        return Role.INDEX
    if numbering and rises(values, 3) and np.all(values == np.rint(values)):
        # Every second sample, say; by its name it is not milliseconds.
        return Role.INDEX
    return Role.TIME if _gives_rate(body, place) else Role.LEAD


def _gives_rate(body: Body, place: int) -> bool:
    """Whether values are time: they almost never fall, yet are not flat, unlike a lead.

    Jumps in time are found later.
    """
    values = body.values[:, place]
    if len(values) < MIN_ROWS or not np.isfinite(values).all():
        return False
    steps = np.diff(values)
    falls = int(np.count_nonzero(steps < 0))
    distinct = len(np.unique(values))
    if falls > MOST_FALLS * len(steps):
        return False
    if 2 * distinct >= len(values):
        return True
    # Too few digits to show single steps.
    if falls or distinct < MIN_ROWS / 2:
        return False
    digit = last_digit(*body.ends(place))
    return isinstance(find_steps(values, digit, guess_unit(values) or 1.0), Steps)


def split_lead(column: Column) -> tuple[str, str]:
    """Divide the header of a lead into its name and its unit, which may stand below it."""
    name, unit = split_unit(column.name)
    return name, column.unit.strip("()[] ") or unit


def unit_of_time(column: Column) -> float | None:
    """Seconds of the unit of a column of time; None if the file does not state it."""
    return time_unit(column.name, column.unit)
