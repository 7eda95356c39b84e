"""What of a palette is ink, and what lies below it."""

from __future__ import annotations

import numpy as np

from ecgmpi.themes import BOLD, FULL, LEVELS, SHADES, TEXT
from ecgmpi.wear.states import Bytes, Floats

CLASSES = 256 // LEVELS


def coverage() -> Floats:
    """Give how much of a pixel of each index is covered by ink, trace or letter.

    Returns
    -------
    ndarray
        float64, shape (256,), 0 to 1.
    """
    index = np.arange(256)
    trace = (index % LEVELS) / FULL
    letter = np.maximum(index // LEVELS - TEXT, 0) / SHADES
    covered: Floats = 1 - (1 - trace) * (1 - letter)
    return covered


def below(palette: Floats) -> Floats:
    """Give the colour that each index has without ink: the grid, or bare paper below a letter.

    Parameters
    ----------
    palette
        float64, shape (256, 3).

    Returns
    -------
    ndarray
        float64, shape (256, 3).
    """
    colours: Floats = palette[without_ink()]
    return colours


def without_ink() -> Bytes:
    """Give the index of the same pixel without ink: uint8, shape (256,)."""
    index = np.arange(256)
    bare = np.where(index // LEVELS > TEXT, 0, index // LEVELS * LEVELS)
    return bare.astype(np.uint8)


def grid_part() -> Floats:
    """Give how much of a pixel of each index shows the grid: float64, shape (256,), 0 or 1.

    Coverage by ink is not taken off: see `coverage`.
    """
    kind = np.arange(256) // LEVELS
    shown: Floats = ((kind > 0) & (kind <= BOLD + SHADES)).astype(np.float64)
    return shown
