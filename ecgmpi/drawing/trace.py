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
from .style import FULL


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
    found = []
    for samples, place in traces:
        for keep in separate_runs(samples, place):
            plan, upper, lower = edges(samples, place, height, keep)
            _check_columns(plan, stride - 1)
            # A dot far smaller than a pixel may round to nothing.
            if (upper < lower).any():
                found.append((plan, upper, lower))
    if not found:
        return
    # Unlike bytes, these do not overflow where thousands of runs meet in one pixel.
    first = min(plan.first for plan, _, _ in found)
    last = max(plan.first + upper.shape[1] for plan, upper, _ in found)
    # Where there is no stroke both edges are in row 0; leave that row out of the extent.
    above = min(int(u[u < v].min()) for _, u, v in found) // UNITS
    below = max(int(v.max()) for _, _, v in found) // UNITS + 2
    wide = last - first
    plane = np.zeros((below - above, wide), np.int32)
    base = above * UNITS
    for plan, upper, lower in found:
        none = upper >= lower
        begin, end = np.where(none, 0, upper - base), np.where(none, 0, lower - base)
        _scatter(plane.reshape(-1), wide, plan, begin, end, -first)
    np.cumsum(plane, axis=0, out=plane)
    np.minimum(plane, FULL, out=plane)
    plane[1:] -= plane[:-1].copy()
    rows[above:below, first + 1 : last + 1] += plane.astype(np.uint8)
