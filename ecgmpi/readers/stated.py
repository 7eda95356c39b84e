"""The rate, units, lead names and gains that statements beside an array of samples give.

A statement is used, or it is listed as unused, or it contradicts another and the file is
refused. If the user states the fact, nothing counts as a contradiction.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ecgmpi.ecg.lead_names import canonical
from ecgmpi.ecg.record import LEAST_RATE, MOST_RATE, STANDARD_LEADS
from ecgmpi.errors import FailureKind, RecordingError

from .hints import ReadHints
from .statements import MANY, Fact, Statement, Word
from .units import voltage

_CLOSE = 1e-3
"""Two rates that differ by less, relatively, are equal: periods have few digits."""

_OTHERS = frozenset(
    {"V7", "V8", "V9", "-aVR", "MLI", "MLII", "MLIII", "ML5", *(f"V{n}R" for n in range(2, 10))}
)
"""Unambiguous lead names besides the standard ones."""


@lru_cache(maxsize=1024)
def is_lead(name: str) -> bool:
    """Whether a name is that of a lead, in any spelling; X, Y and Z may be anything.

    Examples
    --------
    >>> [is_lead(name) for name in ("lead_II", "avr", "MLII", "X", "signal")]
    [True, True, True, False, False]
    """
    lead = canonical(name)
    return lead in STANDARD_LEADS or lead in _OTHERS


def named_so(path: str, what: str) -> Statement | None:
    """Make a statement of the name of an array of one lead, if it is named like a lead."""
    name = path.rpartition("/")[2]
    if not is_lead(name):
        return None
    return Statement(Word(Fact.NAMES), f"the name of {what}", texts=(name,))


@dataclass(slots=True)
class Stated:
    """What a file states of an array.

    Attributes
    ----------
    rate
        Samples per second, Hz; None if it does not state any.
    units
        One per lead, as the file spells them; empty if it does not state any.
    names
        One per lead, as the file spells them; None if it does not state any.
    gains, zeros
        Counts per unit, and count of 0 units, one per lead; empty if it states none.
    notes
        Which statements were used.
    unused
        Which statements were not; see `Record.unused`.
    """

    rate: float | None = None
    units: tuple[str, ...] = ()
    names: tuple[str, ...] | None = None
    gains: tuple[float, ...] = ()
    zeros: tuple[float, ...] = ()
    notes: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


NOTHING_STATED = Stated()
"""For a file that has only the array."""


def settle(
    statements: Sequence[Statement], n_leads: int, hints: ReadHints, counts: bool = False
) -> Stated:
    """Reconcile the statements about an array.

    Parameters
    ----------
    statements
        All statements, those closest to the samples first.
    n_leads
        Number of leads in the array.
    hints
        What the user states, which decides if statements contradict each other.
    counts
        Whether the samples are whole numbers, to which a gain can apply.

    Raises
    ------
    RecordingError
        Two statements of rate, unit or lead names contradict each other.
    """
    stated = Stated()
    if not statements:
        return stated
    statements = [one for one in statements if one.why or one.numbers or any(one.texts)]
    _settle_rate(statements, hints, stated)
    _settle_units(statements, n_leads, hints, stated)
    _settle_names(statements, n_leads, hints, stated)
    _settle_gains(statements, n_leads, counts, stated)
    return stated


def _settle_rate(statements: Sequence[Statement], hints: ReadHints, stated: Stated) -> None:
    found: list[tuple[float, Statement]] = []
    for one in _of(statements, Fact.RATE, Fact.PERIOD):
        rate = _rate(one)
        if rate is None:
            if not one.word.vague or one.numbers or one.texts:
                stated.unused.append(one.shown)
        else:
            found.append((rate, one))
    # Exact statements first; a clear one overrides a vague one.
    found.sort(key=lambda pair: (pair[1].word.vague, pair[1].word.fact is Fact.PERIOD))
    clear = [pair for pair in found if not pair[1].word.vague] or found
    stated.unused += [
        one.shown
        for rate, one in found
        if one.word.vague and not math.isclose(rate, clear[0][0], rel_tol=_CLOSE)
    ]
    same = all(math.isclose(rate, clear[0][0], rel_tol=_CLOSE) for rate, _ in clear)
    if clear and _agreed(same, [one for _, one in clear], hints.rate is not None, "rate", stated):
        stated.rate, one = clear[0]
        own = f" ({one.value})" if one.word.fact is Fact.PERIOD or one.texts else ""
        stated.notes.append(f"rate {stated.rate:g} Hz from {one.where}{own}")
    if stated.rate is None:
        times = [one for one in _of(statements, Fact.TIME) if one.why == MANY.why]
        stated.unused += [
            f"{one.where} (times of samples, from which no rate is taken)" for one in times
        ]


_RATE_TEXT = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(k?hz|sps|samples/s)?", re.I)


def _rate(one: Statement) -> float | None:
    """The rate in Hz that a statement gives, if an ECG may have it."""
    numbers = set(one.numbers)
    if len(one.texts) == 1 and (read := _RATE_TEXT.fullmatch(one.texts[0])):
        unit = (read[2] or "").lower()
        if unit and one.word.fact is Fact.PERIOD:
            return None
        numbers = {float(read[1]) * (1000.0 if unit == "khz" else 1.0)}
    if len(numbers) != 1:
        return None
    (rate,) = numbers
    if one.word.fact is Fact.PERIOD:
        seconds = rate * one.word.scale
        rate = 1.0 / seconds if seconds > 0 else math.nan
        # 0.002778 s means 360 Hz.
        if math.isfinite(rate) and math.isclose(rate, round(rate), rel_tol=1e-4):
            rate = float(round(rate))
    least = max(one.word.least, LEAST_RATE)
    return rate if least <= rate <= MOST_RATE else None


def _settle_units(
    statements: Sequence[Statement], n_leads: int, hints: ReadHints, stated: Stated
) -> None:
    found: list[tuple[tuple[str, ...], Statement]] = []
    for one in _of(statements, Fact.UNIT):
        units = _each(one.texts, n_leads, lambda text: voltage(text) is not None)
        if len(units) == 1:
            units *= n_leads
        if len(units) == n_leads and any(voltage(unit) for unit in units):
            found.append((units, one))
        else:
            stated.unused.append(one.shown)
    if not found:
        return
    same = len({tuple(voltage(unit) or unit for unit in units) for units, _ in found}) == 1
    if _agreed(same, [one for _, one in found], hints.says_unit, "unit", stated):
        stated.units, one = found[0]
        several = sorted(set(stated.units) - {""})
        shown = voltage(several[0]) if len(several) == 1 else "units"
        stated.notes.append(
            f"unit {shown} from {one.where}"
            if len(several) == 1
            else f"units of the leads from {one.where}"
        )


def _settle_names(
    statements: Sequence[Statement], n_leads: int, hints: ReadHints, stated: Stated
) -> None:
    found: list[tuple[tuple[str, ...], Statement]] = []
    for one in _of(statements, Fact.NAMES):
        names = _each(one.texts, n_leads, is_lead)
        known = bool(names) and all(map(is_lead, names))
        if one.word.vague and not known:
            continue
        if len(names) == n_leads and any(re.search(r"[A-Za-z]", name) for name in names):
            found.append((names, one))
        elif one.texts or one.why not in ("", MANY.why):
            stated.unused.append(f"{one.where} ({_misfit(one, names, n_leads)})")
    # Lead names take precedence over other names, such as channels of a device.
    sure = [pair for pair in found if all(map(is_lead, pair[0]))] or found
    stated.unused += [
        f"{one.where} ({len(names)} other names)"
        for names, one in found
        if all(pair[1] is not one for pair in sure)
    ]
    same = len({tuple(map(canonical, names)) for names, _ in sure}) == 1
    if sure and _agreed(
        same, [one for _, one in sure], hints.lead_names is not None, "lead names", stated
    ):
        stated.names, one = sure[0]
        stated.notes.append(f"lead names from {one.where}")


def _misfit(one: Statement, names: tuple[str, ...], n_leads: int) -> str:
    if one.why:
        return one.why
    if len(names) == n_leads:
        return "numbers, no names"
    plural = "s" if len(names) != 1 else ""
    return f"{len(names)} name{plural} for {n_leads} lead{'s' if n_leads != 1 else ''}"


def _settle_gains(
    statements: Sequence[Statement], n_leads: int, counts: bool, stated: Stated
) -> None:
    """Use a gain if it is clear: counts per mV, as in WFDB, of whole numbers."""
    in_mv = all(voltage(unit) == "mV" for unit in stated.units if unit)
    for one in _of(statements, Fact.GAIN):
        gains = one.numbers * n_leads if len(one.numbers) == 1 else one.numbers
        usable = len(gains) == n_leads and all(0 < gain < math.inf for gain in gains)
        clear = not one.word.vague and counts and in_mv
        if usable and clear and stated.gains in ((), gains):
            if not stated.gains:
                stated.gains = gains
                stated.notes.append(f"gain {one.value} counts per mV from {one.where}")
        elif one.numbers and set(one.numbers) != {1.0}:
            stated.unused.append(one.shown)
    if not stated.gains:
        return
    stated.units = stated.units or ("mV",) * n_leads
    for one in _of(statements, Fact.ZERO):
        zeros = one.numbers * n_leads if len(one.numbers) == 1 else one.numbers
        usable = len(zeros) == n_leads and all(map(math.isfinite, zeros))
        if usable and not stated.zeros:
            stated.zeros = zeros
            stated.notes.append(f"zero at {one.value} counts from {one.where}")
        elif zeros != stated.zeros:
            stated.unused.append(one.shown)


def _of(statements: Sequence[Statement], *facts: Fact) -> list[Statement]:
    return [one for one in statements if one.word.fact in facts]


_SEPARATOR = re.compile(r"\s*[,;|/\t]\s*|\s+")


def _each(texts: tuple[str, ...], n_leads: int, known: Callable[[str], bool]) -> tuple[str, ...]:
    """Divide one text, ``I, II, III``, into the names it lists; others do not change."""
    if len(texts) != 1 or known(texts[0]):
        return texts
    parts = tuple(part.strip("'\"") for part in _SEPARATOR.split(texts[0].strip(" []()")))
    return parts if len(parts) == n_leads or all(map(known, parts)) else texts


_OPTION = {"rate": "--rate", "unit": "--units", "lead names": "--lead-names"}


def _agreed(same: bool, said: list[Statement], by_user: bool, what: str, stated: Stated) -> bool:
    """Whether statements may be used: they agree.

    Raises
    ------
    RecordingError
        They do not agree, and the user does not state which is right.
    """
    if same:
        return True
    if by_user:
        stated.unused += [one.shown for one in said]
        return False
    first = said[0]
    other = next((one for one in said if one.value != first.value), said[1])
    raise RecordingError(
        FailureKind.CONTRADICTORY,
        f"{what} of the file contradict each other: {first.shown}, {other.shown}"
        if what == "lead names"
        else f"two statements of {what} contradict each other: {first.shown}, {other.shown}",
        f"state the right one with {_OPTION[what]}",
    )
