"""How often each value occurs, and how many fall into each of some fixed bins."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

_MOST_VALUES = 4096
"""Different values that are told apart: more than a report shows, and they fit into memory."""

Value = TypeVar("Value", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Counted:
    """A value and how many recordings have it."""

    value: str | float
    count: int


@dataclass(frozen=True, slots=True)
class Frequent:
    """The most frequent values, that which occurs most first, and how many have `others`."""

    values: tuple[Counted, ...]
    others: int


class ValueCounts(Generic[Value]):
    """How often each value occurs; of very many values, of those that came first."""

    def __init__(self) -> None:
        self._counts: dict[Value, int] = {}
        self._others = 0

    def add(self, values: Iterable[Value] | Mapping[Value, int]) -> None:
        """Count each of `values`, or add counts."""
        for value, count in Counter(values).items():
            if value in self._counts:
                self._counts[value] += count
            elif len(self._counts) < _MOST_VALUES:
                self._counts[value] = count
            else:
                self._others += count

    def most(self, n: int) -> Frequent:
        """The `n` most frequent; of equally frequent ones, the smallest."""
        ordered = sorted(self._counts.items(), key=lambda entry: (-entry[1], entry[0]))
        values = tuple(Counted(_spelled(value), count) for value, count in ordered[:n])
        return Frequent(values, self._others + sum(count for _, count in ordered[n:]))


def _spelled(value: Any) -> str | float:
    return value.decode() if isinstance(value, bytes) else value


@dataclass(frozen=True, slots=True)
class Distribution:
    """How many values lie in each of some bins, which are the same for every OUT.

    Attributes
    ----------
    unit
        Of the values.
    edges
        Where bins meet, ascending; each belongs to the bin that begins there.
    counts
        How many lie below the first edge, between it and the second, ..., and from the last on:
        one more than `edges`.
    least, most
        The smallest and the largest value; None where there is none.
    """

    unit: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    least: float | None
    most: float | None


class Histogram:
    """A distribution that grows by many values at a time."""

    def __init__(self, unit: str, edges: tuple[float, ...]) -> None:
        self._unit = unit
        self._edges = edges
        self._counts = np.zeros(len(edges) + 1, np.int64)
        self._least, self._most = math.inf, -math.inf

    def add(self, values: npt.NDArray[Any]) -> None:
        """Add the finite ones of `values`, float, shape (n,)."""
        values = values[np.isfinite(values)]
        if values.size:
            bins = np.searchsorted(self._edges, values, side="right")
            self._counts += np.bincount(bins, minlength=len(self._counts))
            self._least = min(self._least, float(values.min()))
            self._most = max(self._most, float(values.max()))

    @property
    def distribution(self) -> Distribution:
        """What has been added so far."""
        counts = tuple(int(count) for count in self._counts)
        some = any(counts)
        return Distribution(
            self._unit,
            self._edges,
            counts,
            rounded(self._least) if some else None,
            rounded(self._most) if some else None,
        )


def edges(first: int, last: int, steps: tuple[float, ...]) -> tuple[float, ...]:
    """Edges from 10^`first` to 10^`last`, with `steps` from 1 up in each decade."""
    inner = (float(f"{step}e{decade}") for decade in range(first, last) for step in steps)
    return (*inner, float(f"1e{last}"))


TENTHS = (1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8)
FIFTHS = (1, 1.6, 2.5, 4, 6.3)
"""Steps by the tenth and the fifth root of ten, in round numbers."""


def rounded(value: float) -> float:
    """`value` with the digits that matter to a reader."""
    return float(f"{value:.6g}")
