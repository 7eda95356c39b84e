"""The map of every pixel, bilinear between the nodes of a grid: in whole numbers, without error.

What is interpolated over a cell has as many parts as the cell has pixels. Multiplied to 2^16 parts,
with a half added, its upper 16 bits are the offset, rounded, and need no division.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Shorts = npt.NDArray[np.int16]
Words = npt.NDArray[np.int32]

CELLS = (4, 8, 16)
"""Sides of a cell, px."""


def dense_map(
    offsets: Shorts, width: int, height: int, cell: int
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

    Returns
    -------
    places : ndarray
        int16, shape (height, width, 2): whole column and row.
    fractions : ndarray
        uint16, shape (height, width): 32 times the rest of y, in 1/32 px, plus that of x.
    """
    places = np.empty((height, width, 2), np.int16)
    fractions = np.empty((height, width), np.uint16)
    first, step = _rows_of_nodes(offsets, width, cell)
    # Column and row of each pixel in a row of cells: x and y side by side, in 32 bits.
    own = np.empty((cell, 2 * width), np.int16)
    own[:, 0::2] = np.arange(width)
    own[:, 1::2] = np.arange(cell)[:, None]
    own_pairs = own.view(np.uint32)
    # These stay in the cache of a core, row of cells after row of cells.
    both = np.empty((2, cell, width), np.int32)
    pairs, y = both.view(np.uint32)
    rounded = both[0].view(np.int16)
    flat = places.reshape(height, -1)
    for i in range(len(offsets) - 1):
        top = i * cell
        rows = min(cell, height - top)
        _fill(both, first[:, i], step[:, i], rows)
        # The upper halves of both become neighbours.
        np.right_shift(pairs, 16, out=pairs)
        np.bitwise_and(y, 0xFFFF0000, out=y)
        np.bitwise_or(pairs, y, out=pairs)
        np.right_shift(rounded[:rows], 5, out=flat[top : top + rows])
        flat[top : top + rows] += own[:rows]
        # 5 bits of x, and 5 of y 16 bits above them, meet in the upper half of a product.
        np.bitwise_and(pairs, 0x001F001F, out=pairs)
        np.multiply(pairs, (1 << 16) | (1 << 5), out=pairs)
        np.right_shift(pairs, 16, out=pairs)
        np.copyto(fractions[top : top + rows], pairs[:rows], casting="unsafe")
        own_pairs += np.uint32(cell << 16)
    return places, fractions


def _rows_of_nodes(offsets: Shorts, width: int, cell: int) -> tuple[Words, Words]:
    """Offsets along each row of nodes, and by how much those of the next row of pixels differ.

    Both are of shape (2, rows, width), in 2^-16 of the offsets' unit, the first with a half added.
    """
    nodes = np.ascontiguousarray(offsets.transpose(2, 0, 1)).astype(np.int32)
    nodes *= (1 << 16) // (cell * cell)
    rows, columns = nodes.shape[1:]
    along = np.empty((2, rows, columns - 1, cell), np.int32)
    slope = nodes[:, :, 1:] - nodes[:, :, :-1]
    np.multiply(slope[..., None], np.arange(cell, dtype=np.int32), out=along)
    along += (nodes[:, :, :-1] * cell)[..., None]
    first = along.reshape(2, rows, -1)[:, :, :width]
    step = first[:, 1:] - first[:, :-1]
    first *= cell
    first += 1 << 15
    return first, step


def _fill(both: Words, first: Words, step: Words, rows: int) -> None:
    """Fill the rows of pixels below a row of nodes; `step` is used up."""
    both[:, 0] = first
    # The second row is a step below the first, the next two are two steps below these, the next
    # four four steps below: fewer calls than row by row, and less work than a product for each.
    down, done = step[:, None], 1
    while done < rows:
        np.add(both[:, :done], down, out=both[:, done : 2 * done])
        down += down
        done *= 2
