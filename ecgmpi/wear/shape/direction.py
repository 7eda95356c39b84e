"""Lines across the sheet, as folds and axes of curling are drawn."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ecgmpi.wear.exact import sine_cosine

Floats = npt.NDArray[np.float64]


@lru_cache(maxsize=64)
def normal(line_deg: float) -> tuple[float, float]:
    """The unit vector across lines: 0 degrees are rows, 90 are columns, anticlockwise between."""
    sine, cosine = sine_cosine(line_deg)
    return sine, cosine


def reach(width_mm: float, height_mm: float, line_deg: float) -> float:
    """How far the sheet reaches across lines in a direction, from its centre, mm."""
    x, y = normal(line_deg)
    return (abs(x) * width_mm + abs(y) * height_mm) / 2


def across(x: Floats, y: Floats, line_deg: float, reach_mm: float) -> Floats:
    """How far points are from the centre across lines, at most as far as the sheet reaches."""
    nx, ny = normal(line_deg)
    return np.minimum(np.maximum(nx * x + ny * y, -reach_mm), reach_mm)


def bent(s: Floats, places: Iterable[float], slopes: list[float]) -> Floats:
    """What is 0 at 0 and rises by `slopes` before, between and after `places`."""
    result = slopes[0] * s
    for place, before, after in zip(places, slopes[:-1], slopes[1:], strict=True):
        beyond = np.maximum(s - place, 0.0)
        beyond -= max(-place, 0.0)
        beyond *= after - before
        result += beyond
    return result
