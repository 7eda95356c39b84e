"""Masks: the classes of their pixels, and masks n times smaller, from which nothing vanishes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .indexed import IndexedImage
from .paper import places_of

Bytes = npt.NDArray[np.uint8]
Bits = npt.NDArray[np.uint16]


def classes_of(image: IndexedImage) -> Bytes:
    """Give the shade of each pixel of a grey image: uint8, shape (height, width).

    Raises
    ------
    ValueError
        It has colours.
    """
    if image.grey:
        return image.indices
    # What makes files smaller may have written the shades of a mask as a palette.
    if (image.palette != image.palette[:, :1]).any():
        raise ValueError("it has colours: a mask is a grey PNG")
    return image.palette[:, 0].take(image.indices)


def scaled_mask(classes: Bytes, n: int) -> Bytes:
    """Make a mask n times smaller.

    Parameters
    ----------
    classes
        uint8, shape (height, width); 0 is none.
    n
        1 to 16.

    Returns
    -------
    ndarray
        uint8, shape (ceil(height / n), ceil(width / n)): of each n x n pixels the class of most
        of them, of equals the lowest; but 0 only if all are 0.
    """
    if n == 1:
        return classes
    height, width = classes.shape
    tall, wide = -(-height // n), -(-width // n)
    there = places_of(classes != 0)
    row = there // width
    column = there - row * width
    cell = row // n * wide + column // n
    # Each class of each cell, and how many pixels have it: the more the better, then the lower.
    key, count = np.unique(cell << 8 | classes.reshape(-1).take(there), return_counts=True)
    cells = key >> 8
    begin = np.flatnonzero(np.diff(cells, prepend=-1))
    best = np.maximum.reduceat(count << 8 | 255 - (key & 255), begin)
    found = np.zeros(tall * wide, np.uint8)
    found[cells[begin]] = 255 - (best & 255)
    return found.reshape(tall, wide)


def scaled_bits(bits: Bits, n: int) -> Bits:
    """Make a bit mask n times smaller: a bit is set where any of n x n pixels has it.

    `bits` is uint16, shape (height, width); the result (ceil(height / n), ceil(width / n)).
    """
    return bits if n == 1 else _reduced(np.bitwise_or, bits, n)


def scaled_grid(lines: Bytes, n: int) -> Bytes:
    """Make a grid mask n times smaller: of n x n pixels the highest class, crossings first.

    `lines` is uint8, shape (height, width); the result (ceil(height / n), ceil(width / n)).
    """
    return lines if n == 1 else _reduced(np.maximum, lines, n)


def _reduced(ufunc: np.ufunc, pixels: npt.NDArray[Any], n: int) -> npt.NDArray[Any]:
    height, width = pixels.shape
    rows = ufunc.reduceat(pixels, np.arange(0, height, n), axis=0)
    found: npt.NDArray[Any] = ufunc.reduceat(rows, np.arange(0, width, n), axis=1)
    return found
