"""What was assumed of recordings, in words: for one recording and, counted, for many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .record import Assumption

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
    lines = []
    order = list(Assumption)
    for fact, count in sorted(
        assumed.items(), key=lambda entry: (order.index(_kind(entry[0])), -entry[1], entry[0])
    ):
        kind = _kind(fact)
        what = _ORDER if kind is Assumption.LEADS else fact.removeprefix(f"{kind} ")
        recordings = "recording" if n_recordings == 1 else "recordings"
        lines.append(
            f"Assumed {what} for {count:,} of {n_recordings:,} {recordings}; "
            f"set {_OPTIONS[kind]} if that is wrong."
        )
    return lines


def _kind(fact: str) -> Assumption:
    return Assumption(fact.partition(" ")[0])
