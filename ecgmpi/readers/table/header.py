"""Names and units of the columns, from the lines above the samples."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ecgmpi.ecg.lead_names import canonical
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.channel_types import is_lead_name
from ecgmpi.readers.clock import is_clock
from ecgmpi.readers.text_dialect import COMMENTS, DELIMITERS, Dialect, Kind, unquoted

from .body import bad_line
from .layout import Layout
from .preamble import statements, without_mark
from .units import (
    LONGEST_NAME,
    is_index_name,
    is_label_name,
    is_person_key,
    is_time_name,
    is_unit,
    split_unit,
)

_Line = tuple[int, str, bool]


@dataclass(frozen=True, slots=True)
class Header:
    """The lines above the columns.

    Attributes
    ----------
    names
        One for each column, as the file spells it; None if there is no line of names.
    units
        One for each column, from a line of units; empty if there is none.
    where
        Line number of the names, from 1.
    others
        The other lines above the samples.
    """

    names: tuple[str, ...] | None
    units: tuple[str, ...]
    where: int
    others: tuple[_Line, ...]


def find_header(layout: Layout) -> Header:
    """Find the lines of names and of units, the last ones above the samples.

    Raises
    ------
    RecordingError
        There are lead names, but not one for each column.
    """
    lines = list(layout.above)
    dialect = layout.dialect
    units: tuple[str, ...] = ()
    row = _fitted(lines[-1], dialect, layout.kinds) if lines else None
    above = _fitted(lines[-2], dialect, layout.kinds) if len(lines) > 1 else None
    # `V` and `s` may be names, but not below a line of names.
    if (
        row
        and _are_units(row)
        and (max(map(len, row)) > 1 or (above and any(map(is_known, above))))
    ):
        units = row
        lines.pop()
    if not lines:
        return Header(None, units, 0, ())
    last = lines[-1]
    names = _fitted(last, dialect, layout.kinds)
    if (
        names is not None
        and not _more_names(last, layout)
        and _are_names(names, last, dialect, alone=_alone(lines))
    ):
        lines.pop()
        return Header(names, units, last[0], tuple(lines))
    place = _names_further_up(lines, layout)
    if place is not None:
        line = lines.pop(place)
        return Header(_fitted(line, dialect, layout.kinds), units, line[0], tuple(lines))
    _check_width(last, layout)
    return Header(None, units, 0, tuple(lines))


def _names_further_up(lines: Sequence[_Line], layout: Layout) -> int | None:
    """Find a line of names that is not the last one above the samples: its index.

    Raises
    ------
    RecordingError
        A line between it and the samples holds numbers, so it may be a damaged one of them.
    """
    damaged = 0
    for place in range(len(lines) - 1, -1, -1):
        number, text, comment = lines[place]
        cells = _fitted(lines[place], layout.dialect, layout.kinds)
        if comment or cells is None or any(statements(text, number, True)):
            return None
        if any(cells) and _all_known(cells) and place < len(lines) - 1:
            if damaged:
                raise bad_line(f"line {damaged} holds numbers and text")
            return place
        if any(map(layout.dialect.is_number, cells)):
            damaged = number
    return None


def _check_width(line: _Line, layout: Layout) -> None:
    """Refuse lead names above the samples unless there is one for each column."""
    dialect, width = layout.dialect, layout.width
    number, text, comment = line
    cells = _cells(line, dialect)
    if width == 1 and dialect.delimiter is None and not comment:
        cells = max((Dialect(mark).cells(text) for mark in DELIMITERS if mark), key=len)
    known = sum(map(is_known, cells))
    strict = dialect.delimiter is not None and len(cells) > 2
    # A single name above two columns: the comma that divides them may be a decimal sign.
    single = len(cells) == 1 and (known or is_unit(cells[0]))
    fits = len(cells) in (1, width) and not (single and (dialect.delimiter, width) == (",", 2))
    if comment:
        # Prose is not a line of names, nor is a statement.
        strict, fits = False, fits or len(cells) < 2 or known < len(cells)
    fits = fits or any(statements(",".join(cells[:2]), number, True))
    if not fits and (strict or 2 * known >= len(cells)):
        raise RecordingError(
            FailureKind.NOT_NUMERIC,
            f"line {number} has {len(cells)} cells, but the lines of samples have {width}",
            "save one column of numbers per lead, with a name above each and a decimal point",
        )


def _more_names(line: _Line, layout: Layout) -> bool:
    """Whether what stands above a single column is divided into several names."""
    if layout.width != 1 or layout.dialect.delimiter is not None or line[2]:
        return False
    divided = [Dialect(mark).cells(line[1]) for mark in DELIMITERS if mark]
    return any(len(cells) > 1 and all(map(is_known, cells)) for cells in divided)


def numbered(names: Sequence[str]) -> int:
    """How many columns a line of names numbers, as pandas and R do for unnamed columns.

    The name of a first column, of time or of line numbers, may stand before the numbers.
    """
    bare = list(names)
    while bare and not bare[-1]:
        bare.pop()
    if bare and (not bare[0] or is_known(bare[0])) and not bare[0].isdecimal():
        bare = bare[1:]
    if not bare:
        return 0
    for first in (0, 1):
        if bare == [str(number) for number in range(first, first + len(bare))]:
            return len(bare)
    # V1 to V9 are leads, V10 is not.
    if len(bare) > 9 and bare == [f"V{number}" for number in range(1, len(bare) + 1)]:
        return len(bare)
    return 0


def is_known(name: str) -> bool:
    """Whether a cell is certainly the name of a column: a lead, time, or a number of samples."""
    bare = split_unit(name[:LONGEST_NAME])[0]
    if is_lead_name(canonical(bare)) or is_time_name(name):
        return True
    return bool(bare) and (is_index_name(bare) or is_label_name(bare))


def _cells(line: _Line, dialect: Dialect) -> list[str]:
    if not line[2]:
        return dialect.cells(line[1])
    # A first name may be empty, so only the space behind the mark goes.
    return dialect.cells(line[1].lstrip().lstrip("".join(COMMENTS)).removeprefix(" "))


def _fitted(line: _Line, dialect: Dialect, kinds: Sequence[Kind]) -> tuple[str, ...] | None:
    """Cells of a line above the samples, one for each column; None if they do not fit.

    The line may lack the empty cell after a last delimiter, or the name of the first column, as
    R writes it if rows are numbered. Names separated by white space may contain spaces.
    """
    width = len(kinds)
    cells = _cells(line, dialect)
    if dialect.delimiter is None and width == 1:
        cells = [unquoted(without_mark(line[1]) if line[2] else line[1])]
    elif dialect.delimiter is None and len(cells) != width:
        cells = _merged(cells, width)
    if len(cells) == width + 1 and not cells[-1]:
        cells = cells[:-1]
    if len(cells) == width - 1 and kinds[-1] is Kind.EMPTY:
        cells = [*cells, ""]
    elif len(cells) == width - 1 and width > 2 and _all_known(cells):
        cells = ["", *cells]
    return tuple(cell[:LONGEST_NAME] for cell in cells) if len(cells) == width else None


def _merged(cells: list[str], width: int) -> list[str]:
    """Join the words of ``Elapsed time`` and ``sample #``."""
    joined: list[str] = []
    for cell in cells:
        pair = f"{joined[-1]} {cell}" if joined else ""
        both = (cell == "#" or cell.lower() in ("time", "number")) and joined
        if both and (is_time_name(pair) or is_index_name(pair)):
            joined[-1] = pair
        else:
            joined.append(cell)
    return joined if len(joined) == width else cells


