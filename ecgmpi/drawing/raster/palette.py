"""The palette classes of pixels where grid lines are adjacent or cross."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ecgmpi.themes import BOLD, FULL, LEVELS, RED, SHADES, TEXT, THEMES, Style

__all__ = [
    "BOLD",
    "FULL",
    "LEVELS",
    "RED",
    "SEPARATOR_SHADE",
    "SHADES",
    "TEXT",
    "THEMES",
    "UP",
    "Style",
    "crossing_classes",
    "line_classes",
]

UP = 2
"""The filter byte that begins each row of a PNG: the difference from the row above, modulo 256."""

SEPARATOR_SHADE = 3
"""Part of the text ink for column separators: paler than a trace, to look unlike one."""


def _nearest(style: Style, minor: npt.ArrayLike, bold: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Find the grid classes that look most like bold coverage over minor coverage (0 to 1)."""
    grid = style.classes[: TEXT + 1]
    paper, thin, thick = (np.asarray(c, np.float64) for c in (style.paper, style.minor, style.bold))
    under = np.asarray(minor, np.float64)[..., None]
    over = np.asarray(bold, np.float64)[..., None]
    colour = paper + under * (thin - paper)
    colour = colour + over * (thick - colour)
    far = np.square(colour[..., None, :] - grid).sum(-1)
    return np.asarray(far.argmin(-1), np.uint8)


@lru_cache(maxsize=16)
def line_classes(style: Style) -> npt.NDArray[np.uint8]:
    """Give the class of a pixel by its coverage, in fifths, by parallel lines.

    Returns
    -------
    ndarray
        uint8, shape (6, 6): first index the fifths covered by minor lines, second by
        bold ones.
    """
    fifths = np.arange(SHADES + 1) / SHADES
    return _nearest(style, *np.meshgrid(fifths, fifths, indexing="ij"))


@lru_cache(maxsize=16)
def crossing_classes(style: Style) -> npt.NDArray[np.uint8]:
    """Give the class of a pixel where a row of one class meets a column of another.

    Returns
    -------
    ndarray
        uint8, shape (11, 11).
    """
    kind = np.arange(TEXT + 1)
    minor = np.where(kind <= BOLD, kind, 0) / SHADES
    bold = np.where(kind > BOLD, kind - BOLD, 0) / SHADES
    return _nearest(
        style,
        1 - np.outer(1 - minor, 1 - minor),
        1 - np.outer(1 - bold, 1 - bold),
    )
