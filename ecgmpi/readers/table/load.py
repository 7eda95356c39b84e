"""From a table of text to a `Record`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.leads import canonical
from ecgmpi.readers.array import orient, unstated_leads
from ecgmpi.readers.base import ReadHints, Source, voltage
from ecgmpi.readers.channels import Channel, record_from_channels
from ecgmpi.readers.checks import MAX_LISTED, check_samples
from ecgmpi.readers.kinds import is_lead_name
from ecgmpi.readers.sniff import text_of
from ecgmpi.record import Record

from .body import Body, not_a_table, read_body
from .columns import MIN_ROWS, Column, Columns, sort_columns, split_lead
from .dialect import Kind, is_comment
from .header import Header, find_header, is_known, numbered
from .layout import find_layout, numbers_above
from .preamble import Preamble, collect
from .steps import counts_by_one, fill, rises
from .timing import find_timing
from .units import COUNTS, is_unit


def load(source: Source, hints: ReadHints) -> Record:
    """Read a table of numbers as a recording.

    Parameters
    ----------
    source
        The open file.
    hints
        Rate, unit and names of the leads, where the table does not say them.

    Raises
    ------
    RecordingError
        A cell is not a number, lines differ in length, time jumps, two statements of the
        file contradict each other, or it is no recording.
    """
    # No number takes less than two characters with what divides it from the next.
    check_samples(1, source.size // 2, 4, hints, "the table")
    text = text_of(source.at(0, source.size))
    if text is None:
        raise not_a_table("it holds what is no text")
    table = _table_of(text.splitlines())
    columns = sort_columns(
        table.body, table.names, table.header.units, frozenset(table.preamble.aside)
    )
    if Kind.TEXT in table.body.kinds and not _may_have_text(table):
        place = table.body.kinds.index(Kind.TEXT) + 1
        raise not_a_table(f"{table.body.where(0)}, column {place} is not a number")
    if not columns.leads:
        raise not_a_table("no column holds samples of a lead")
    if len(columns.leads) > MAX_LISTED:
        raise RecordingError(
            FailureKind.WRONG_SHAPE,
            f"the table has {len(columns.leads):,} columns of numbers, "
            f"where {MAX_LISTED} leads are the most",
            "save a column a lead, and one recording a file",
        )
    return _record(source, hints, table, columns)


MAX_WHOLE = 20
"""Millivolts that no ECG reaches: in front of a decimal comma stands less."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A table, taken apart and turned so that a column is a lead."""

    body: Body
    header: Header
    preamble: Preamble
    names: tuple[str, ...] | None
    notes: list[str]


def _table_of(lines: Sequence[str]) -> _Table:
    """Take the lines of a file apart."""
    samples = [line for line in lines if line.strip() and not is_comment(line)]
    if not samples:
        raise RecordingError(
            FailureKind.NO_SAMPLES, "the table holds no numbers", "leave the file out"
        )
    layout = find_layout(lines, samples)
    if layout is None:
        raise not_a_table("no line below the first ones is numbers divided alike")
    if other := numbers_above(layout):
        line, count = other
        raise not_a_table(
            f"line {line} has {count} cells where line {layout.first + 1} has {layout.width}, "
            "so they are not all lines of one table"
        )
    header = find_header(layout)
    preamble = collect(header.others, layout.dialect)
    body = read_body(layout, lines)
    notes = []
    if preamble.skipped:
        notes.append(f"{_ranges(preamble.skipped)} left out: neither names nor numbers")
    if body.blanks and layout.width == 1:
        notes.append(f"{body.blanks} blank lines among the samples left out")
    if body.comments:
        notes.append(f"{body.comments} lines of comment among the samples left out")
    names = header.names
    if names is None:
        _check_decimals(body)
    if names is None and len(preamble.columns) == layout.width:
        names = preamble.columns
    if names and (count := numbered(names)):
        notes.append(f"line {header.where} left out: it numbers {count} columns")
        names = None
    if names is None:
        body, names, told = _turned(body)
        notes += told
    return _Table(body, header, preamble, names, notes)


