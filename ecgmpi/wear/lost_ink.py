"""Ink that light or sensor left nothing of: burnt out, or not told from what is around it."""

from __future__ import annotations

import math

import numpy as np

from .light.exposure import BRIGHTEST, quantised, stretched
from .opencv import opencv
from .states import HIDDEN, Bytes, Floats, LightState

BURNT = 252
"""Grey level from which ink is as white as burnt paper, in every colour."""

_MIDDLE = 128
"""Between the two levels."""


def burnt_out(light: LightState, ink: Floats, table: Bytes) -> Bytes | None:
    """Map where light makes full ink as white as paper can be.

    Thin lines are paler than full ink: what is mapped is what is lost for certain, but for a tint
    where faded ink lies on a line of the grid.

    Parameters
    ----------
    light
        All of it.
    ink
        float64, shape (3,): blue, green, red of full ink on bare paper, 0 to 255.
    table
        uint8, shape (256,): what the sensor makes of each grey level.

    Returns
    -------
    ndarray
        uint8, shape (height, width) of the picture: `HIDDEN` there, 0 elsewhere; None where there
        is no such place.
    """
    seen = np.clip(light.field, 0.0, BRIGHTEST) * ink + light.glow[..., None] + light.veil
    darkest = table[quantised(seen.min(axis=2))]
    if int(darkest.max()) < BURNT:
        return None
    whole = stretched(darkest, light.width, light.height)
    _, lost = opencv().threshold(whole, BURNT - 1, HIDDEN, opencv().THRESH_BINARY)
    return np.ascontiguousarray(lost)


def of_one_level(pixels: Bytes, stroke_px: float) -> Bytes:
    """Map where a black and white picture has no ink, or no paper from which it could be told.

    Ink has black within a stroke's width, and white within twice that. Where a line of the grid or
    a speck is as near, that black counts too: what is mapped is what is lost for certain.

    Parameters
    ----------
    pixels
        uint8, shape (height, width).
    stroke_px
        Width of the trace, px.

    Returns
    -------
    ndarray
        As `burnt_out` gives it. Bare paper is all of one level.
    """
    cv2 = opencv()
    near, far = max(1, math.ceil(stroke_px)), max(2, math.ceil(2 * stroke_px) + 1)
    darkest = cv2.erode(pixels, np.ones((2 * near + 1, 2 * near + 1), np.uint8))
    lightest = cv2.dilate(pixels, np.ones((2 * far + 1, 2 * far + 1), np.uint8))
    # In place: new memory would cost as much as the work.
    lost: Bytes = cv2.max(darkest, cv2.bitwise_not(lightest, lightest), lightest)
    cv2.threshold(lost, _MIDDLE - 1, HIDDEN, cv2.THRESH_BINARY, lost)
    return lost
