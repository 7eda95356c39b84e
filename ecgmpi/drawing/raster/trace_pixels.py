"""The trace: an antialiased polyline with round joins and caps, added to a picture.

A picture is kept not as indices but as their differences from the row above (what PNG
calls the Up filter, modulo 256). In these, each edge of the stroke takes two additions per
sub-column, whatever its height: the interior costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .stroke import Flags, Ints, Outline, outlines, separate_runs
from .stroke_plan import DRAWN, Floats, Placement, Precision

_FILTER_BYTE = -1
"""The column that each row of a picture begins with."""


def _scatter(
    rows: npt.NDArray[np.uint8], outline: Outline, top: int = 0, left: int = _FILTER_BYTE
) -> None:
    """Add the differences that both edges of each sub-column make to the rows.

    `top` and `left` are the row and the column of the picture that come first in `rows`.
    """
    stride, units = rows.shape[1], outline.units
    flat = rows.reshape(-1)
    first = outline.first - left
    columns = np.arange(first, first + outline.edges.shape[-1], dtype=np.int32)
    row = outline.edges // np.int32(units)
    below = (outline.edges - row * np.int32(units)).astype(np.uint8).reshape(2, -1)
    here = np.uint8(units) - below
    # A stroke begins at its upper edge and ends at the lower one, modulo 256.
    for lower in (here[1], below[1]):
        np.negative(lower, out=lower)
    if top:
        # Where there is no stroke, both edges are in row 0, and what they add cancels out.
        np.maximum(row, np.int32(top), out=row)
        row -= np.int32(top)
    # Of at most 100 megapixels: it fits.
    row *= np.int32(stride)
    row += columns
    where = row.reshape(-1).astype(np.intp)
    np.add.at(flat, where, here.reshape(-1))
    np.add.at(flat[stride:], where, below.reshape(-1))


def _check_columns(outline: Outline, width: int) -> None:
    last = outline.first + outline.edges.shape[-1]
    if outline.first < 0 or last > width:
        raise ValueError(
            f"a trace in columns {outline.first} to {last} does not fit into {width} columns"
        )


def add_trace(rows: npt.NDArray[np.uint8], samples: Floats, place: Placement) -> None:
    """Draw one lead into Up-filtered rows that no other trace touches.

    Parameters
    ----------
    rows
        uint8, shape (height, 1 + width), C-contiguous; changed in place. The trace may
        cross anything of level 0.
    samples
        float32, shape (n_samples,), mV; NaN is a gap. Gaps under 1/12 px are invisible.
    place
        Its placement.

    Raises
    ------
    ValueError
        The stroke would leave the rows. Nothing is drawn then.
    """
    add_traces(rows, [(samples, place)])


def add_traces(rows: npt.NDArray[np.uint8], traces: Iterable[tuple[Floats, Placement]]) -> None:
    """Draw leads that may meet: where they do, a pixel is covered at most once.

    Parameters
    ----------
    rows
        uint8, shape (height, 1 + width), as for `add_trace`; changed in place.
    traces
        The samples of each lead, float32, shape (n_samples,), mV, and where it goes.

    Raises
    ------
    ValueError
        A stroke would leave the rows. Nothing is drawn then.
    """
    height, stride = rows.shape
    for outline in _outlines(traces, height, stride - 1):
        _scatter(rows, outline)


def trace_levels(
    samples: Floats, place: Placement, height: int, width: int, precision: Precision = DRAWN
) -> tuple[int, int, npt.NDArray[np.uint8]]:
    """Give how much of each pixel a lead covers, of the part of a picture that it lies in.

    Parameters
    ----------
    samples
        float32, shape (n_samples,), mV; NaN is a gap.
    place
        Its placement.
    height, width
        Of the picture, px.
    precision
        How exactly: as the picture is drawn, or `FINE`.

    Returns
    -------
    tuple
        The first row and the first column of that part, and its levels: uint8, shape (rows,
        columns), 0 to 15, of `FINE` 0 to 255. It is empty if there is no sample.

    Raises
    ------
    ValueError
        The stroke would leave the picture.
    """
    drawn, units = _outlines([(samples, place)], height, width, precision), precision.units
    if not drawn:
        return 0, 0, np.zeros((0, 0), np.uint8)
    # Rounding may move an edge down by one unit, and an edge changes its own row and the next.
    top = min(min(outline.top) for outline in drawn) // units
    bottom = (max(max(outline.bottom) for outline in drawn) + 1) // units + 2
    left = min(outline.first for outline in drawn)
    right = max(outline.first + outline.edges.shape[-1] for outline in drawn)
    levels = np.zeros((bottom - top, right - left), np.uint8)
    for outline in drawn:
        _scatter(levels, outline, top, left)
    for above, row in pairwise(levels):
        np.add(row, above, out=row)
    return top, left, levels


def _outlines(
    traces: Iterable[tuple[Floats, Placement]],
    height: int,
    width: int,
    precision: Precision = DRAWN,
) -> list[Outline]:
    """Find the outlines of leads that may meet, without the parts that others have taken over."""
    drawn: list[Outline] = []
    for lines, places, keep in _alike(traces, precision):
        drawn += outlines(lines, places, height, keep, precision)
    for outline in drawn:
        _check_columns(outline, width)
    strokes: list[_Stroke] = []
    for outline in drawn:
        for edges in zip(outline.upper, outline.lower, outline.top, outline.bottom, strict=True):
            stroke = _Stroke(outline.first, *edges)
            for other in strokes:
                # Most are rows apart.
                if other.bottom > stroke.top and stroke.bottom > other.top:
                    stroke.take_over(other)
            strokes.append(stroke)
    return drawn


def _alike(
    traces: Iterable[tuple[Floats, Placement]], precision: Precision
) -> Iterator[tuple[Floats, list[Placement], Flags | None]]:
    """Group lines that differ only in where they begin, to be drawn at once."""
    whole: dict[tuple[float, ...], list[tuple[Floats, Placement]]] = {}
    for samples, place in traces:
        for keep in separate_runs(samples, place, precision):
            if keep is None:
                kind = (len(samples), place.px_per_sample, place.px_per_mv, place.radius)
                whole.setdefault(kind, []).append((samples, place))
            else:
                yield samples[None], [place], keep
    for members in whole.values():
        lines, places = zip(*members, strict=True)
        yield np.array(lines), list(places), None


class _Stroke:
    """The edges of one stroke, without the parts that another one has taken over.

    All strokes have the same sub-columns, and each is one interval in each of them. So two
    that meet in a sub-column become one interval there, and no pixel is covered twice.
    """

    def __init__(self, first: int, upper: Ints, lower: Ints, top: int, bottom: int) -> None:
        self.first, self.last = first, first + upper.shape[1]
        self.upper, self.lower = upper, lower
        self.top, self.bottom = top, bottom

    def take_over(self, other: _Stroke) -> None:
        """Take from another stroke each sub-column in which the two meet."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        if first >= last:
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
