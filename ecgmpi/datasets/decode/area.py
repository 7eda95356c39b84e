"""Pictures n times smaller: means of n x n pixels, exact in whole numbers."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import UsageError

from .indexed import IndexedImage, colours_of
from .paper import Paper, Places, places_of

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

MOST = 16
"""How many times smaller a picture can be made: sums of more pixels do not fit into 16 bits.

The sums of red, green and blue are packed into one number of 64 bits.
"""


def factor_of(scale: float) -> int:
    """Give n of a scale of 1/n.

    Raises
    ------
    UsageError
        It is none, or beyond 1 to 16.

    Examples
    --------
    >>> factor_of(1), factor_of(0.25), factor_of(1 / 3)
    (1, 4, 3)
    """
    number = isinstance(scale, (int, float, np.integer, np.floating)) and scale > 0
    n = round(1 / scale) if number and 1 / scale <= MOST + 1 else 0
    if not 1 <= n <= MOST or not math.isclose(n * scale, 1, rel_tol=1e-6):
        raise UsageError(f"scale {scale!r}: give 1, or 1/n with a whole n from 2 to {MOST}")
    return n


def area_mean(rgb: Bytes, n: int) -> Bytes:
    """Make an image n times smaller.

    Parameters
    ----------
    rgb
        uint8, shape (height, width, 3).
    n
        1 to 16.

    Returns
    -------
    ndarray
        uint8, shape (ceil(height / n), ceil(width / n), 3): means, rounded half up.
    """
    if n == 1:
        return rgb
    height, width, _ = rgb.shape
    down = rgb[::n].astype(np.uint16)
    for k in range(1, n):
        part = rgb[k::n]
        down[: len(part)] += part
    packed = np.zeros((*down.shape[:2], 4), "<u2")
    # One colour after another: numpy is slow where three values at a time lie together.
    for colour in range(3):
        packed[:, :, colour] = down[:, :, colour]
    return _means(_across(packed.view("<i8")[:, :, 0], n), _area(height, width, n))


def mean_of_indexed(image: IndexedImage, n: int) -> Bytes:
    """Make an image n times smaller, in colours; the same as `area_mean` of its `rgb`."""
    paper = image.paper
    if n == 1 or paper is None:
        return area_mean(image.rgb(), n)
    return _mean_of_paper(image, paper, n)


def _mean_of_paper(image: IndexedImage, paper: Paper, n: int) -> Bytes:
    height, width = image.indices.shape
    area = _area(height, width, n)
    tall, wide = area.shape
    colours = np.zeros((256, 4), "<u2")
    colours[:, :3] = image.palette
    packed = colours.view("<i8")[:, 0]
    # All the kinds of n rows of paper that there are; past the last row there is nothing to add.
    across = np.zeros((len(paper.rows) + 1, wide), np.int64)
    across[:-1] = _across(packed.take(paper.rows), n)
    blocks = np.full(tall * n, len(paper.rows), np.intp)
    blocks[:height] = paper.kinds
    first, kinds = _numbered(blocks.reshape(tall, n))
    sums = across[blocks.reshape(tall, n)[first]].sum(axis=1)
    means = _means(sums, area[first]).reshape(len(first), -1)
    found = means.take(kinds, axis=0, mode="clip").reshape(-1, 3)
    cells, more = _drawn(image, paper, packed, n)
    down = cells // wide
    there = sums.reshape(-1).take(kinds.take(down) * wide + cells - down * wide) + more
    drawn = colours_of(_means(there, area.reshape(-1).take(cells)))
    np.put(colours_of(found), cells, drawn)
    return found.reshape(tall, wide, 3)


def _drawn(image: IndexedImage, paper: Paper, packed: Ints, n: int) -> tuple[Places, Ints]:
    """Give the cells that something is drawn in, and what that adds to the sums of paper."""
    height, width = image.indices.shape
    tall, wide = -(-height // n), -(-width // n)
    row = paper.drawn // width
    column = paper.drawn - row * width
    cell = row // n * wide + column // n
    touched = np.zeros(tall * wide, np.bool_)
    touched[cell] = True
    cells = places_of(touched)
    number = np.empty(tall * wide, np.intp)
    number[cells] = np.arange(len(cells))
    now = image.indices.reshape(-1).take(paper.drawn)
    before = paper.rows.reshape(-1).take(paper.kinds.take(row) * width + column)
    # Sums of whole numbers below 2^53, which float64 adds without loss.
    weights = packed.take(now) - packed.take(before)
    more = np.bincount(number.take(cell), weights, minlength=len(cells))
    return cells, more.astype(np.int64)


def _numbered(rows: Places) -> tuple[Places, Places]:
    """Number the different rows of a table: where each kind is first, and the kind of each row."""
    seen: dict[bytes, int] = {}
    kinds = np.array([seen.setdefault(row.tobytes(), len(seen)) for row in rows], np.intp)
    first = np.empty(len(seen), np.intp)
    first[kinds[::-1]] = np.arange(len(rows) - 1, -1, -1)
    return first, kinds


def _across(values: Ints, n: int) -> Ints:
    """Add up each n along the second axis."""
    sums = values[:, ::n].copy()
    for k in range(1, n):
        part = values[:, k::n]
        sums[:, : part.shape[1]] += part
    return sums


def _area(height: int, width: int, n: int) -> Floats:
    """How many pixels each cell has."""
    tall, wide = (
        np.minimum(n, size - np.arange(0, size, n)).astype(np.float32) for size in (height, width)
    )
    return np.multiply.outer(tall, wide)


def _means(sums: Ints, area: Floats) -> Bytes:
    """Means, rounded half up, of packed colours: another axis, of three."""
    packed = np.ascontiguousarray(sums).view("<u2").reshape(*sums.shape, 4)
    means = packed[..., :3].astype(np.float32)
    # Of numbers as small as these, float32 adds and divides without loss.
    means += area[..., None] / 2
    means /= area[..., None]
    return means.astype(np.uint8)
