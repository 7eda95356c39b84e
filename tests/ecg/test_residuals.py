"""Bounds of residuals, found and compared, beside their plain definition."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ecgmpi.ecg.residuals import SAMPLES_PART, largest_size, size, within

Samples = npt.NDArray[np.floating[Any]]

NO_GAPS = st.sampled_from([0.0, 0.00488, 0.02, 0.05, 3.0, 3e38, math.inf])
FEW_VALUES = NO_GAPS | st.just(math.nan)

residuals = st.sampled_from([np.float32, np.float64]).flatmap(
    lambda dtype: arrays.arrays(
        dtype, st.integers(1, 350), elements=FEW_VALUES | st.floats(0.0, 1e3, width=32)
    )
)


def plain(magnitudes: Samples) -> float:
    """The value that the given part of the values does not exceed, NaN above all."""
    return float(np.sort(magnitudes)[math.ceil(SAMPLES_PART * magnitudes.size) - 1])


@given(residuals)
def test_the_size_is_one_of_the_values(magnitudes: Samples) -> None:
    np.testing.assert_equal(size(magnitudes), plain(magnitudes))


@given(residuals, FEW_VALUES | st.floats(0.0, 1e3), st.integers(-1, 1))
def test_a_size_is_compared_as_exactly_as_it_is_found(
    magnitudes: Samples, bound: float, nudge: int
) -> None:
    # A bound next to the size itself, too, closer than two values of float32 are.
    for limit in (bound, np.nextafter(plain(magnitudes), nudge * math.inf)):
        with np.errstate(over="ignore"):
            assert within(magnitudes, float(limit)) == bool(plain(magnitudes) <= limit)


@given(
    arrays.arrays(
        np.float32,
        st.tuples(st.integers(1, 4), st.integers(1, 350)),
        elements=NO_GAPS | st.floats(0.0, 1e3, width=32),
    )
)
def test_the_largest_size_is_that_of_the_worst_residual(several: Samples) -> None:
    with np.errstate(over="ignore"):
        assert largest_size(several) == max(map(plain, several))