def _check_decimals(body: Body) -> None:
    """Refuse two columns that may be one, its decimals behind commas.

    Raises
    ------
    RecordingError
        All second cells are as many digits without a sign.
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
            "the comma may divide two columns or be the decimal sign of one; "
            "decimals with a point, or names above, would say"
        )


def _turned(body: Body) -> tuple[Body, tuple[str, ...] | None, list[str]]:
    """Make columns of lines where a line is a lead; names that stand at the left of them."""
    kinds = body.kinds
    text = next((place for place, kind in enumerate(kinds) if kind is not Kind.TEXT), len(kinds))
    if 0 < text <= 2 and set(kinds[text:]) <= {Kind.NUMBER, Kind.EMPTY}:
        names = tuple(cell[:200] for cell in body.texts(0))
        if 2 * sum(map(is_known, names)) >= len(names) and len(set(names)) == len(names):
            turned = body.turned(text)
            units = body.texts(1) if text == 2 else []
            if units and all(map(is_unit, units)):
                names = tuple(f"{name} ({unit})" for name, unit in zip(names, units, strict=True))
            return turned, names, ["a line is a lead, with its name at the left"]
        return body, None, []
    if set(kinds) > {Kind.NUMBER, Kind.EMPTY} or Kind.CLOCK in kinds or Kind.TEXT in kinds:
        return body, None, []
    body, told = _without_numbers(body)
    if not body.values.size:
        raise RecordingError(
            FailureKind.NO_SAMPLES, "the table holds no samples", "leave the file out"
        )
    time = any(rises(column) for column in body.values.T)
    if not time and not orient(body.values.shape, "the table"):
        body = body.turned(0)
    return body, None, told


def _without_numbers(body: Body) -> tuple[Body, list[str]]:
    """Leave out a first line that is the numbers of the columns and no sample."""
    cells = body.dialect.cells(body.lines[0])
    numbers = cells[1:] if cells and not cells[0] else cells
    if len(body.lines) < 2 or not numbered(numbers):
        return body, []
    points = (".", ",") if body.dialect.decimal == "," else (".",)
    whole = not any(point in line for point in points for line in body.lines[1:20])
    # A first column that goes on so numbers the samples, as `rdsamp` prints it.
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
    told = f"line {body.numbers[0]} left out: it numbers {len(numbers)} columns"
    return body.without_first(), [told]


def _breaks(values: npt.NDArray[np.float64]) -> bool:
    """Whether the second line does not go on from the first as later ones do.

    All columns leap, or one that rises from then on does not rise there.
    """
    if len(values) < 5:
        return False
    steps = np.diff(values, axis=0)
    if np.any(np.all(steps[1:] > 0, axis=0) & (steps[0] <= 0)):
        return True
    return bool(np.all(np.abs(steps[0]) > 5 * np.abs(steps[1:]).max(axis=0)))


def _may_have_text(table: _Table) -> bool:
    """Whether columns of text may stand beside samples: where a lead or time is named."""
    return table.names is not None and any(map(_is_lead_or_time, table.names))


def _is_lead_or_time(name: str) -> bool:
    return is_known(name) and bool(name)


def _record(source: Source, hints: ReadHints, table: _Table, columns: Columns) -> Record:
    """Make a recording of columns."""
    timing = find_timing(table.body, columns, table.preamble.rate)
    unused = [*table.preamble.unused, *timing.unused]
    notes = [*table.notes, *timing.notes, *columns.notes]
    if timing.places is not None:
        n_samples = int(timing.places[-1]) + 1
        check_samples(len(columns.leads), n_samples, 8, hints, "the table with its gaps")
    named, assumed = _names(table, columns, hints, notes, unused)
    leads, units = _units(table, named, notes, unused)
    channels = []
    for (column, name), unit in zip(leads, units, strict=True):
        samples = np.ascontiguousarray(table.body.values[:, column.place])
        if timing.places is not None:
            samples = fill(samples, timing.places)
        channels.append(Channel(name, samples, timing.rate, unit))
    return record_from_channels(
        channels,
        hints,
        name=source.name,
        format="csv",
        notes=notes,
        leads_assumed=assumed,
        unused=unused,
    )


_Named = list[tuple[Column, str]]


def _names(
    table: _Table, columns: Columns, hints: ReadHints, notes: list[str], unused: list[str]
) -> tuple[_Named, bool]:
    """Name the leads: by the line of names, by a line above, by the user, or by convention."""
    leads = columns.leads
    stated = table.preamble.names
    if table.names is not None:
        unused += [f"names in {one.where}" for one in stated]
        return [(column, split_lead(column)[0]) for column in leads], False
    for one in stated:
        count = sum(is_lead_name(canonical(name)) for name in one.names)
        if len(one.names) == len(leads) and 2 * count >= len(leads):
            notes.append(f"lead names from {one.where}")
            rest = [other for other in stated if other is not one]
            unused += [f"names in {other.where}" for other in rest]
            return list(zip(leads, one.names, strict=True)), False
    unused += [f"names in {one.where}" for one in stated]
    names, note, assumed = unstated_leads(len(leads), hints)
    notes.append(note)
    return list(zip(leads, names, strict=True)), assumed


def _units(
    table: _Table, named: _Named, notes: list[str], unused: list[str]
) -> tuple[_Named, list[str]]:
    """Give each lead its unit; where some are in volts, counts of the same are left out."""
    stated = table.preamble.unit
    units = [split_lead(column)[1] for column, _ in named]
    volts = any(voltage(unit) for unit in units)
    kept: _Named = []
    of_kept = []
    for (column, name), unit in zip(named, units, strict=True):
        counts = bool(unit) and unit.lower() in COUNTS
        if counts and volts:
            notes.append(f"{column.words} left out: it holds counts")
            continue
        if counts:
            unused.append(f"unit of counts of {column.words}")
        if stated and voltage(unit) and voltage(unit) != voltage(stated.unit):
            raise RecordingError(
                FailureKind.CONTRADICTORY,
                f"{stated.where} states {voltage(stated.unit)}, and {column.words} is in "
                f"{voltage(unit)}",
                "correct the one that is wrong",
            )
        kept.append((column, name))
        of_kept.append("" if counts else unit or (stated.unit if stated else ""))
    return kept, of_kept


def _ranges(numbers: Sequence[int]) -> str:
    """Say which lines: ``lines 1-7, 9``."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    shown = [f"{part[0]}-{part[-1]}" if len(part) > 1 else str(part[0]) for part in parts[:8]]
    if len(parts) > 8:
        shown.append("...")
    return f"line{'s' if len(numbers) > 1 else ''} {', '.join(shown)}"
