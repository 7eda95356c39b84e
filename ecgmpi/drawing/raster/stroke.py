"""The outline of a trace's stroke: where it begins and ends in each column.

A lead is a function of time, so a vertical line cuts its stroke in one interval. The
stroke is the polyline dilated by a disc: its upper edge is the least, over the disc's
width, of the line less the disc's half height there. That is taken on a grid of x that
holds every sample (no spike falls between two columns), carried over to a few
sub-columns of each pixel, and each sub-column's two edges are rounded to a fraction of
a row, so that a pixel's sub-columns add up to 0 to 15.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .stroke_plan import DRAWN, SUBCOLUMNS, Floats, Placement, Plan, Precision, plan_of

Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

# Each sub-column rounds at a different offset, so that a level line is resolved to 1/15 row.
# The offsets are not in order, or a slope of one unit per sub-column would always round the
# same way.
_DITHER = ((np.array([0, 2, 4, 1, 3]) + 0.5) / SUBCOLUMNS)[:, None].astype(np.float32)


def _merged(y: Floats, group: int, upper: bool) -> Floats:
    """Take the highest (least y) or lowest of each `group` samples of each line."""
    extreme = np.fmin if upper else np.fmax
    short = -y.shape[-1] % group
    if short:
        y = np.concatenate([y, np.repeat(y[..., -1:], short, axis=-1)], axis=-1)
    result = y[..., ::group]
    for k in range(1, group):
        result = extreme(result, y[..., k::group])
    return result


def _refined(y: Floats, parts: int) -> Floats:
    """Divide each sample interval into `parts`; the samples themselves stay as they are."""
    if parts == 1:
        return y
    fine = np.empty((*y.shape[:-1], (y.shape[-1] - 1) * parts + 1), np.float32)
    fine[..., ::parts] = y
    begin = y[..., :-1]
    rise = y[..., 1:] - begin
    for k in range(1, parts):
        inner = fine[..., k::parts]
        np.multiply(rise, np.float32(k / parts), out=inner)
        inner += begin
    return fine


def _dilate(y: Floats, plan: Plan, upper: bool, edge: Floats, tips: tuple[Floats, ...]) -> None:
    """Find the upper or lower edge of the stroke at the grid points and beyond both ends."""
    reach = len(plan.drops) - 1
    n = y.shape[-1]
    extreme = np.minimum if upper else np.maximum
    shift = np.subtract if upper else np.add
    edge[..., :reach] = edge[..., reach + n :] = np.inf if upper else -np.inf
    shift(y, plan.drops[0], out=edge[..., reach : reach + n])
    moved = np.empty_like(y)
    for k, drop in enumerate(plan.drops[1:], 1):
        shift(y, drop, out=moved)
        for begin in (reach - k, reach + k):
            spot = edge[..., begin : begin + n]
            extreme(spot, moved, out=spot)
    for begin, tip in zip((0, 2 * reach + 1), tips, strict=False):
        spot = edge[..., begin : begin + n - 1]
        extreme(spot, tip, out=spot)


def _tips(y: Floats, plan: Plan) -> tuple[Floats, ...]:
    """Where the right and left ends of the disc are, which matter where the line is steep.

    Between neighbouring grid points the line is straight, so they can be computed exactly.
    """
    if y.shape[-1] < 2 or plan.tip <= 0:
        return ()
    near, far = y * (1 - plan.tip), y * plan.tip
    return near[..., :-1] + far[..., 1:], near[..., 1:] + far[..., :-1]


def _at_subcolumns(edges: Floats, plan: Plan, gaps: bool) -> Floats:
    # None lies outside; "wrap" alone does not look at each for that first.
    a = edges.take(plan.left, axis=-1, mode="wrap")
    b = edges[..., 1:].take(plan.left, axis=-1, mode="wrap")
    if not gaps:
        b -= a
        b *= plan.weight
        b += a
        return b
    # Next to the end of a run, one of the two has no stroke; the nearer one decides.
    nearer = np.where(plan.weight < 0.5, a, b)
    both = np.isfinite(a) & np.isfinite(b)
    a[~both] = b[~both] = 0
    return np.where(both, a + (b - a) * plan.weight, nearer)


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """The strokes of lines that begin at the same x: their ends in each sub-column.

    Attributes
    ----------
    first
        Column of the picture that the first column of the edges is.
    edges
        int32, shape (2, lines, sub-columns, columns), C-contiguous, in units of 1 / `units` row:
        the upper and the lower ends; equal where there is no stroke.
    top, bottom
        Extent of each line, in the same units.
    units
        To how many parts each sub-column's coverage of a pixel is rounded.
    """

    first: int
    edges: Ints
    top: list[int]
    bottom: list[int]
    units: int

    @property
    def upper(self) -> Ints:
        """Upper ends of each line: int32, shape (lines, sub-columns, columns)."""
        upper: Ints = self.edges[0]
        return upper

    @property
    def lower(self) -> Ints:
        """Lower ends of each line: int32, shape (lines, sub-columns, columns)."""
        lower: Ints = self.edges[1]
        return lower


def outlines(
    samples: Floats,
    places: Sequence[Placement],
    height: int,
    keep: Flags | None = None,
    precision: Precision = DRAWN,
) -> list[Outline]:
    """Find where strokes begin and end in each sub-column.

    Parameters
    ----------
    samples
        float32, shape (lines, samples), mV; NaN is a gap.
    places
        Placement of each line; they differ only in `x0` and `y0`.
    height
        Rows of the picture.
    keep
        Which points, of `separate_runs`, to draw; None for lines without gaps.
    precision
        How exactly.

    Returns
    -------
    list
        An `Outline` for each distinct `x0`.

    Raises
    ------
    ValueError
        A stroke would leave the rows.
    """
    place, n = places[0], samples.shape[1]
    plan = plan_of(n, place.x0, place.px_per_sample, place.radius, precision)
    # In float64: for a lead far from zero, 0 mV is millions of pixels off the picture.
    exact = np.multiply(samples, -place.px_per_mv, dtype=np.float64)
    exact += np.array([[one.y0] for one in places])
    y = exact.astype(np.float32)
    points = (math.ceil(n / plan.group) - 1) * plan.parts + 2 * len(plan.drops) - 1
    edges = np.empty((2, len(places), points), np.float32)
    for side, upper in enumerate((True, False)):
        # If no samples are merged, the line is the same for both edges.
        if upper or plan.group > 1:
            fine = _merged(y, plan.group, upper) if plan.group > 1 else y
            if keep is not None:
                fine = np.where(keep, fine, np.float32(np.nan))
            fine = _refined(fine, plan.parts)
        line = fine
        if keep is not None:
            line = np.where(np.isnan(line), np.float32(np.inf if upper else -np.inf), line)
        if line is not fine or upper or plan.group > 1:
            tips = _tips(line, plan)
        _dilate(line, plan, upper, edges[side], tips)
    together: dict[float, list[int]] = {}
    for number, one in enumerate(places):
        together.setdefault(one.x0, []).append(number)
    return [
        _outline(
            edges if len(lines) == len(places) else edges[:, lines],
            plan_of(n, x0, place.px_per_sample, place.radius, precision),
            height,
            gaps=keep is not None,
            units=precision.units,
        )
        for x0, lines in together.items()
    ]


def _outline(edges: Floats, plan: Plan, height: int, gaps: bool, units: int) -> Outline:
    ends = _at_subcolumns(edges, plan, gaps)
    if gaps:
        ends[:, ~np.isfinite(ends).all(axis=0)] = 0
    # Beyond the ends of a stroke, values repeat those of the ends.
    of_line = ends.reshape(*ends.shape[:2], -1)
    highest, lowest = np.minimum.reduce(of_line[0], axis=1), np.maximum.reduce(of_line[1], axis=1)
    # An edge changes its own row and the next, and rounding may move it down by one unit.
    if not (highest.min() >= 0 and lowest.max() < height - 2):
        rows = f"{highest.min():.1f} and {lowest.max():.1f}"
        raise ValueError(f"a trace between rows {rows} does not fit into {height} rows")
    of_line[..., plan.off] = 0
    ends *= np.float32(units)
    ends += _DITHER
    return Outline(
        first=plan.first,
        edges=ends.astype(np.int32),
        top=[int(y * units) for y in highest],
        bottom=[int(y * units) + 1 for y in lowest],
        units=units,
    )


def separate_runs(
    samples: Floats, place: Placement, precision: Precision = DRAWN
) -> list[Flags | None]:
    """Divide a signal with gaps into sets of runs further apart than their strokes.

    `precision` is that with which `outlines` will draw them.

    Returns
    -------
    list
        Each a bool array of shape (points,), True at the points of its runs. A point is a
        sample or, if there are many per pixel, a group of neighbours. A single None if
        there is no gap; empty if there is no sample.
    """
    # As `min` of an array, without its detour through Python.
    if not math.isnan(np.minimum.reduce(samples)):
        return [None]
    plan = plan_of(len(samples), place.x0, place.px_per_sample, place.radius, precision)
    there = np.isfinite(_merged(samples, plan.group, True))
    change = np.diff(there.astype(np.int8), prepend=0, append=0)
    begin, end = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    if not len(begin):
        return []
    # A few more grid points than the two caps, so that rounding cannot make them meet.
    room = (2 * plan.radius + 4 * plan.step) / (plan.step * plan.parts)
    apart = 1
    while apart < len(begin) and (begin[apart:] - end[:-apart]).min() <= room:
        apart += 1
    if apart == 1:
        return [there]
    run = np.cumsum(change[:-1] == 1) - 1
    return [there & (run % apart == k) for k in range(apart)]
