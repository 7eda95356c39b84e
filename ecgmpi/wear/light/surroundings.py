"""What lies around the sheet is only worked out where the sheet is not: in strips at the edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import Bytes, Floats, LightState
from ecgmpi.wear.tiles import tiles

from .exposure import CELL, quantised, stretched
from .soft_shapes import box_distance, half_sheet

PER_MM = 8
"""Grey levels that a distance of a millimetre takes."""

EDGE = 48
"""The grey level of the sheet's edge: those below are inside, down to 6 mm, and 255 is 26 mm out.

Without them a slanted edge would have steps: levels are linear between nodes 2 mm apart.
"""

_SURE_MM = 5.0
"""How far inside of its edge a node is that certainly sees the sheet, and no shadow beside it."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A part of the picture along one of its edges.

    Attributes
    ----------
    top, left, bottom, right
        Its first nodes, and its last.
    """

    top: int
    left: int
    bottom: int
    right: int

    @property
    def nodes(self) -> tuple[slice, slice]:
        """Rows and columns of the nodes."""
        return slice(self.top, self.bottom + 1), slice(self.left, self.right + 1)

    def of(self, pixels: Bytes) -> Bytes:
        """Give its pixels."""
        return pixels[self.top * CELL : self.bottom * CELL, self.left * CELL : self.right * CELL]


def strips(state: LightState) -> list[Strip]:
    """Give strips that hold all of the picture that the sheet may leave free."""
    inside = box_distance(state.x_mm, state.y_mm, half_sheet(state), 0.0) < -_SURE_MM
    rows, columns = inside.shape
    middle = inside[rows // 4 : rows - rows // 4]
    found = _span(np.asarray(middle.all(axis=0)))
    if found is None:
        return [Strip(0, 0, rows - 1, columns - 1)]
    left, right = found
    found = _span(np.asarray(inside[:, left : right + 1].all(axis=1)))
    if found is None:
        return [Strip(0, 0, rows - 1, columns - 1)]
    top, bottom = found
    each = (
        Strip(0, 0, top, columns - 1),
        Strip(bottom, 0, rows - 1, columns - 1),
        Strip(top, 0, bottom, left),
        Strip(top, right, bottom, columns - 1),
    )
    return [strip for strip in each if strip.top < strip.bottom and strip.left < strip.right]


def _span(true: npt.NDArray[np.bool_]) -> tuple[int, int] | None:
    """Give the first and last of those that are true without a gap, around the middle."""
    middle = true.size // 2
    if not true[middle]:
        return None
    before, after = np.flatnonzero(~true[:middle]), np.flatnonzero(~true[middle:])
    first = int(before[-1]) + 1 if before.size else 0
    last = middle + int(after[0]) - 1 if after.size else true.size - 1
    return first, last


def distances(
    state: LightState, strip: Strip, shift: tuple[float, float] = (0.0, 0.0), square: bool = False
) -> Bytes:
    """Give how far outside of the sheet each pixel of a strip is.

    Parameters
    ----------
    state, strip
        The nodes, and which of them.
    shift
        By which the sheet is moved first, mm; under it, all is `_SURE_MM` inside.
    square
        Whether lines of one distance have corners, as frames have, not arcs.

    Returns
    -------
    ndarray
        uint8, of the shape of the strip: `PER_MM` times the distance in mm, plus `EDGE`.
    """
    x, y = state.x_mm[strip.nodes], state.y_mm[strip.nodes]
    width, height = half_sheet(state)
    if square:
        far = np.maximum(np.abs(x) - width, np.abs(y) - height)
    else:
        far = box_distance(x - shift[0], y - shift[1], (width, height), 0.0)
        # Under the sheet, strips end where all of them are the same.
        inside = box_distance(x, y, (width, height), 0.0) * (-1.0 / _SURE_MM)
        under = np.clip(inside, 0.0, 1.0)
        far = far * (1.0 - under) - _SURE_MM * under
    wide, tall = (strip.right - strip.left) * CELL, (strip.bottom - strip.top) * CELL
    return stretched(quantised(far * PER_MM + EDGE), wide, tall)


def by_distance(state: LightState, far: Bytes, strip: Strip, values: Floats) -> Bytes:
    """Look grey levels up by distance.

    Parameters
    ----------
    state, far, strip
        The picture, `distances`, and where.
    values
        float64, shape (256,) or (256, 3): grey levels, or blue, green, red of each distance.

    Returns
    -------
    ndarray
        uint8, as large as what the strip holds of the picture, three channels.
    """
    cv2 = opencv()
    height = min(far.shape[0], state.height - strip.top * CELL)
    width = min(far.shape[1], state.width - strip.left * CELL)
    cut = far[:height, :width]
    tables = quantised(values)
    if tables.ndim == 1:
        looked_up: Bytes = cv2.merge([cv2.LUT(cut, tables)] * 3)
    else:
        looked_up = cv2.merge([cv2.LUT(cut, np.ascontiguousarray(t)) for t in tables.T])
    return looked_up


def millimetres() -> Floats:
    """Give the distance that each grey level stands for: float64, shape (256,)."""
    return (np.arange(256) - EDGE) / float(PER_MM)


def coloured(tile: Bytes, colour: tuple[int, int, int], strength: float = 1.0) -> Bytes:
    """Put a colour on a tile of grey levels.

    Parameters
    ----------
    tile
        uint8, shape (height, width), 128 for the plain colour.
    colour
        Blue, green, red.
    strength
        Of the differences from it.

    Returns
    -------
    ndarray
        uint8, shape (height, width, 3).
    """
    cv2 = opencv()
    differences: Floats = (np.arange(256.0) - 128.0) * strength
    tables = [quantised(part + differences * (0.4 + part / 425.0)) for part in colour]
    pixels: Bytes = cv2.merge([cv2.LUT(tile, table) for table in tables])
    return pixels


def surroundings(
    state: LightState,
    tile: Bytes,
    first: list[int],
    shift: tuple[float, float],
    part: float,
    wide_mm: float,
) -> Bytes:
    """Give a picture of a texture with the shadow of a sheet on it.

    Parameters
    ----------
    state
        The nodes.
    tile
        uint8, shape (rows, columns, 3): blue, green, red.
    first
        Row and column of the tile that lie on the picture's first pixel.
    shift
        From the sheet to its shadow, mm.
    part
        Of the light that is missing at the edge of the sheet.
    wide_mm
        Distance from the edge at which there is no shadow any more, mm.

    Returns
    -------
    ndarray
        uint8, shape (height, width, 3).
    """
    cv2 = opencv()
    # What is not seen costs nothing: the system allocates zeros on demand.
    pixels = np.zeros((state.height, state.width, 3), np.uint8)
    if state.openings:
        # Under the sheet it is half as dark as at its edge.
        under = cv2.LUT(tile, quantised(np.arange(256.0) * (1.0 - 0.5 * part)))
        for rows, columns in state.openings:
            _cover(pixels[rows, columns], under, [first[0] + rows.start, first[1] + columns.start])
    mm = millimetres()
    beyond = 1.0 - np.clip(mm / wide_mm, 0.0, 1.0)
    inside = 1.0 - 0.5 * np.clip(-mm / _SURE_MM, 0.0, 1.0)
    levels = 255.0 * (1.0 - part * beyond * beyond * inside)
    for strip in strips(state):
        place = strip.of(pixels)
        _cover(place, tile, [first[0] + strip.top * CELL, first[1] + strip.left * CELL])
        shade = by_distance(state, distances(state, strip, shift), strip, levels)
        cv2.multiply(place, shade, place, scale=1.0 / 255.0)
    return pixels


def _cover(pixels: Bytes, tile: Bytes, first: list[int]) -> None:
    for area, part in tiles(pixels.shape, tile.shape, first):
        pixels[area] = tile[part]
