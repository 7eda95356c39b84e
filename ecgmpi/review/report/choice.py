"""Choose recordings whose pictures a report shows: the first, some at random, the most extreme.

The choice depends on the recordings alone, not on the order in which they were drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .batches import Batch

MOST_PICKS = 24
FIRST = 2
RANDOM = 8
LEAST_RANDOM = 4
"""At random, where those with something to show leave no room for more."""

SEED = 14

AMONG_FIRST, AT_RANDOM = "among the first", "at random"
"""Reasons to show a recording that stands for the others."""

LARGEST, SMALLEST, GAPS, NAMED = "largest", "smallest", "gaps", "named"
"""What a reason is about, which says which picture of a recording shows it: the one with the
largest or smallest sample, with most gaps, or of a lead that the reason names."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a recording is shown, in words, and what about it (one of those above, or empty)."""

    words: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class _Extreme:
    """The recording with the largest of some value: of `column`, or of its negative."""

    column: str
    sign: int
    words: str
    about: str = ""
    least: float = -np.inf
    """What the value must exceed."""


_AMPLITUDES = (
    _Extreme("max_mv", 1, "highest sample, {:.4g} mV", LARGEST),
    _Extreme("min_mv", -1, "lowest sample, {:.4g} mV", SMALLEST),
    _Extreme("nan_samples", 1, "most gaps, {:,.0f} samples", GAPS, least=0),
)
_RANGES = (
    (_Extreme("seconds", 1, "longest, {:.6g} s"), _Extreme("seconds", -1, "shortest, {:.6g} s")),
    (
        _Extreme("rate_hz", -1, "lowest rate, {:.6g} Hz"),
        _Extreme("rate_hz", 1, "highest rate, {:.6g} Hz"),
    ),
)


class Chooser:
    """Look at all recordings that were drawn, some at a time, and keep a few."""

    def __init__(self) -> None:
        self._first: list[int] = []
        self._lots: npt.NDArray[np.uint64] = np.empty(0, np.uint64)
        self._drawn_by_lot: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self._extremes: dict[_Extreme, tuple[float, int]] = {}

    def add(self, batch: Batch, seconds: npt.NDArray[np.float64]) -> None:
        """Look at a batch that comes after those before it in the catalogue.

        Parameters
        ----------
        batch
            The rows.
        seconds
            Length of each recording, s, NaN where it was not drawn.
        """
        index = batch.index[batch.drawn]
        if len(self._first) < FIRST:
            self._first += index[: FIRST - len(self._first)].tolist()
        self._draw_lots(index)
        columns = {name: batch.numbers[name] for name in ("max_mv", "min_mv", "rate_hz")}
        columns |= {"seconds": seconds, "nan_samples": batch.numbers["nan_samples"].astype(float)}
        for extreme in (*_AMPLITUDES, *(one for both in _RANGES for one in both)):
            self._look(extreme, columns[extreme.column], batch)

    def chosen(self, flagged: Iterable[tuple[int, Reason]]) -> dict[int, list[Reason]]:
        """Give the recordings to show and why, by index, at most `MOST_PICKS`.

        The most extreme come first, then the flagged ones, then those that stand for the rest.

        Parameters
        ----------
        flagged
            Others that have something to show, the most important first.
        """
        first = [(index, Reason(AMONG_FIRST)) for index in self._first]
        shown = [*self._most_extreme(), *flagged]
        others = len({index for index, _ in (*first, *shown)})
        n_random = min(RANDOM, max(LEAST_RANDOM, MOST_PICKS - others))
        random = [(index, Reason(AT_RANDOM)) for index in self._drawn_by_lot[:n_random].tolist()]
        kept = list(dict.fromkeys(index for index, _ in (*first, *random, *shown)))[:MOST_PICKS]
        picks: dict[int, list[Reason]] = {}
        for index, reason in (*shown, *first, *random):
            if index in kept:
                picks.setdefault(index, []).append(reason)
        return picks

    def _draw_lots(self, index: npt.NDArray[np.int64]) -> None:
        lots = np.concatenate((self._lots, _lots(index)))
        order = np.argsort(lots)[:RANDOM]
        self._lots = lots[order]
        self._drawn_by_lot = np.concatenate((self._drawn_by_lot, index))[order]

    def _look(self, extreme: _Extreme, column: npt.NDArray[Any], batch: Batch) -> None:
        values = extreme.sign * column
        values = np.where(batch.drawn & np.isfinite(values), values, -np.inf)
        at = int(values.argmax())
        best, _ = self._extremes.get(extreme, (extreme.least, -1))
        if values[at] > best:
            self._extremes[extreme] = float(values[at]), int(batch.index[at])

    def _most_extreme(self) -> Iterable[tuple[int, Reason]]:
        for extreme in _AMPLITUDES:
            if extreme in self._extremes:
                yield self._reason(extreme)
        for one, other in _RANGES:
            if one in self._extremes and self._extremes[one][0] != -self._extremes[other][0]:
                yield self._reason(one)
                yield self._reason(other)

    def _reason(self, extreme: _Extreme) -> tuple[int, Reason]:
        value, index = self._extremes[extreme]
        return index, Reason(extreme.words.format(extreme.sign * value), extreme.about)


def _lots(index: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """A number for each index that looks random: the finaliser of splitmix64."""
    mixed = (index.astype(np.uint64) + np.uint64(SEED)) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))
