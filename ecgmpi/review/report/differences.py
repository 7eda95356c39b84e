"""Which of several values differ from the others in a way that matters."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Collection, Sequence
from enum import StrEnum

A_QUARTER = 1.25
"""Shares, rates and sizes differ where one is at least so many times the other."""

POINTS = 0.1
"""Shares of time differ by at least so much: 10 percentage points."""


class Mark(StrEnum):
    """How a value differs from most of the others."""

    NONE = ""
    MORE = "more"
    LESS = "less"
    OTHER = "other"


UNKNOWN = "not known"

BOTH = (Mark.MORE, Mark.LESS)

Apart = Callable[[float, float], bool]
"""Whether two values differ in a way that matters."""


def by_a_quarter(one: float, other: float) -> bool:
    """Whether one is `A_QUARTER` times the other, or only one is nothing at all."""
    low, high = sorted((one, other))
    return low < high and high >= A_QUARTER * low


def by_points(one: float, other: float) -> bool:
    """Whether two shares differ by `POINTS`."""
    return abs(one - other) >= POINTS


def at_all(one: float, other: float) -> bool:
    """Whether they differ."""
    return one != other


def marks(
    values: Sequence[float | None], apart: Apart, kinds: Collection[Mark] = BOTH
) -> list[Mark]:
    """Mark each value that is apart from more than half of the others.

    Parameters
    ----------
    values
        One an OUT; None where it is not known: that is neither marked nor compared.
    apart
        What counts as a difference.
    kinds
        The marks to give: where more is worse, only `Mark.MORE`.

    Examples
    --------
    >>> marks([0.1, 0.1, 0.4], by_a_quarter)
    [<Mark.NONE: ''>, <Mark.NONE: ''>, <Mark.MORE: 'more'>]
    """
    found = []
    for place, value in enumerate(values):
        others = [one for k, one in enumerate(values) if k != place and one is not None]
        mark = Mark.NONE
        if value is not None:
            away = [other for other in others if apart(value, other)]
            if 2 * len(away) > len(others):
                mark = Mark.MORE if value > statistics.median(away) else Mark.LESS
        found.append(mark if mark in kinds else Mark.NONE)
    return found


def differing(given: Sequence[dict[str, str]]) -> dict[str, list[str]]:
    """List what differs between several mappings: name -> the value of each.

    Parameters
    ----------
    given
        One an OUT. What one does not name is not known of it, and not compared.
    """
    names = dict.fromkeys(name for one in given for name in one)
    found = {}
    for name in names:
        values = [one.get(name, UNKNOWN) for one in given]
        if len({*values} - {UNKNOWN}) > 1:
            found[name] = values
    return found
