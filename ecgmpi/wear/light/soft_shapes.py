"""Soft edges, round shapes and waves, made of sums, products and square roots alone."""

from __future__ import annotations

import numpy as np

from ecgmpi.wear.exact import sine_cosine
from ecgmpi.wear.states import Floats, LightState


def smooth(part: Floats) -> Floats:
    """Rise from 0 to 1, level at both ends: 3 p^2 - 2 p^3 of the part, which is clipped."""
    p = np.clip(part, 0.0, 1.0)
    return p * p * (3.0 - 2.0 * p)


def wave(turns: Floats) -> Floats:
    """Give a wave of period 1 from -1 to 1, 0 and rising at whole numbers.

    Two parabolas a period: within 0.06 of a sine.
    """
    x = 2.0 * (turns - np.floor(turns + 0.5))
    return 4.0 * x * (1.0 - np.abs(x))


def turned(x: Floats, y: Floats, place: tuple[float, float], deg: float) -> tuple[Floats, Floats]:
    """Give coordinates along and across a direction, from a place."""
    sine, cosine = sine_cosine(deg)
    dx, dy = x - place[0], y - place[1]
    return cosine * dx + sine * dy, cosine * dy - sine * dx


def box_distance(x: Floats, y: Floats, half: tuple[float, float], radius: float) -> Floats:
    """Give the distance from a box around the origin, negative inside.

    Parameters
    ----------
    x, y
        Places, of one shape.
    half
        Half of the box's width and height.
    radius
        Of its corners, at most the lesser half.
    """
    along = np.abs(x) - (half[0] - radius)
    across = np.abs(y) - (half[1] - radius)
    far, near = np.maximum(along, 0.0), np.maximum(across, 0.0)
    inside: Floats = np.minimum(np.maximum(along, across), 0.0)
    corner: Floats = np.sqrt(far * far + near * near)
    return corner + inside - radius


def half_sheet(state: LightState) -> tuple[float, float]:
    """Half of the sheet's width and height, mm."""
    width, height = state.sheet_mm or (
        state.width / state.px_per_mm,
        state.height / state.px_per_mm,
    )
    return width / 2, height / 2
