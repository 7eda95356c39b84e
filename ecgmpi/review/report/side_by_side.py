"""The table of a comparison: a row a quantity, a cell an OUT."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ecgmpi.amounts import duration, percent
from ecgmpi.results.timing import STAGES
from ecgmpi.review.job_state import State

from .differences import BOTH, Apart, Mark, at_all, by_a_quarter, by_points, marks
from .findings import Tally
from .named import MOST_GROUPS
from .side import WAITING, Side
from .tally import MOST_FACTS

MOST_KINDS = 24
"""Rows for kinds of one thing, those of the largest shares: report.json has all."""

MOST_HOSTS = 4

MOST_NAMED = 3
"""Rows of a section that are named where it is told by what an OUT is worse off."""

NOT_KNOWN = "-"

_CUT_OFF = (State.STOPPED, State.KILLED)

_MORE, _LESS = (Mark.MORE,), (Mark.LESS,)


@dataclass(frozen=True, slots=True)
class Cell:
    """A quantity of one OUT, in words, its value where it has one, and how it stands out."""

    text: str
    value: float | None = None
    mark: Mark = Mark.NONE


@dataclass(frozen=True, slots=True)
class Row:
    """A quantity: its name, a cell an OUT, and whether who stands out is worse off."""

    name: str
    cells: tuple[Cell, ...]
    worse: bool = False

    @property
    def marked(self) -> bool:
        """Whether an OUT stands out."""
        return any(cell.mark for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under one heading, and how many were left out."""

    title: str
    rows: tuple[Row, ...]
    more: int = 0


def sections(sides: Sequence[Side], size: Callable[[float], str]) -> list[Section]:
    """Put what is known of several OUTs side by side.

    Parameters
    ----------
    sides
        The OUTs.
    size
        Spells a number of bytes.
    """
    found = [
        Section("Job", tuple(_job(sides))),
        _failures(sides),
        _doubts(sides),
        _limb_leads(sides),
        _assumed(sides),
        Section("Pictures", tuple(_pictures(sides, size))),
        Section("Speed of the newest run", tuple(_speed(sides))),
    ]
    return [section for section in found if section.rows]


def worse_by(number: int, found: Sequence[Section]) -> list[str]:
    """Say by what one OUT of several is worse off than most of the others, a section a line."""
    said = []
    for section in found:
        rows = [row for row in section.rows if row.worse and row.cells[number].mark]
        named = [f"{row.name} {row.cells[number].text}" for row in rows[:MOST_NAMED]]
        if more := len(rows) - len(named):
            named.append(f"and {more} more")
        if named:
            said.append(f"{section.title}: {', '.join(named)}")
    return said


def _job(sides: Sequence[Side]) -> Iterator[Row]:
    cut_off = [side.state in _CUT_OFF for side in sides]
    worse = marks(cut_off, at_all, _MORE)
    yield Row(
        "state",
        tuple(
            Cell(side.state, None, Mark.OTHER if mark else Mark.NONE)
            for side, mark in zip(sides, worse, strict=True)
        ),
        worse=True,
    )
    expected = [side.expected for side in sides]
    yield _numbers("recordings", expected, _count, at_all)
    yield _shares("done", _done(sides), expected, ())
    yield _left(sides)
    yield _shares("failed", _tallied(sides, lambda tally: tally.failed), _done(sides))
    yield _numbers("wall time", [side.wall_s for side in sides], duration, kinds=())


def _left(sides: Sequence[Side]) -> Row:
    """How many recordings are left; that is no fault of a job that runs."""
    found = _shares(
        "left",
        [side.left if side.tally else None for side in sides],
        [side.expected for side in sides],
        (),
    )
    shares = [
        cell.value if side.state == State.COMPLETE or side.state in _CUT_OFF else None
        for side, cell in zip(sides, found.cells, strict=True)
    ]
    return _row("left", [cell.text for cell in found.cells], shares, by_a_quarter, _MORE, True)


def _failures(sides: Sequence[Side]) -> Section:
    counts = [
        {one.kind: one.count for one in side.tally.failures} if side.tally else None
        for side in sides
    ]
    return _kinds("Failed, by class", counts, _done(sides))


def _doubts(sides: Sequence[Side]) -> Section:
    counts = [
        {one.kind: one.count for one in side.tally.doubts} if side.tally else None for side in sides
    ]
    drawn = _tallied(sides, lambda tally: tally.drawn)
    total = _shares("in any way", _tallied(sides, lambda tally: tally.doubtful), drawn)
    return _kinds("Samples that look odd", counts, drawn, total)


def _limb_leads(sides: Sequence[Side]) -> Section:
    counts, good = [], set()
    for side in sides:
        verdicts = side.tally.limb_leads if side.tally else ()
        counts.append({one.verdict: one.count for one in verdicts} if side.tally else None)
        good |= {one.verdict for one in verdicts if one.good}
    drawn = _tallied(sides, lambda tally: tally.drawn)
    total = _shares("any fault", _tallied(sides, lambda tally: tally.faulty_limb_leads), drawn)
    return _kinds("Limb leads", counts, drawn, total, good)


