"""Decode the PNGs that ecgmpi writes: 8 bits a pixel, each row filtered by Up, or none by any."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ecgmpi.png_file import GREY, NONE, UP, inflated, parse_png

from .indexed import IndexedImage

Bytes = npt.NDArray[np.uint8]

_SHADES = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(-1, 3)
_TOGETHER = 16
"""Rows that are added up at a time: the fewest calls of numpy that keep to its caches."""


def decode_png(data: bytes) -> IndexedImage | None:
    """Decode a PNG of our own kind.

    Parameters
    ----------
    data
        The content of the file.

    Returns
    -------
    IndexedImage or None
        None where the file is sound as far as can be seen, but of another kind: other depths,
        colours or filters, interlaced, or with transparency.

    Raises
    ------
    ValueError
        It is no PNG, is damaged, or has more than `ecgmpi.png_file.MOST_PIXELS`.
    """
    png = parse_png(data)
    if not png.a_byte_a_pixel:
        return None
    indices = _unfiltered(inflated(png))
    if indices is None:
        return None
    if png.colour == GREY:
        return IndexedImage(indices, _SHADES, grey=True)
    palette = png.palette
    colours = np.zeros((256, 3), np.uint8)
    colours.reshape(-1)[: len(palette)] = np.frombuffer(palette, np.uint8)
    if len(palette) < colours.size and int(indices.max()) * 3 >= len(palette):
        raise ValueError(
            f"damaged PNG: it uses colour {indices.max()} of a palette of {len(palette) // 3}"
        )
    return IndexedImage(indices, colours)


def _unfiltered(rows: Bytes) -> Bytes | None:
    """Give the pixels: uint8, shape (height, width); None where rows are filtered otherwise."""
    filters, rest = rows[:, 0], rows[:, 1:]
    if not filters.any():
        return rest.copy()
    if filters[0] not in (NONE, UP) or (filters[1:] != UP).any():
        return None
    return _added_up(rest)


def _added_up(rows: Bytes) -> Bytes:
    """Sums of each row and all above it, modulo 256.

    `numpy.add.accumulate` takes ten times as long: it walks down one column after another.
    """
    height, width = rows.shape
    sums = np.empty((height, width), np.uint8)
    shape = (height // _TOGETHER, _TOGETHER, width)
    whole = shape[0] * _TOGETHER
    there, blocks = rows[:whole].reshape(shape), sums[:whole].reshape(shape)
    # Within each block, then from block to block.
    blocks[:, 0] = there[:, 0]
    for k in range(1, _TOGETHER):
        np.add(there[:, k], blocks[:, k - 1], blocks[:, k])
    for above, block in pairwise(blocks):
        np.add(block, above[-1], block)
    sums[whole:] = rows[whole:]
    for k in range(max(1, whole), height):
        sums[k] += sums[k - 1]
    return sums
