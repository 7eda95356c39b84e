"""The grid of ECG paper: crossing parallel lines, exact to a fifth of a pixel's coverage.

There are only a few dozen different rows. They are made from one profile across the rows
and one across the columns, as the differences that PNG's Up filter needs, and then
repeated.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from functools import cached_property, lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ecgmpi.geometry import BOLD_MM, MINOR_MM, Scale

from .palette import LEVELS, SHADES, TEXT, UP, Style, crossing_classes, line_classes

Bytes = npt.NDArray[np.uint8]

_BLANK = TEXT + 1
_KINDS = TEXT + 2


def line_coverage(
    begin: float, pixels: int, period: float, width: float
) -> npt.NDArray[np.float64]:
    """The exact coverage of each pixel in a row by parallel lines.

    Parameters
    ----------
    begin
        Left edge of the first pixel, px from the centre of some line.
    pixels
        How many.
    period, width
        Distance between the centres of lines, and their width, px.

    Returns
    -------
    ndarray
        float64, shape (pixels,), 0 to 1.
    """
    edges = begin + np.arange(pixels + 1) + width / 2
    line = np.floor(edges / period)
    covered: npt.NDArray[np.float64] = line * width + np.minimum(edges - line * period, width)
    return np.diff(covered)


@lru_cache(maxsize=128)
def line_profile(style: Style, px_per_mm: float, begin: float, pixels: int) -> Bytes:
    """Give the class of each pixel in a row across the lines of the grid.

    Parameters
    ----------
    style
        Colours and widths.
    px_per_mm
        Scale.
    begin
        Left edge of the first pixel, px from a bold line.
    pixels
        How many.

    Returns
    -------
    ndarray
        uint8, shape (pixels,), 0 to 10.
    """
    period, wide = MINOR_MM * px_per_mm, style.bold_mm * px_per_mm
    thin = style.minor_mm * px_per_mm
    bold = line_coverage(begin, pixels, BOLD_MM * px_per_mm, wide)
    # A bold line replaces a minor one.
    minor = line_coverage(begin, pixels, period, thin)
    minor -= line_coverage(begin, pixels, BOLD_MM * px_per_mm, thin)
    fifths = np.rint(np.clip([minor, bold], 0, 1) * SHADES).astype(np.intp)
    profile: Bytes = line_classes(style)[fifths[0], fifths[1]]
    profile.flags.writeable = False
    return profile


def extent(low: float, high: float, style: Style, px_per_mm: float) -> tuple[int, int]:
    """First pixel that the bold frame of a grid touches, and the one after the last."""
    half = style.bold_mm * px_per_mm / 2
    return math.floor(low - half + 1e-6), math.ceil(high + half - 1e-6)


class Gridded(Hashable, Protocol):
    """What the grid needs to know: its place, as in `StripGeometry`."""

    @property
    def scale(self) -> Scale:
        """Pixels per millimetre."""

    @property
    def width(self) -> int:
        """Columns of the picture."""

    @property
    def height(self) -> int:
        """Rows of the picture."""

    @property
    def x0(self) -> float:
        """X of a vertical bold line, px."""

    @property
    def y0(self) -> float:
        """Y of a horizontal bold line, px."""

    @property
    def left(self) -> float:
        """Left edge of the grid, px."""

    @property
    def top(self) -> float:
        """Top edge of the grid, px."""

    @property
    def right(self) -> float:
        """Right edge of the grid, px."""

    @property
    def bottom(self) -> float:
        """Bottom edge of the grid, px."""


@lru_cache(maxsize=32)
def _profiles(geometry: Gridded, style: Style) -> tuple[Bytes, Bytes]:
    """Give the class of each row and of each column of a picture, `_BLANK` beside the grid."""
    px = geometry.scale.px_per_mm
    above, below = extent(geometry.top, geometry.bottom, style, px)
    before, after = extent(geometry.left, geometry.right, style, px)
    down = np.full(geometry.height, _BLANK, np.uint8)
    down[above:below] = line_profile(style, px, above - geometry.y0, below - above)
    across = np.full(geometry.width, _BLANK, np.uint8)
    across[before:after] = line_profile(style, px, before - geometry.x0, after - before)
    return down, across


@lru_cache(maxsize=16)
def _crossings(style: Style) -> Bytes:
    """Give the class of a pixel by those of its row and its column: uint8, shape (12, 12)."""
    return np.pad(crossing_classes(style), (0, 1))


def grid_classes(geometry: Gridded, style: Style, where: tuple[slice, slice]) -> Bytes:
    """Give the classes of some rows and columns of the bare grid: uint8, shape (rows, columns)."""
    down, across = _profiles(geometry, style)
    classes: Bytes = _crossings(style)[down[where[0], None], across[where[1]]]
    return classes


class GridRows:
    """The rows of paper and grid, of which there are only a few dozen different ones.

    Parameters
    ----------
    geometry
        Where the grid lies.
    style
        Colours and widths.

    Attributes
    ----------
    kinds
        uint8, shape (height + 1,): the class of each row, after that of bare paper. A row depends
        on its own, the one before it, and `across`.
    across
        The class of each column, as bytes.
    height
        Number of rows.
    """

    def __init__(self, geometry: Gridded, style: Style) -> None:
        down, across = _profiles(geometry, style)
        self.kinds: Bytes = np.concatenate([np.array([_BLANK], np.uint8), down])
        self.across = across.tobytes()
        self.height = geometry.height
        self._columns = across
        self._style = style

    def of(self, first: int, last: int) -> Bytes:
        """Draw the rows from `first` up to but not including `last`.

        Returns
        -------
        ndarray
            uint8, shape (rows, 1 + width): Up-filtered palette indices, each row after its
            filter byte.
        """
        kinds = self.kinds[first : last + 1].astype(np.intp)
        used, which = np.unique(kinds[:-1] * _KINDS + kinds[1:], return_inverse=True)
        differences = self._lines[used % _KINDS] - self._lines[used // _KINDS]
        differences[:, 0] = UP
        rows: Bytes = differences.take(which, axis=0)
        return rows

    @cached_property
    def _lines(self) -> Bytes:
        """Palette indices of a row of each class: uint8, shape (classes, 1 + width)."""
        lines = np.zeros((_KINDS, 1 + len(self._columns)), np.uint8)
        lines[:, 1:] = _crossings(self._style)[:, self._columns] * LEVELS
        return lines


def grid_rows(geometry: Gridded, style: Style) -> Bytes:
    """Draw all of paper and grid, see `GridRows`."""
    return GridRows(geometry, style).of(0, geometry.height)
