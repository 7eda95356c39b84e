"""The map of every pixel, linear between the nodes of a grid: in whole numbers, without error.

First along the rows of nodes, then from one such row to the next, each time rounded: whatever
reads the nodes finds the same places, and 16 bits are enough on the way.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Shorts = npt.NDArray[np.int16]
Whole = npt.NDArray[np.int16] | npt.NDArray[np.int32]

CELLS = (4, 8, 16)
"""Sides of a cell, px."""

_AT_ONCE = 64
"""Rows of pixels: what is worked out of them stays in the cache of a core."""


def dense_map(
    offsets: Shorts, width: int, height: int, cell: int, left: int = 0, top: int = 0
) -> tuple[Shorts, npt.NDArray[np.uint16]]:
    """Make the map of every pixel, as ``cv2.remap`` takes it.

    Parameters
    ----------
    offsets
        int16, shape (rows, columns, 2): x and y, in 1/32 px, at nodes `cell` px apart.
    width, height
        Of the picture, px.
    cell
        One of `CELLS`.
    left, top
        Column and row of the first node, of a part of a larger picture.

    Returns
    -------
    places : ndarray
        int16, shape (height, width, 2): whole column and row.
    fractions : ndarray
        uint16, shape (height, width): 32 times the rest of y, in 1/32 px, plus that of x.
    """
    places = np.empty((height, width, 2), np.int16)
    fractions = np.empty((height, width), np.uint16)
    flat = places.reshape(height, -1)
    whole = np.empty((_AT_ONCE, 2 * width), np.int16)
    for first, rows, own in _blocks(offsets, width, height, cell, left, top):
        here = slice(first, first + len(rows))
        np.right_shift(rows, np.int16(5), out=whole[: len(rows)])
        np.add(whole[: len(rows)], own, out=flat[here])
        # 5 bits of x, and 5 of y 16 bits above them, meet in the upper half of a product.
        pairs = rows.view(np.uint32)
        np.bitwise_and(pairs, np.uint32(0x001F001F), out=pairs)
        np.multiply(pairs, np.uint32((1 << 16) | (1 << 5)), out=pairs)
        np.right_shift(pairs, np.uint32(16), out=pairs)
        np.copyto(fractions[here], pairs, casting="unsafe")
    return places, fractions


def nearest_map(offsets: Shorts, width: int, height: int, cell: int) -> Shorts:
    """Make the map of every pixel to the nearest one, as ``cv2.remap`` takes it without fractions.

    Given `dense_map` with both its arrays, OpenCV 5.0 takes the pixel after the nearest one where
    a fraction is below a half.

    Parameters
    ----------
    offsets, width, height, cell
        As for `dense_map`.

    Returns
    -------
    ndarray
        int16, shape (height, width, 2): column and row, halves upwards.
    """
    places = np.empty((height, width, 2), np.int16)
    flat = places.reshape(height, -1)
    half = np.empty((_AT_ONCE, 2 * width), np.int16)
    for top, rows, own in _blocks(offsets, width, height, cell):
        up = half[: len(rows)]
        np.right_shift(rows, np.int16(4), out=up)
        np.bitwise_and(up, np.int16(1), out=up)
        np.right_shift(rows, np.int16(5), out=rows)
        np.add(rows, up, out=rows)
        np.add(rows, own, out=flat[top : top + len(rows)])
    return places


def nearest_pixels(places: Shorts, fractions: npt.NDArray[np.uint16]) -> Shorts:
    """Give what `nearest_map` does, of a part of a picture, from that part of `dense_map`."""
    nearest = places.copy()
    nearest[..., 0] += ((fractions >> 4) & 1).astype(np.int16)
    nearest[..., 1] += (fractions >> 9).astype(np.int16)
    return nearest


def _blocks(
    offsets: Shorts, width: int, height: int, cell: int, left: int = 0, top: int = 0
) -> Iterator[tuple[int, Shorts, Shorts]]:
    """Give the first row of each of some rows of pixels, their offsets, and their own places.

    Both are int16, shape (rows, 2 * width): x and y of a pixel are neighbours, 32 bits together.
    Offsets may be used up; their unit is 1/32 px, that of places a pixel.
    """
    dtype = _wide_enough(offsets, cell)
    along = _along_rows(offsets, cell, dtype)[:, : 2 * width]
    number = np.arange(cell, dtype=dtype)[:, None]
    together = _AT_ONCE // cell
    between = np.empty((together, cell, 2 * width), dtype)
    parts = between if dtype == np.int16 else between.astype(np.int16)
    own = np.empty((_AT_ONCE, 2 * width), np.int16)
    own[:, 0::2] = np.arange(left, left + width)
    own[:, 1::2] = np.arange(top, top + _AT_ONCE)[:, None]
    own_pairs = own.view(np.uint32)
    for first in range(0, len(along) - 1, together):
        begin, end = along[first : first + together], along[first + 1 : first + 1 + together]
        n = len(end)
        step = np.subtract(end, begin[:n], dtype=dtype)
        _share(step[:, None], number, cell, between[:n])
        np.add(between[:n], begin[:n, None], out=parts[:n], casting="unsafe")
        rows = parts[:n].reshape(-1, 2 * width)[: height - first * cell]
        yield first * cell, rows, own[: len(rows)]
        own_pairs += np.uint32(_AT_ONCE << 16)


def _wide_enough(offsets: Shorts, cell: int) -> npt.DTypeLike:
    """Give the type that holds `cell` times any difference of neighbours, with a half added."""
    wide = offsets.astype(np.int32)
    most = max(int(np.abs(np.diff(wide, axis=axis)).max(initial=0)) for axis in (0, 1))
    # What lies between two nodes was rounded, and so may differ by one more.
    return np.int16 if (most + 1) * cell < 1 << 15 else np.int32


def _along_rows(offsets: Shorts, cell: int, dtype: npt.DTypeLike) -> Shorts:
    """Offsets at each pixel of the rows of nodes: shape (rows, 2 * pixels), x and y in turn."""
    columns = offsets.shape[1]
    step = np.subtract(offsets[:, 1:], offsets[:, :-1], dtype=dtype)
    number = np.repeat(np.tile(np.arange(cell, dtype=dtype), columns - 1), 2)
    spread = _repeated(step, cell)
    _share(spread, number, cell, spread)
    spread += _repeated(offsets[:, :-1], cell)
    return spread.astype(np.int16, copy=False)


def _repeated(pairs: Whole, cell: int) -> Whole:
    """Repeat each x and y of shape (rows, columns, 2): shape (rows, 2 * cell * columns)."""
    # Both as one number, which is a tenth of the time.
    each = np.ascontiguousarray(pairs).view(np.uint32 if pairs.itemsize == 2 else np.uint64)
    return np.repeat(each[..., 0], cell, axis=1).view(pairs.dtype)


def _share(step: Whole, number: Whole, cell: int, out: Whole) -> None:
    """Give `number` of `cell` parts of each difference, rounded, halves upwards."""
    np.multiply(step, number, out=out)
    np.add(out, out.dtype.type(cell // 2), out=out)
    np.right_shift(out, out.dtype.type(cell.bit_length() - 1), out=out)
