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
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .palette import FULL

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Places = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

SUBCOLUMNS = 5
UNITS = FULL // SUBCOLUMNS
"""Each sub-column's coverage of a pixel is rounded to this many parts."""
# Each sub-column rounds at a different offset, so that a level line is resolved to 1/15 row.
# The offsets are not in order, or a slope of one unit per sub-column would always round the
# same way.
_DITHER = (np.array([0, 2, 4, 1, 3]) + 0.5) / SUBCOLUMNS
LEAST_RADIUS = 0.2
"""A stroke thinner than 0.4 px is drawn this wide: a lone sample is then 1/3 px tall, one
unit of coverage, in the sub-column nearest to it, wherever it lies."""
_FINEST = 0.28
"""Greatest distance between grid points, px: a third of it is no more accurate."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a trace goes, in the coordinates of `ecgmpi.geometry`.

    Attributes
    ----------
    x0
        Of the first sample, px.
    y0
        Of 0 mV, px.
    px_per_sample
        Distance between samples, px.
    px_per_mv
        Pixels per millivolt.
    radius
        Half the width of the stroke, px.
    """

    x0: float
    y0: float
    px_per_sample: float
    px_per_mv: float
    radius: float


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What depends only on the number of samples and the placement in x."""

    group: int  # samples merged into one grid point
    parts: int  # grid points a sample interval
    step: float  # px between grid points
    radius: float
    drops: tuple[np.float32, ...]  # half height of the disc at 0, 1, 2 ... steps from its centre
    tip: np.float32  # where the disc ends, in steps beyond the last of them
    first: int  # column of the picture
    left: npt.NDArray[
        np.intp
    ]  # (sub-columns, columns): grid point to the left, in the widened grid
    weight: Floats  # of the one to its right
    off: Places  # sub-columns, of the flattened, beyond both ends of the stroke


@lru_cache(maxsize=16)
def _plan(n: int, x0: float, px_per_sample: float, radius: float) -> Plan:
    radius = max(radius, LEAST_RADIUS)
    finest = min(_FINEST, radius / 2)
    group = math.floor(max(1, min(n, finest / 2 / px_per_sample)))
    parts = math.ceil(px_per_sample / finest) if group == 1 else 1
    step = px_per_sample * group / parts
    points = (math.ceil(n / group) - 1) * parts + 1
    # A merged point stands in the middle of its samples.
    start = x0 + (group - 1) / 2 * px_per_sample
    end = start + (points - 1) * step

    # The slack keeps the tip away from 1 in float32, where a gap's infinity meets 1 - tip.
    reach = math.floor(radius / step + 1e-4)
    away = np.arange(reach + 1) * step
    drops = np.sqrt(np.maximum(0.0, radius * radius - away * away)).astype(np.float32)

    first = math.floor(start - radius)
    columns = math.floor(end + radius) + 1 - first
    x = first + np.arange(columns)[None, :] + (np.arange(SUBCOLUMNS)[:, None] + 0.5) / SUBCOLUMNS
    place = np.clip((x - start) / step + reach, 0, points - 1 + 2 * reach)
    left = np.minimum(place.astype(np.intp), points - 2 + 2 * reach)
    return Plan(
        group=group,
        parts=parts,
        step=step,
        radius=radius,
        drops=tuple(drops),
        tip=np.float32(max(0.0, radius / step - reach)),
        first=first,
        left=left,
        weight=(place - left).astype(np.float32),
        off=np.flatnonzero((x < start - radius) | (x > end + radius)),
    )


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


def _dilated(y: Floats, plan: Plan, upper: bool) -> Floats:
    """Give the upper or lower edge of the stroke at the grid points and beyond both ends."""
    reach = len(plan.drops) - 1
    n = y.shape[-1]
    extreme = np.minimum if upper else np.maximum
    beyond = np.float32(np.inf if upper else -np.inf)
    edge = np.full((*y.shape[:-1], n + 2 * reach), beyond, np.float32)
    moved = np.empty_like(y)
    for k, drop in enumerate(plan.drops):
        if upper:
            np.subtract(y, drop, out=moved)
        else:
            np.add(y, drop, out=moved)
        for begin in {reach - k, reach + k}:
            spot = edge[..., begin : begin + n]
            extreme(spot, moved, out=spot)
    # The left and right ends of the disc, which matter where the line is steep. Between
    # neighbouring grid points the line is straight, so they can be computed exactly.
    if n > 1 and plan.tip > 0:
        here, there = y[..., :-1], y[..., 1:]
        ahead = here * (1 - plan.tip) + there * plan.tip
        behind = there * (1 - plan.tip) + here * plan.tip
        for begin, tips in ((0, ahead), (2 * reach + 1, behind)):
            spot = edge[..., begin : begin + n - 1]
            extreme(spot, tips, out=spot)
    return edge


def _at_subcolumns(edge: Floats, plan: Plan, gaps: bool) -> Floats:
    a, b = edge.take(plan.left, axis=-1), edge[..., 1:].take(plan.left, axis=-1)
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
    upper, lower
        int32, shape (lines, sub-columns, columns), C-contiguous, in units of 1 / UNITS row;
        equal where there is no stroke.
    top, bottom
        Extent of each line, in the same units.
    """

    first: int
    upper: Ints
    lower: Ints
    top: list[int]
    bottom: list[int]


