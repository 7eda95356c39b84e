"""The truth that a trace is measured against: Agg's own stroke, eight times as large."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends import backend_agg
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform

from ecgmpi.drawing.raster.stroke_plan import Placement

Floats = npt.NDArray[np.float64]

TIMES = 8
WIDE, TALL = 256, 512  # pixels of a tile: Agg keeps a bounded number of cells


def stroked(
    lines: Iterable[tuple[npt.ArrayLike, npt.ArrayLike]], width: float, wide: int, tall: int
) -> Floats:
    """Coverage, 0 to 255, of the pixels of a canvas by lines with round joins and caps."""
    make: Any = backend_agg.RendererAgg
    renderer = make(wide, tall, 72)
    context = GraphicsContextBase()
    context.set_linewidth(width)
    context.set_capstyle("round")
    context.set_joinstyle("round")
    context.set_snap(False)
    context.set_foreground("black")
    for x, y in lines:
        # Agg's y grows upwards.
        path = Path(np.column_stack([x, tall - np.asarray(y)]))
        path.should_simplify = False
        renderer.draw_path(context, path, IdentityTransform())
    return np.asarray(renderer.buffer_rgba())[..., 3].astype(np.float64)


def _tile(x: Floats, y: Floats, radius: float, wide: int, tall: int) -> Floats:
    large = stroked([(x * TIMES, y * TIMES)], 2 * radius * TIMES, wide * TIMES, tall * TIMES)
    return np.asarray(large.reshape(tall, TIMES, wide, TIMES).mean((1, 3)))


def coverage(samples: npt.NDArray[np.float32], place: Placement, shape: tuple[int, int]) -> Floats:
    """Coverage, 0 to 255, of each pixel of a picture (height, width) by a NaN-free trace."""
    height, width = shape
    x = np.asarray(place.x0 + np.arange(len(samples)) * place.px_per_sample, np.float64)
    y = place.y0 - samples.astype(np.float64) * place.px_per_mv
    if len(x) == 1:
        x, y = np.repeat(x, 2), np.repeat(y, 2)
        x[1] += 1e-6
    result = np.zeros(shape)
    # Agg cuts a path at the edge of its canvas, and with it the stroke beside the edge.
    rim = math.ceil(2 * place.radius) + 2
    for left in range(0, width, WIDE):
        wide = min(WIDE, width - left)
        first = max(0, int(np.searchsorted(x, left - 2 * rim)) - 1)
        last = min(len(x), int(np.searchsorted(x, left + wide + 2 * rim)) + 1)
        part_x, part_y = x[first:last], y[first:last]
        if len(part_x) < 2 or part_x[0] > left + wide + rim or part_x[-1] < left - rim:
            continue
        begin = max(0, math.floor(part_y.min()) - rim)
        end = min(height, math.ceil(part_y.max()) + rim)
        for top in range(begin, end, TALL):
            tall = min(TALL, end - top)
            tile = _tile(
                part_x + (rim - left),
                part_y + (rim - top),
                place.radius,
                wide + 2 * rim,
                tall + 2 * rim,
            )
            result[top : top + tall, left : left + wide] = tile[rim:-rim, rim:-rim]
    return result


def slopes(samples: npt.NDArray[np.float32], place: Placement, width: int) -> Floats:
    """Mean steepness of the part of the line whose stroke reaches a pixel column, px per px.

    That part is as wide as the column and the radius on both sides, less what lies beyond
    the ends of the line: float64, shape (width,).
    """
    x = np.asarray(place.x0 + np.arange(len(samples)) * place.px_per_sample, np.float64)
    y = place.y0 - samples.astype(np.float64) * place.px_per_mv
    climbed = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(y)))])
    begin = np.clip(np.arange(width) - place.radius, x[0], x[-1])
    end = np.clip(np.arange(width) + 1 + place.radius, x[0], x[-1])
    rise = np.interp(end, x, climbed) - np.interp(begin, x, climbed)
    return np.asarray(rise / np.maximum(end - begin, 1e-3))


def centroids(cover: Floats) -> Floats:
    """Mean row of the coverage of each column, NaN where there is none: float64 (width,)."""
    total = cover.sum(0)
    rows = np.arange(cover.shape[0]) + 0.5
    nowhere = np.full(len(total), np.nan)
    return np.asarray(np.divide(rows @ cover, total, out=nowhere, where=total > 0))