def _are_units(cells: Sequence[str]) -> bool:
    there = [cell for cell in cells if cell]
    return bool(there) and all(map(is_unit, there))


def _are_names(cells: Sequence[str], line: _Line, dialect: Dialect, *, alone: bool) -> bool:
    """Whether cells are names and not a statement, a title or a note."""
    there = [cell for cell in cells if cell]
    if not there or any(map(is_clock, there)):
        return False
    known = sum(map(is_known, there))
    number, text, comment = line
    if comment:
        # `# made by hand` is three words, `# I,II,III` three names.
        return 2 * known >= len(there) and not (
            (known < len(there) or len(there) == 1)
            and any(statements(without_mark(text), number, False))
        )
    if _all_known(there) or numbered(cells):
        return True
    if _names_somebody(there):
        return False
    if known and len(there) > 2 and dialect.delimiter is not None:
        # Of a key and its value there are two cells, or the key ends in a colon.
        return is_index_name(there[0]) or not any(mark in there[0] for mark in ":=")
    texts = (text, ",".join(there)) if len(there) == 2 else (text,)
    stated = any(any(statements(one, number, True)) for one in texts)
    return (alone or known > 0) and not stated


def _names_somebody(cells: Sequence[str]) -> bool:
    """Whether cells may say who a recording is of: ``Name,...``, ``Patient: ...``, ``..., ...``."""
    if is_person_key(re.split("[:=,;\t]", cells[0])[0]) and not any(map(is_known, cells[1:])):
        return True
    alone = len(cells) == 1 and not is_known(cells[0]) and not split_unit(cells[0])[1]
    return alone and any(mark in cells[0] for mark in ":=,;\t")


def _all_known(cells: Sequence[str]) -> bool:
    """Whether cells are certainly names: ``Leads: I`` is a key and a value."""
    return all(
        is_index_name(cell) or (is_known(cell) and ":" not in cell and "=" not in cell)
        for cell in cells
    )


def _alone(lines: Sequence[_Line]) -> bool:
    """Whether a line of names would be the only one above that is no comment."""
    return sum(not comment for _, _, comment in lines) <= 1
