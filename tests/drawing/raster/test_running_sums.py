"""Sums down the rows, beside numpy's own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ecgmpi.drawing.raster.running_sums import summed_down


@given(arrays.arrays(np.uint8, st.tuples(st.integers(0, 70), st.integers(0, 5))))
def test_they_are_those_of_numpy(changes: npt.NDArray[np.uint8]) -> None:
    before = changes.copy()
    found = summed_down(changes)
    np.testing.assert_array_equal(found, np.cumsum(changes, axis=0, dtype=np.uint8))
    np.testing.assert_array_equal(changes, before)


@pytest.mark.parametrize("height", [255, 256, 257, 1700])
def test_a_part_of_wider_rows_is_summed(height: int) -> None:
    rows = np.random.default_rng(height).integers(0, 256, (height, 9)).astype(np.uint8)
    rows.flags.writeable = False
    found = summed_down(rows[:, 1:])
    assert found.flags.c_contiguous
    assert found.flags.writeable
    np.testing.assert_array_equal(found, np.cumsum(rows[:, 1:], axis=0, dtype=np.uint8))
