"""Random textures: grey levels that change at a given scale, the same on every processor."""

from __future__ import annotations

import numpy as np

from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import Floats


def generator(seed: int) -> np.random.Generator:
    """Give the generator of a texture."""
    return np.random.Generator(np.random.PCG64(seed))


def value_noise(chance: np.random.Generator, size: int, cells: tuple[int, int]) -> Floats:
    """Give random values, and what lies linearly between them.

    Parameters
    ----------
    chance
        For the values.
    size
        Of the texture in both directions, px: a multiple of both numbers of cells.
    cells
        Random values in a column and in a row.

    Returns
    -------
    ndarray
        float64, shape (size, size), -1 to 1. Its edges fit each other, so it can be repeated.
    """
    values = chance.integers(0, 256, cells).astype(np.uint8)
    # One more on each side, of what comes next where the texture is repeated.
    padded = np.pad(values, 1, mode="wrap")
    tall, wide = size // cells[0], size // cells[1]
    whole = opencv().resize(padded, ((cells[1] + 2) * wide, (cells[0] + 2) * tall))
    smooth: Floats = whole[tall : tall + size, wide : wide + size] / 127.5 - 1.0
    return smooth
