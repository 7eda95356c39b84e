"""Figures of distributions: bins of one series as counts, or of several as shares."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .axes import Plot, Ticks, decades, short, ticks
from .svg import LEAST_BAR, NARROW, Floats, Frame, Key, element, steps, text, width_of, with_unit

LOG_FROM = 1000
"""The count axis is logarithmic if the largest bin has so many times the smallest's."""

MOST_SERIES = 8
"""Distributions in one figure."""

Counts = npt.NDArray[np.int64]


def histogram(edges: Floats, counts: Counts, label: str, unit: str, about: str) -> str:
    """Draw one distribution, as counts.

    Parameters
    ----------
    edges
        float64, shape (n_bins + 1,), rising; the first and the last may be infinite: such a
        bin is open. All bins are drawn equally wide.
    counts
        Integers, shape (n_bins,). The axis is logarithmic where they differ much.
    label, unit
        Of the values.
    about
        The finding, in a sentence, for whoever does not see the figure.

    Raises
    ------
    ValueError
        Shapes differ, or there are no bins.
    """
    _check(edges, [counts])
    highest = int(counts.max())
    some = counts[counts > 0]
    log = bool(some.size) and highest >= LOG_FROM * int(some.min())
    axis = decades(highest) if log else ticks(max(highest, 1), 4, whole=True)
    plot = _room(axis, edges)
    frame = Frame(NARROW, plot.bottom + 38)
    if log:
        # Half a count is the floor, so that a bin of one is seen.
        span = math.log10(axis.at[-1]) + math.log10(2)
        heights = plot.height * np.log10(2 * np.maximum(counts, 0.5)) / span
        ys = [plot.bottom - plot.height * math.log10(2 * at) / span for at in axis.at]
        lines = [plot.lines(ys=ys), *plot.labels_left(ys, axis.labels)]
    else:
        heights = counts * (plot.height / axis.at[-1])
        lines = plot.value_axis(axis)
    heights = np.where(counts > 0, np.maximum(heights, LEAST_BAR), 0.0)
    width = plot.width / counts.size
    path = steps(plot.left, width, plot.bottom - heights, base=plot.bottom)
    body = [
        plot.paper(),
        *lines,
        *_bins(plot, edges),
        element("path", d=path, class_="area solid"),
        text(4, 13, "recordings, logarithmic" if log else "recordings", class_="muted"),
        _caption(plot, label, unit),
    ]
    told = f"{with_unit(label, unit)}: {_mass(edges, counts)}"
    return frame.finished(about, told, body, [])


def histograms(
    edges: Floats,
    series: Sequence[tuple[str, Counts]],
    label: str,
    unit: str,
    about: str,
) -> str:
    """Draw several distributions over each other, as shares of their sums.

    Parameters
    ----------
    edges, label, unit, about
        As of `histogram`.
    series
        Name and counts of each, at most `MOST_SERIES`.

    Raises
    ------
    ValueError
        Shapes differ, or there are no bins, no series or too many.
    """
    if not 0 < len(series) <= MOST_SERIES:
        raise ValueError(f"{len(series)} series, not 1 to {MOST_SERIES}")
    _check(edges, [counts for _, counts in series])
    shares = [100 * counts / max(int(counts.sum()), 1) for _, counts in series]
    axis = ticks(max(float(max(share.max() for share in shares)), 1.0), 4)
    plot = _room(axis, edges)
    frame = Frame(NARROW, plot.bottom + 38)
    scale, width = plot.height / axis.at[-1], plot.width / (edges.size - 1)
    body = [plot.paper(), *plot.value_axis(axis), *_bins(plot, edges)]
    for number, share in enumerate(shares):
        line = steps(plot.left, width, plot.bottom - scale * share)
        body.append(element("path", d=line, class_=f"line line-{number}"))
    body += [text(4, 13, "share, %", class_="muted"), _caption(plot, label, unit)]
    keys = [Key(name, line=f"line line-{number}") for number, (name, _) in enumerate(series)]
    told = "; ".join(f"{name}: {_mass(edges, counts)}" for name, counts in series)
    return frame.finished(about, f"{with_unit(label, unit)}. {told}", body, keys)


def _check(edges: Floats, counts: Sequence[Counts]) -> None:
    shapes = {(edges.size - 1,), *(series.shape for series in counts)}
    if len(shapes) != 1 or edges.size < 2:
        raise ValueError(f"{edges.size} edges for bins of shapes {sorted(shapes)}")


def _room(axis: Ticks, edges: Floats) -> Plot:
    """Where a distribution is drawn: right of the labels of its axis, with room for the others."""
    half = width_of(f"< {short(edge)}" for edge in edges.tolist() if math.isfinite(edge)) / 2
    left = max(width_of(axis.labels) + 12, half)
    return Plot(left, 22.0, NARROW - left - max(half, 14.0), 120.0)


def _caption(plot: Plot, label: str, unit: str) -> str:
    said = with_unit(label, unit)
    middle = plot.left + plot.width / 2
    return text(middle, plot.bottom + 31, said, text_anchor="middle", class_="muted")


def _bins(plot: Plot, edges: Floats) -> list[str]:
    """Lines and labels of the edges, as many as fit; open ends say so."""
    n_bins = edges.size - 1
    width = plot.width / n_bins
    low, high = math.isinf(edges[0]), math.isinf(edges[-1])
    labels = [short(float(edge)) for edge in edges]
    fits = width_of(labels) + 8
    every = next((n for n in (1, 2, 4, 5, 10, 20, 25, 50) if n * width >= fits), n_bins)
    # An open bin has its label in its middle, and the edge beside it none.
    first, end = int(low), n_bins - int(high)
    shown = [
        n
        for n in range(first, end + 1, every)
        if not (low and (n - 0.5) * width < fits)
        and not (high and (n_bins - 0.5 - n) * width < fits)
    ]
    named = [(plot.left + width * n, labels[n]) for n in shown]
    if low and n_bins > 1:
        named.append((plot.left + width / 2, f"< {labels[1]}"))
    if high and n_bins > 1:
        named.append((plot.right - width / 2, f"≥ {labels[-2]}"))
    return [
        plot.lines(xs=[plot.left + width * n for n in range(n_bins + 1)], bold=False),
        plot.lines(xs=[plot.left + width * n for n in shown]),
        *(text(x, plot.bottom + 15, said, text_anchor="middle") for x, said in named),
    ]


def _mass(edges: Floats, counts: Counts) -> str:
    """How many there are, and where most of them lie, in words."""
    total = int(counts.sum())
    if not total:
        return "none"
    some = np.flatnonzero(counts)
    top = int(counts.argmax())
    span = _between(edges, int(some[0]), int(some[-1]) + 1)
    most = f"{counts[top] / total:.0%} {_between(edges, top, top + 1)}"
    return f"{total:,}, {span}; {most}"


def _between(edges: Floats, first: int, end: int) -> str:
    low, high = float(edges[first]), float(edges[end])
    if math.isinf(low):
        return "of any value" if math.isinf(high) else f"below {short(high)}"
    return f"from {short(low)} on" if math.isinf(high) else f"from {short(low)} to {short(high)}"
