"""The light of the grid's nodes and the textures, put on the pixels."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import Bytes, LightState, Texture
from ecgmpi.wear.tiles import tiles

CELL = 16
"""Between nodes of the control grid, px."""

BRIGHTEST = 1.6
"""Most of the light, where a fold faces the lamp: flat paper in the middle has about 1."""


def stretched(field: Bytes, width: int, height: int, cell: int = CELL) -> Bytes:
    """Give a field on the nodes at every pixel, linearly between them.

    Parameters
    ----------
    field
        uint8, shape (rows, columns) or (rows, columns, channels): the first node lies on the top
        left corner of the picture.
    width, height
        Of the picture, px.
    cell
        Between nodes, px, even.

    Returns
    -------
    ndarray
        uint8, shape (height, width) or (height, width, channels): a view of something larger.
    """
    rows, columns = field.shape[:2]
    whole: Bytes = opencv().resize(field, (columns * cell, rows * cell))
    # A node is stretched to a cell around it, of which the first half is outside the picture.
    half = cell // 2
    return whole[half : half + height, half : half + width]


def quantised(values: npt.NDArray[np.float64]) -> Bytes:
    """Round to grey levels: uint8 of the same shape, clipped to 0 to 255."""
    return np.rint(np.clip(values, 0.0, 255.0)).astype(np.uint8)


def expose(pixels: Bytes, light: LightState) -> None:
    """Put the light on what is seen of the sheet and its background.

    Parameters
    ----------
    pixels
        uint8, shape (height, width, 3): changed in place.
    light
        Its `field` is clipped to 0 and `BRIGHTEST`, its `glow` to 0 and 255.
    """
    cv2 = opencv()
    field = np.clip(light.field, 0.0, BRIGHTEST)
    peak = max(1.0, float(field.max()))
    levels = quantised(field * (255.0 / peak))
    if light.textures or peak > 1.0 or int(levels.min()) < 255:
        whole = stretched(levels, light.width, light.height)
        for texture in light.textures:
            _texture(whole, texture)
        cv2.multiply(pixels, whole, pixels, scale=peak / 255.0)
    glow = quantised(light.glow)
    if glow.any():
        _add_glow(pixels, glow)
    veil = math.floor(light.veil + 0.5)
    if veil:
        cv2.add(pixels, (veil, veil, veil, 0), pixels)


def _texture(whole: Bytes, texture: Texture) -> None:
    cv2 = opencv()
    for area, part in tiles(whole.shape, texture.tile.shape, texture.first):
        # Multiplication is what happens, and takes three times as long.
        cv2.subtract(whole[area], texture.tile[part], whole[area])


def _add_glow(pixels: Bytes, glow: Bytes) -> None:
    """Add a field of light, where there is any of it."""
    cv2 = opencv()
    rows, columns = np.flatnonzero(glow.any(axis=1)), np.flatnonzero(glow.any(axis=0))
    # One node more on each side, where it comes to nothing.
    top, left = max(int(rows[0]) - 1, 0), max(int(columns[0]) - 1, 0)
    part = np.ascontiguousarray(glow[top : int(rows[-1]) + 2, left : int(columns[-1]) + 2])
    # The last node needs no cell beyond it: its pixels are the same as with one.
    place = pixels[top * CELL :, left * CELL :]
    height = min(place.shape[0], part.shape[0] * CELL - CELL // 2)
    width = min(place.shape[1], part.shape[1] * CELL - CELL // 2)
    place = place[:height, :width]
    cv2.add(place, cv2.merge([stretched(part, width, height)] * 3), place)
