"""The middle samples of leads, beside their plain definition."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ecgmpi.ecg.middles import middles

Samples = npt.NDArray[np.floating[Any]]

FEW_VALUES = st.sampled_from([0.0, -0.0, 0.00488, -1.0, 3e38, math.inf, -math.inf, math.nan])

rows_of_leads = st.sampled_from([np.float32, np.float64]).flatmap(
    lambda dtype: arrays.arrays(
        dtype,
        st.tuples(st.integers(1, 3), st.integers(1, 350)),
        elements=FEW_VALUES | st.floats(-1e3, 1e3, width=32),
    )
)


def plain(rows: Samples) -> list[tuple[float, float]]:
    """The middles of each row once all of it is sorted."""
    parted, n = np.sort(rows, axis=1), rows.shape[1]
    return [(float(row[(n - 1) // 2]), float(row[n // 2])) for row in parted]


@given(rows_of_leads)
def test_middles_are_those_of_all_samples_in_order(rows: Samples) -> None:
    before = rows.copy()
    np.testing.assert_array_equal(np.array(middles(rows)), np.array(plain(rows)))
    np.testing.assert_array_equal(rows, before)


@pytest.mark.parametrize("n", [2, 5000, 5001])
@pytest.mark.parametrize("instead", [-10.0, 10.0, math.inf, math.nan])
def test_middles_are_found_where_a_few_regular_samples_mislead(n: int, instead: float) -> None:
    rows = np.random.default_rng(1).normal(size=(2, n)).astype(np.float32)
    rows[1, ::16] = instead
    np.testing.assert_array_equal(np.array(middles(rows)), np.array(plain(rows)))
