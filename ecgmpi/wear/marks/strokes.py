"""Strokes of a pen: lines of varying width and darkness, with smooth edges."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import Bytes, Floats

from .patch import NOTHING, Patch, box_of, product
from .texture import grain

_SHIFT = 4
"""Bits below the point in the coordinates that lines are drawn from."""
_STEPS = 6
"""Different pressures that are told apart."""
_FINE, _COARSE = 4, 2
_FINE_BELOW = 10.0
"""Lines are drawn at four times the size, at twice where a millimetre has more pixels than this."""


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """A line without lifting the pen.

    Attributes
    ----------
    points
        float64, shape (n, 2): x and y, mm, at least one.
    pressure
        float64, shape (n,), 0 to 1: how hard the pen is pressed at each.
    """

    points: Floats
    pressure: Floats


@dataclass(frozen=True, slots=True)
class Nib:
    """What a pen makes of pressure.

    Attributes
    ----------
    width_mm
        Of the line, pressed as hard as can be.
    thinnest, palest
        Part of that width, and of full darkness, at no pressure.
    grain
        Part of the darkness that the roughness of the paper takes away, at most.
    """

    width_mm: float
    thinnest: float = 0.7
    palest: float = 0.7
    grain: float = 0.2


def polyline(points: Sequence[Sequence[float]], pressure: float = 0.7) -> Stroke:
    """Make a stroke of points, mm, with the same pressure all along."""
    placed = np.array(points, np.float64).reshape(-1, 2)
    return Stroke(placed, np.full(len(placed), pressure))


def smooth(points: Floats, steps: int = 6) -> Floats:
    """Put a Catmull-Rom spline through points, which are kept; equal neighbours are corners.

    Parameters
    ----------
    points
        float64, shape (n, ...).
    steps
        Pieces between two points.

    Returns
    -------
    ndarray
        float64, shape ((n - 1) * steps + 1, ...).
    """
    if len(points) < 3:
        return points
    around = np.concatenate([points[:1], points, points[-1:]])
    a, b, c, d = (around[k : len(points) - 1 + k, None] for k in range(4))
    t = (np.arange(steps) / steps).reshape(1, steps, *([1] * (points.ndim - 1)))
    curve = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return np.concatenate([curve.reshape(-1, *points.shape[1:]), points[-1:]])


def ink(
    strokes: Iterable[Stroke],
    nib: Nib,
    px_per_mm: float,
    shape: tuple[int, ...],
    chance: np.random.Generator | None = None,
) -> Patch:
    """Draw strokes.

    Parameters
    ----------
    strokes
        The strokes.
    nib
        The pen.
    px_per_mm
        Pixels per millimetre.
    shape
        Of the page, px: what lies outside is not drawn.
    chance
        For the grain; without it there is none.
    """
    lines = list(strokes)
    points = np.concatenate([line.points for line in lines]) * px_per_mm
    width = nib.width_mm * px_per_mm
    left, top, rows, columns = box_of(points, width / 2 + 2, shape)
    if rows <= 0 or columns <= 0:
        return NOTHING
    size = _FINE if px_per_mm < _FINE_BELOW else _COARSE
    canvas = np.zeros((rows * size, columns * size), np.uint8)
    _draw(canvas, lines, nib, px_per_mm * size, (left * size, top * size))
    coverage: Bytes = opencv().resize(canvas, (columns, rows), interpolation=opencv().INTER_AREA)
    if chance is not None and nib.grain > 0:
        coverage = product(coverage, grain(chance, coverage.shape, nib.grain))
    return Patch(left, top, coverage)


def _draw(
    canvas: Bytes, lines: list[Stroke], nib: Nib, scale: float, origin: tuple[int, int]
) -> None:
    cv2 = opencv()
    # A dot is a line from a point to itself.
    lines = [_of_two(line) if len(line.points) < 2 else line for line in lines]
    points = np.concatenate([line.points for line in lines])
    pressure = np.concatenate([line.pressure for line in lines])
    # A pixel's centre is half a pixel from its edge, where OpenCV counts from.
    offset = np.array(origin) + 0.5
    places = np.floor((points * scale - offset) * (1 << _SHIFT) + 0.5).astype(np.int32)
    steps = np.clip(np.floor(pressure * _STEPS), 0, _STEPS - 1).astype(np.int32)
    ends = np.cumsum([len(line.points) for line in lines])
    # Neighbours of the same pressure are one line, drawn up to the first point of the next.
    changes = np.zeros(len(points), bool)
    changes[1:] = steps[1:] != steps[:-1]
    changes[ends - 1] = False
    changes[0] = changes[ends[:-1]] = True
    begins = np.nonzero(changes)[0]
    of_line = np.searchsorted(ends, begins, side="right")
    lasts = np.minimum(np.append(begins[1:], len(points)), ends[of_line] - 1)
    pieces: list[list[npt.NDArray[np.int32]]] = [[] for _ in range(_STEPS)]
    for first, last, step in zip(
        begins.tolist(), lasts.tolist(), steps[begins].tolist(), strict=True
    ):
        pieces[step].append(places[first : last + 1])
    for step, group in enumerate(pieces):
        share = (step + 0.5) / _STEPS
        width = nib.width_mm * scale * (nib.thinnest + (1 - nib.thinnest) * share)
        dark = math.floor(255 * (nib.palest + (1 - nib.palest) * share) + 0.5)
        if group:
            thick = max(1, math.floor(width + 0.5))
            # What is pressed harder is drawn later: two strokes are as dark as the darker one.
            cv2.polylines(canvas, group, False, dark, thick, cv2.LINE_8, _SHIFT)


def _of_two(line: Stroke) -> Stroke:
    return Stroke(np.repeat(line.points, 2, axis=0), np.repeat(line.pressure, 2))
