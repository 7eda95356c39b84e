"""What was assumed of recordings, in words: for one recording and, counted, for many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .record import Assumption

MOST_VALUES = 3
"""Values of one kind that `assumed_lines` names."""

_ORDER = "the usual lead order"

_OPTIONS = {
    Assumption.RATE: "--rate",
    Assumption.UNIT: "--units or --adc-gain",
    Assumption.LEADS: "--lead-names",
}


def assumptions(assumed: Iterable[str], rate: float) -> list[str]:
    """Name what was assumed of a recording, with the value taken.

    Parameters
    ----------
    assumed
        Values of `Assumption`, as in `Record.assumed`.
    rate
        The rate taken, samples per second, Hz.

    Examples
    --------
    >>> assumptions(["rate", "unit", "leads"], 500.0)
    ['rate 500 Hz', 'unit mV', 'leads in the usual order']
    """
    values = {
        Assumption.RATE: f"{rate:g} Hz",
        Assumption.UNIT: "mV",
        Assumption.LEADS: "in the usual order",
    }
    return [f"{fact} {values[Assumption(fact)]}" for fact in assumed]


def assumed_lines(assumed: Mapping[str, int], n_recordings: int) -> list[str]:
    """Describe in sentences what was assumed of many recordings, and which option states it.

    The most frequent values are named, and the others of their kind counted together.

    Parameters
    ----------
    assumed
        Each text of `assumptions` -> number of recordings.
    n_recordings
        How many recordings there are.

    Examples
    --------
    >>> assumed_lines({"rate 500 Hz": 40}, 40)
    ['Assumed 500 Hz for 40 of 40 recordings; set --rate if that is wrong.']
    """
    recordings = f"{n_recordings:,} recording{'' if n_recordings == 1 else 's'}"
    lines = []
    for kind in Assumption:
        found = [(fact, n) for fact, n in assumed.items() if _kind(fact) is kind]
        found.sort(key=lambda entry: (-entry[1], entry[0]))
        for fact, n in found[:MOST_VALUES]:
            what = _ORDER if kind is Assumption.LEADS else fact.removeprefix(f"{kind} ")
            lines.append(_line(what, n, recordings, kind))
        if others := found[MOST_VALUES:]:
            what = f"{len(others):,} other value{'' if len(others) == 1 else 's'} of the {kind}"
            lines.append(_line(what, sum(n for _, n in others), recordings, kind))
    return lines


def _line(what: str, n: int, recordings: str, kind: Assumption) -> str:
    return f"Assumed {what} for {n:,} of {recordings}; set {_OPTIONS[kind]} if that is wrong."


def option_for(fact: str) -> str:
    """Name the option that states what was assumed, of a text of `assumptions`.

    Examples
    --------
    >>> option_for("rate 500 Hz")
    '--rate'
    """
    return _OPTIONS[_kind(fact)]


def _kind(fact: str) -> Assumption:
    return Assumption(fact.partition(" ")[0])
