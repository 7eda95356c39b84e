"""Outlines of irregular shapes: ellipses, blots, and how they fill pixels."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ecgmpi.wear.exact import sine_cosine
from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import Bytes, Floats

from .patch import NOTHING, Patch, box_of
from .strokes import smooth

_SHIFT = 6
_FINE, _COARSE = 4, 2
_FINE_BELOW = 400_000
"""Shapes are filled at four times the size; at twice, where they have more pixels than this."""


@lru_cache(maxsize=16)
def directions(count: int) -> Floats:
    """Give unit vectors all around: float64, shape (count, 2), the first to the right."""
    turns = [sine_cosine(360 * k / count) for k in range(count)]
    return np.array([[cosine, sine] for sine, cosine in turns])


def turned(points: Floats, degrees: float) -> Floats:
    """Turn points about the origin, clockwise as seen on a page."""
    sine, cosine = sine_cosine(degrees)
    x, y = points[:, 0], points[:, 1]
    return np.stack([x * cosine - y * sine, x * sine + y * cosine], axis=-1)


def around(chance: np.random.Generator, knots: int, count: int) -> Floats:
    """Draw a smooth function of the direction.

    Parameters
    ----------
    chance
        Draws its values.
    knots
        How many are drawn; the fewer, the smoother it is.
    count
        Values that are wanted, a multiple of `knots`.

    Returns
    -------
    ndarray
        float64, shape (count,), about -1 to 1; the last goes over into the first.
    """
    values = 2 * chance.random(knots) - 1
    closed = np.concatenate([values[-2:], values, values[:3]])
    step = count // knots
    return smooth(closed, step)[2 * step : 2 * step + count]


def blot(chance: np.random.Generator, rough: float, count: int = 96) -> Floats:
    """Draw the outline of a blot of about radius 1.

    Parameters
    ----------
    chance
        Draws it.
    rough
        0 for a circle, 1 for something ragged.
    count
        Points, a multiple of 48.

    Returns
    -------
    ndarray
        float64, shape (count, 2).
    """
    wave = 0.30 * around(chance, 6, count) + 0.14 * around(chance, 16, count)
    radius = np.maximum(1 + rough * (wave + 0.05 * around(chance, 48, count)), 0.15)
    return directions(count) * radius[:, None]


def filled(outlines: list[Floats], px_per_mm: float, shape: tuple[int, ...], pad: int = 0) -> Patch:
    """Fill outlines.

    Parameters
    ----------
    outlines
        float64, shape (n, 2) each: x and y, mm. Where two overlap, they cancel out: a ring is two.
    px_per_mm
        Pixels per millimetre.
    shape
        Of the page, px: what lies outside is not drawn.
    pad
        Empty pixels around them.
    """
    points = np.concatenate(outlines) * px_per_mm
    left, top, rows, columns = box_of(points, pad, shape, pad)
    if rows <= 0 or columns <= 0:
        return NOTHING
    cv2 = opencv()
    size = _FINE if rows * columns < _FINE_BELOW else _COARSE
    canvas = np.zeros((rows * size, columns * size), np.uint8)
    origin = np.array([left, top])
    places = [
        np.floor((((line * px_per_mm) - origin) * size - 0.5) * (1 << _SHIFT) + 0.5)
        for line in outlines
    ]
    whole = [line.astype(np.int32) for line in places]
    cv2.fillPoly(canvas, whole, 255, cv2.LINE_8, _SHIFT)
    coverage: Bytes = cv2.resize(canvas, (columns, rows), interpolation=cv2.INTER_AREA)
    return Patch(left, top, coverage)
