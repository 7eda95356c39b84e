"""From a table of text to a `Record`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecgmpi.ecg.lead_names import canonical
from ecgmpi.ecg.record import Record
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.array_record import unstated_leads
from ecgmpi.readers.channel import Channel
from ecgmpi.readers.channel_types import is_lead_name
from ecgmpi.readers.channels import record_from_channels
from ecgmpi.readers.hints import ReadHints
from ecgmpi.readers.signatures import text_of
from ecgmpi.readers.source import Source
from ecgmpi.readers.text_dialect import Kind, samples_of
from ecgmpi.readers.units import voltage
from ecgmpi.readers.validate import MAX_LISTED, check_samples

from .above import collect
from .body import Body, not_a_table, read_body
from .columns import Column, Columns, sort_columns, split_lead
from .counting import fill
from .header import Header, find_header, is_known, numbered
from .layout import find_layout, numbers_above
from .orientation import check_decimals, check_first_line, check_thousands, turned, without_counts
from .preamble import Preamble, is_rate_key, of_pair
from .timing import find_timing
from .units import COUNTS


def load(source: Source, hints: ReadHints) -> Record:
    """Read a table of numbers as a recording.

    Parameters
    ----------
    source
        The open file.
    hints
        Rate, unit and names of the leads, if the table does not state them.

    Raises
    ------
    RecordingError
        A cell is not a number, lines differ in length, time jumps, two statements of the
        file contradict each other, or it is no recording.
    """
    # A number and its delimiter take at least two characters.
    check_samples(1, source.size // 2, 4, hints, "the table")
    text = text_of(source.at(0, source.size))
    if text is None:
        raise not_a_table("it is not text")
    table = _table_of(text.splitlines())
    if len(table.body.kinds) > MAX_LISTED:
        raise RecordingError(
            FailureKind.WRONG_SHAPE,
            f"the table has {len(table.body.kinds):,} columns; the limit is {MAX_LISTED}",
            "save one column per lead and one recording per file",
        )
    # A damaged table may hold infinities; what comes of them is checked at the end.
    with np.errstate(all="ignore"):
        columns = sort_columns(
            table.body, table.names, table.header.units, frozenset(table.preamble.aside)
        )
    if Kind.TEXT in table.body.kinds and not _may_have_text(table):
        place = table.body.kinds.index(Kind.TEXT) + 1
        raise not_a_table(f"{table.body.where(0)}, column {place} is not a number")
    _take_rates(table, columns)
    if not columns.leads:
        raise not_a_table("no column holds samples of a lead")
    with np.errstate(all="ignore"):
        return _record(source, hints, table, columns)


def _columns_of(preamble: Preamble, body: Body) -> tuple[str, ...] | None:
    """Names of all columns by a JSON header, if it has one for each."""
    names = preamble.columns
    if len(names) == len(body.kinds) - 1 and body.kinds[-1] is Kind.EMPTY:
        # Behind the last delimiter of each line.
        names = (*names, "")
    if len(names) == len(body.kinds):
        return names
    preamble.unused.append(f"names of {len(names)} columns in a JSON header")
    return None


@dataclass(frozen=True, slots=True)
class _Table:
    """A parsed table, transposed if needed so that a column is a lead."""

    body: Body
    header: Header
    preamble: Preamble
    names: tuple[str, ...] | None
    notes: list[str]


def _table_of(lines: Sequence[str]) -> _Table:
    """Take the lines of a file apart."""
    samples = samples_of(lines)
    if not samples:
        raise RecordingError(
            FailureKind.NO_SAMPLES, "the table holds no numbers", "leave the file out"
        )
    layout = find_layout(lines, samples)
    if layout is None:
        raise not_a_table("below the first lines, no line is numbers with the same separator")
    if other := numbers_above(layout):
        line, count = other
        raise not_a_table(
            f"line {line} has {count} cells but line {layout.first + 1} has {layout.width}, "
            "so they are not all lines of one table"
        )
    header = find_header(layout)
    preamble = collect(header.others, layout.dialect)
    body = read_body(layout, lines, samples)
    check_thousands(body)
    body, notes = without_counts(body)
    check_first_line(body)
    if preamble.skipped:
        notes.append(f"{_ranges(preamble.skipped)} left out: neither names nor numbers")
    for count, what in ((body.blanks, "blank line"), (body.comments, "line of comment")):
        if count:
            shown = what if count == 1 else what.replace("line", "lines")
            notes.append(f"{count} {shown} among the samples left out")
    names = header.names
    if names is None:
        check_decimals(body)
    if names is None and preamble.columns:
        names = _columns_of(preamble, body)
    if names and (count := numbered(names)):
        notes.append(f"line {header.where} left out: it numbers {count} columns")
        names = None
    if names is None:
        body, names, found = turned(body)
        notes += found
    return _Table(body, header, preamble, names, notes)


def _may_have_text(table: _Table) -> bool:
    """Whether columns of text may be beside samples: only if a lead or time is named."""
    return table.names is not None and any(map(_is_lead_or_time, table.names))


def _is_lead_or_time(name: str) -> bool:
    return is_known(name) and bool(name)


def _take_rates(table: _Table, columns: Columns) -> None:
    """Take columns that repeat the rate in each line for statements, not for leads."""
    for column in list(columns.leads):
        name = split_lead(column)[0]
        values = table.body.values[:, column.place]
        there = values[np.isfinite(values)]
        if is_rate_key(name) and len(there) and np.all(there == there[0]):
            columns.leads.remove(column)
            table.preamble.add(of_pair(name, f"{there[0]:.9g}", column.words))


def _record(source: Source, hints: ReadHints, table: _Table, columns: Columns) -> Record:
    """Make a recording of columns."""
    timing = find_timing(table.body, columns, table.preamble.rate)
    unused = [*table.preamble.unused, *columns.unused, *timing.unused]
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
    """Give each lead its unit; if some are in volts, counts of the same leads are left out."""
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
    """Format line numbers: ``lines 1-7, 9``."""
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
