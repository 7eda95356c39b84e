"""The medians of leads, beside their plain definition."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ecgmpi.drawing.baseline import median, medians

SIGNALS = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 4), st.integers(0, 60)),
    elements=st.floats(-1e6, 1e6, width=32) | st.sampled_from([math.nan, math.inf, 0.0, 1.0]),
)


def test_a_median_of_zero_has_no_sign() -> None:
    (found,) = medians(np.array([[-0.0, -0.0, -0.0]], np.float32))
    assert math.copysign(1.0, found) == 1.0


@given(SIGNALS)
def test_leads_taken_together_have_the_medians_of_each(signal: npt.NDArray[np.float32]) -> None:
    there = [row[np.isfinite(row)].astype(np.float64) for row in signal]
    expected = [float(np.median(row)) if row.size else 0.0 for row in there]
    assert medians(signal) == expected
    assert [median(row) for row in signal] == expected
