"""Sines and cosines that are the same bits on every processor.

What `math` and numpy take them from differs by processor in the last bit. Here they are made of
sums and products of Python's floats alone, which IEEE 754 fixes.
"""

from __future__ import annotations

import math

_RADIANS = math.pi / 180
_TERMS = 12
"""Of the series: for 45 degrees, the next is below 1e-25."""


def sine_cosine(degrees: float) -> tuple[float, float]:
    """Give the sine and cosine of an angle in degrees, each within 1e-15.

    Taylor's series, after a reduction to at most 45 degrees.

    Examples
    --------
    >>> sine_cosine(90.0), sine_cosine(-180.0)
    ((1.0, 0.0), (0.0, -1.0))
    """
    quarter = math.floor(degrees / 90 + 0.5)
    x = (degrees - 90 * quarter) * _RADIANS
    square = x * x
    sine = cosine = 0.0
    for k in range(_TERMS, 0, -1):
        sine = (1.0 + sine) * -square / ((2 * k) * (2 * k + 1))
        cosine = (1.0 + cosine) * -square / ((2 * k - 1) * (2 * k))
    sine, cosine = x * (1.0 + sine), 1.0 + cosine
    turned = ((sine, cosine), (cosine, -sine), (-sine, -cosine), (-cosine, sine))[quarter % 4]
    # No zero is negative.
    return turned[0] + 0.0, turned[1] + 0.0


def tangent(degrees: float) -> float:
    """Give the tangent of an angle in degrees, which is no odd multiple of 90."""
    sine, cosine = sine_cosine(degrees)
    return sine / cosine