def outlines(
    samples: Floats, places: Sequence[Placement], height: int, keep: Flags | None = None
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
    plan = _plan(n, place.x0, place.px_per_sample, place.radius)
    # In float64: for a lead far from zero, 0 mV is millions of pixels off the picture.
    exact = np.multiply(samples, -place.px_per_mv, dtype=np.float64)
    exact += np.array([[one.y0] for one in places])
    y = exact.astype(np.float32)
    edges = []
    for upper in (True, False):
        # If no samples are merged, the line is the same for both edges.
        if upper or plan.group > 1:
            fine = _merged(y, plan.group, upper) if plan.group > 1 else y
            if keep is not None:
                fine = np.where(keep, fine, np.float32(np.nan))
            fine = _refined(fine, plan.parts)
        line = fine
        if keep is not None:
            line = np.where(np.isnan(line), np.float32(np.inf if upper else -np.inf), line)
        edges.append(_dilated(line, plan, upper))
    together: dict[float, list[int]] = {}
    for number, one in enumerate(places):
        together.setdefault(one.x0, []).append(number)
    return [
        _outline(
            [edge if len(lines) == len(places) else edge[lines] for edge in edges],
            _plan(n, x0, place.px_per_sample, place.radius),
            height,
            gaps=keep is not None,
        )
        for x0, lines in together.items()
    ]


def _outline(edges: list[Floats], plan: Plan, height: int, gaps: bool) -> Outline:
    top, bottom = (_at_subcolumns(edge, plan, gaps) for edge in edges)
    if gaps:
        none = ~(np.isfinite(top) & np.isfinite(bottom))
        top[none] = bottom[none] = 0
    # Beyond the ends of a stroke, values repeat those of the ends.
    highest, lowest = top.min(axis=(1, 2)), bottom.max(axis=(1, 2))
    # An edge changes its own row and the next, and rounding may move it down by one unit.
    if not (highest.min() >= 0 and lowest.max() < height - 2):
        rows = f"{highest.min():.1f} and {lowest.max():.1f}"
        raise ValueError(f"a trace between rows {rows} does not fit into {height} rows")
    top.reshape(len(top), -1)[:, plan.off] = 0
    bottom.reshape(len(bottom), -1)[:, plan.off] = 0
    units, dither = np.float32(UNITS), _DITHER[:, None].astype(np.float32)
    return Outline(
        first=plan.first,
        upper=(top * units + dither).astype(np.int32),
        lower=(bottom * units + dither).astype(np.int32),
        top=[int(y * UNITS) for y in highest],
        bottom=[int(y * UNITS) + 1 for y in lowest],
    )


def separate_runs(samples: Floats, place: Placement) -> list[Flags | None]:
    """Divide a signal with gaps into sets of runs further apart than their strokes.

    Returns
    -------
    list
        Each a bool array of shape (points,), True at the points of its runs. A point is a
        sample or, if there are many per pixel, a group of neighbours. A single None if
        there is no gap; empty if there is no sample.
    """
    if not np.isnan(samples.min()):
        return [None]
    plan = _plan(len(samples), place.x0, place.px_per_sample, place.radius)
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
