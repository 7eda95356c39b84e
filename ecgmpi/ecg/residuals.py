"""What a residual of two leads amounts to: the bound that 99 of 100 of its samples keep.

To find that bound takes a partial sort. To compare it with another takes one count, so it is
found only where it is told.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from .middles import middles

SAMPLES_PART = 0.99
"""The part of the samples that a residual covers: a spike, or a tenth of a second of a
disconnected lead, does not make leads inconsistent."""

Samples = npt.NDArray[np.floating[Any]]

_GUESS = 96
"""In hundredths: nearly always, that many of the few samples lie below fewer than 99 of all."""

_STRIDE = 16
"""One sample in this many tells which of several residuals is likely the largest."""


def size(magnitudes: Samples) -> float:
    """Give the bound on `SAMPLES_PART` of a residual, mV.

    One of its values, not interpolated, so that it is the same on every processor.

    Parameters
    ----------
    magnitudes
        Of the residual, without signs, mV, shape (n_samples,), at least one.
    """
    # Only the largest are sorted: those from a bound that a few samples tell, or all where it is
    # too high. numpy's own partition of 5,000 values takes 30 us, or 300 where most are one of a
    # few steps (2.4, Zen 4).
    place, n = _place(magnitudes.size), magnitudes.size
    few = np.sort(magnitudes[::_STRIDE])
    upper = magnitudes[~(magnitudes < few[_GUESS * len(few) // 100])]
    if n - len(upper) > place:
        upper = magnitudes
    return float(np.sort(upper)[place - (n - len(upper))])


def within(magnitudes: Samples, bound: float) -> bool:
    """Whether the `size` of a residual is at most `bound`, mV."""
    # A bound between two values of the samples' type must not be rounded up to the next.
    limit = magnitudes.dtype.type(bound)
    if float(limit) > bound:
        limit = np.nextafter(limit, magnitudes.dtype.type(-math.inf))
    return bool(np.count_nonzero(magnitudes <= limit) > _place(magnitudes.size))


def largest_size(residuals: Iterable[Samples]) -> float:
    """Give the largest `size` of several residuals, mV.

    Parameters
    ----------
    residuals
        Magnitudes of each, as `size` takes them. If the size of one is NaN, all others must
        be infinite or NaN, as they are where I or II is infinite: so is the result.
    """
    # The likely largest first: the others are then compared with it.
    likely = sorted(residuals, key=lambda one: -float(one[::_STRIDE].sum()))
    largest = size(likely[0])
    for magnitudes in likely[1:]:
        if not within(magnitudes, largest):
            largest = size(magnitudes)
    return largest


def median(samples: Samples) -> float:
    """Give the middle sample, the upper one of two, mV."""
    return middles(samples[None])[0][1]


def centred(samples: Samples) -> Samples:
    """Give the magnitudes of a residual without its offset, mV."""
    free = samples - median(samples)
    magnitudes: Samples = np.abs(free, out=free)
    return magnitudes


def _place(n: int) -> int:
    return math.ceil(SAMPLES_PART * n) - 1
