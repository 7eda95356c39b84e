"""The trace: an antialiased polyline with round joins and caps, added to a picture.

What is kept of a picture is not the indices but their differences from the row above
(what PNG calls the Up filter, modulo 256). There each edge of the stroke is two
additions a sub-column, whatever its height: the interior costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from .stroke import UNITS, Floats, Ints, Placement, Plan, edges, separate_runs


def _scatter(
    flat: npt.NDArray[np.generic], stride: int, plan: Plan, upper: Ints, lower: Ints, shift: int
) -> None:
    """Add the differences that both edges of each sub-column make to the rows."""
    columns = np.arange(plan.first + shift, plan.first + shift + upper.shape[1])
    for edge, ufunc in ((upper, np.add), (lower, np.subtract)):
        row = edge // UNITS
        part = (edge - row * UNITS).astype(flat.dtype)
        row *= stride
        row += columns
        where = row.reshape(-1)
        amount = part.reshape(-1)
        ufunc.at(flat, where, UNITS - amount)
        where += stride
        ufunc.at(flat, where, amount)


def _check_columns(plan: Plan, width: int) -> None:
    last = plan.first + plan.left.shape[1]
    if plan.first < 0 or last > width:
        raise ValueError(
            f"a trace in columns {plan.first} to {last} does not fit into {width} columns"
        )


def add_trace(rows: npt.NDArray[np.uint8], samples: Floats, place: Placement) -> None:
    """Draw one lead into Up-filtered rows that no other trace touches.

    Parameters
    ----------
    rows
        uint8, shape (height, 1 + width), C-contiguous; changed in place. The trace may
        cross anything of level 0.
    samples
        float32, shape (n_samples,), mV; NaN is a gap. One narrower than 1/12 px is not seen.
    place
        Where it goes.

    Raises
    ------
    ValueError
        The stroke would leave the rows. Nothing is drawn then.
    """
    sets = separate_runs(samples, place)
    if len(sets) > 1:
        add_traces(rows, [(samples, place)])
    elif sets:
        height, stride = rows.shape
        plan, upper, lower = edges(samples, place, height, sets[0])
        _check_columns(plan, stride - 1)
        _scatter(rows.reshape(-1), stride, plan, upper, lower, 1)


def add_traces(rows: npt.NDArray[np.uint8], traces: Iterable[tuple[Floats, Placement]]) -> None:
    """Draw leads that may meet: where they do, a pixel is covered at most once.

    Parameters
    ----------
    rows
        As for `add_trace`.
    traces
        The samples of each lead and where it goes.

    Raises
    ------
    ValueError
        A stroke would leave the rows. Nothing is drawn then.
    """
    height, stride = rows.shape
    strokes: list[_Stroke] = []
    for samples, place in traces:
        for keep in separate_runs(samples, place):
            plan, upper, lower = edges(samples, place, height, keep)
            _check_columns(plan, stride - 1)
            stroke = _Stroke(plan, upper, lower)
            for other in strokes:
                stroke.take_over(other)
            strokes.append(stroke)
    for stroke in strokes:
        _scatter(rows.reshape(-1), stride, stroke.plan, stroke.upper, stroke.lower, 1)


class _Stroke:
    """The edges of one stroke, less what another one has taken over.

    All strokes have the same sub-columns, and each is one interval in each of them. So two
    that meet in a sub-column are one interval there, and no pixel is covered twice.
    """

    _NOWHERE = 1 << 62

    def __init__(self, plan: Plan, upper: Ints, lower: Ints) -> None:
        self.plan, self.upper, self.lower = plan, upper, lower
        self.first, self.last = plan.first, plan.first + upper.shape[1]
        inked = upper < lower
        if not inked.all():
            upper[~inked] = lower[~inked] = 0
        self.top = int(upper.min(where=inked, initial=self._NOWHERE))
        self.bottom = int(lower.max())

    def take_over(self, other: _Stroke) -> None:
        """Take from another stroke each sub-column in which the two meet."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        if first >= last or self.top >= other.bottom or other.top >= self.bottom:
            return
        here = np.s_[:, first - self.first : last - self.first]
        there = np.s_[:, first - other.first : last - other.first]
        upper, lower = self.upper[here], self.lower[here]
        others_upper, others_lower = other.upper[there], other.lower[there]
        meet = (upper < others_lower) & (others_upper < lower)
        if meet.any():
            np.minimum(upper, others_upper, out=upper, where=meet)
            np.maximum(lower, others_lower, out=lower, where=meet)
            others_upper[meet] = others_lower[meet] = 0
            self.top, self.bottom = min(self.top, other.top), max(self.bottom, other.bottom)