def _assumed(sides: Sequence[Side]) -> Section:
    counts = [
        {one.fact: one.count for one in side.tally.assumed} if side.tally else None
        for side in sides
    ]
    drawn = _tallied(sides, lambda tally: tally.drawn)
    total = _shares("anything", _tallied(sides, lambda tally: tally.assuming), drawn)
    return _kinds("Assumed", counts, drawn, total, most=MOST_FACTS)


def _pictures(sides: Sequence[Side], size: Callable[[float], str]) -> Iterator[Row]:
    pictures = _tallied(sides, lambda tally: tally.pictures)
    sizes = _tallied(sides, lambda tally: tally.bytes)
    drawn = _tallied(sides, lambda tally: tally.drawn)
    yield _numbers("pictures", pictures, _count, kinds=())
    yield _numbers("pictures a recording", _ratios(pictures, drawn), _short, by_a_quarter)
    yield _numbers("bytes", sizes, size, kinds=())
    yield _numbers("bytes a recording", _ratios(sizes, drawn), size, by_a_quarter)


def _speed(sides: Sequence[Side]) -> Iterator[Row]:
    rates = [side.rate for side in sides]
    workers = [side.workers for side in sides]
    yield _numbers("recordings a second", rates, _short, by_a_quarter, _LESS, worse=True)
    a_worker = _ratios(rates, workers)
    yield _numbers("the same a worker", a_worker, _short, by_a_quarter, _LESS, worse=True)
    yield _numbers("workers", workers, _count, at_all)
    yield _numbers("ranks", [side.ranks for side in sides], _count, at_all)
    troubled = [side.troubled for side in sides]
    yield _numbers("ranks slow or silent", troubled, _count, at_all, _MORE, worse=True)
    yield Row("hosts", tuple(Cell(_hosts(side.hosts)) for side in sides))
    for stage in (*STAGES, WAITING):
        spent = [side.spent.get(stage) for side in sides]
        yield _numbers(f"time {stage}", spent, percent, by_points, _MORE, worse=stage == WAITING)


def _kinds(
    title: str,
    counts: Sequence[dict[str, int] | None],
    wholes: Sequence[int | None],
    total: Row | None = None,
    harmless: Collection[str] = (),
    most: int = MOST_GROUPS,
) -> Section:
    """Give a row a kind, that of the largest share first, and `total` before all.

    Parameters
    ----------
    title
        The heading.
    counts
        Of each OUT, kind -> recordings; None where that is not known.
    wholes
        Of how many.
    total
        Any kind.
    harmless
        Kinds of which more is not worse.
    most
        An OUT that has so many kinds may have others, too, that are not told.
    """
    rows = []
    for kind in dict.fromkeys(kind for one in counts for kind in one or ()):
        absent = (None if one is None or len(one) >= most else 0 for one in counts)
        own = [(one or {}).get(kind, none) for one, none in zip(counts, absent, strict=True)]
        rows.append(_shares(kind, own, wholes, () if kind in harmless else _MORE))
    rows.sort(key=lambda row: -max(cell.value or 0.0 for cell in row.cells))
    first = (total,) if total and rows else ()
    return Section(title, (*first, *rows[:MOST_KINDS]), max(0, len(rows) - MOST_KINDS))


def _shares(
    name: str,
    counts: Sequence[int | None],
    wholes: Sequence[int | None],
    kinds: Collection[Mark] = _MORE,
) -> Row:
    """A row of counts that are compared as shares."""
    shares = _ratios(counts, wholes)
    texts = [
        _count(count) if not count or not whole else f"{count:,} ({percent(count, whole)})"
        for count, whole in zip(counts, wholes, strict=True)
    ]
    return _row(name, texts, shares, by_a_quarter, kinds, worse=True)


def _numbers(
    name: str,
    values: Sequence[float | None],
    spelled: Callable[[float], str],
    apart: Apart = at_all,
    kinds: Collection[Mark] = BOTH,
    worse: bool = False,
) -> Row:
    """A row of numbers."""
    texts = (NOT_KNOWN if value is None else spelled(value) for value in values)
    return _row(name, texts, values, apart, kinds, worse)


def _row(
    name: str,
    texts: Iterable[str],
    values: Sequence[float | None],
    apart: Apart,
    kinds: Collection[Mark],
    worse: bool,
) -> Row:
    return Row(name, tuple(map(Cell, texts, values, marks(values, apart, kinds))), worse)


def _tallied(sides: Sequence[Side], count: Callable[[Tally], int]) -> list[int | None]:
    return [count(side.tally) if side.tally else None for side in sides]


def _done(sides: Sequence[Side]) -> list[int | None]:
    return _tallied(sides, lambda tally: tally.recordings)


def _ratios(parts: Sequence[float | None], wholes: Sequence[float | None]) -> list[float | None]:
    return [
        part / whole if part is not None and whole else None
        for part, whole in zip(parts, wholes, strict=True)
    ]


def _count(count: float | None) -> str:
    return NOT_KNOWN if count is None else f"{count:,.0f}"


def _short(value: float) -> str:
    return f"{value:,.1f}" if value >= 10 else f"{value:.3g}"


def _hosts(hosts: Sequence[str]) -> str:
    more = len(hosts) - MOST_HOSTS
    named = ", ".join(hosts[:MOST_HOSTS]) or NOT_KNOWN
    return f"{named} and {more} more" if more > 0 else named
