"""Irregular textures: small grids of random numbers, enlarged."""

from __future__ import annotations

import math

import numpy as np

from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import Bytes


def clouds(
    chance: np.random.Generator, shape: tuple[int, int], cell_px: float, octaves: int = 2
) -> Bytes:
    """Draw clouds: value noise of several sizes, each half the size and half as strong.

    Parameters
    ----------
    chance
        Draws them.
    shape
        Rows and columns that are wanted.
    cell_px
        Size of the largest, px.
    octaves
        How many sizes.

    Returns
    -------
    ndarray
        uint8, shape `shape`, about 0 to 255.
    """
    finest = max(cell_px / (1 << (octaves - 1)), 1.0)
    # All are added up at the nodes of the finest: it is the only one as large as what is wanted.
    nodes = (_nodes(shape[0], finest), _nodes(shape[1], finest))
    total = _layer(chance, nodes, shape, cell_px)
    for octave in range(1, octaves):
        finer = _layer(chance, nodes, shape, cell_px / (1 << octave))
        total = ((2 * total.astype(np.uint16) + finer) // 3).astype(np.uint8)
    return _resized(total, shape)


def grain(chance: np.random.Generator, shape: tuple[int, ...], part: float) -> Bytes:
    """Draw grain: each pixel for itself, from 255 down to where `part` is missing.

    Returns
    -------
    ndarray
        uint8, shape `shape`.
    """
    # All bytes are as likely: numpy copies them, where it has to choose in any other range.
    lots = chance.integers(0, 256, shape, np.uint8)
    lost = np.floor(np.arange(256) * part).astype(np.uint8)
    made: Bytes = opencv().LUT(lots, 255 - lost)
    return made


def _nodes(size: int, cell_px: float) -> int:
    return max(2, math.ceil(size / max(cell_px, 1.0)) + 1)


def _layer(
    chance: np.random.Generator, nodes: tuple[int, int], shape: tuple[int, int], cell_px: float
) -> Bytes:
    own = (_nodes(shape[0], cell_px), _nodes(shape[1], cell_px))
    return _resized(chance.integers(0, 256, own, np.uint8), nodes)


def _resized(small: Bytes, shape: tuple[int, int]) -> Bytes:
    if small.shape == shape:
        return small
    cv2 = opencv()
    enlarged: Bytes = cv2.resize(small, shape[::-1], interpolation=cv2.INTER_LINEAR)
    return enlarged


def generator(seed: int) -> np.random.Generator:
    """Give the generator of a texture, by a seed that was drawn for it."""
    return np.random.Generator(np.random.PCG64(seed))


def new_seed(chance: np.random.Generator) -> int:
    """Draw the seed of a texture: it is exact in JSON."""
    return int(chance.integers(0, 1 << 32))
