"""Arrays as files: what numpy writes comes back, and nothing else passes for an array."""

from __future__ import annotations

import io
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ecgmpi.npy import from_npy, npy

DTYPES = ["|b1", "|u1", "<i2", "<u4", "<i8", "<f2", "<f4", "<f8"]


def by_numpy(array: npt.NDArray[Any]) -> bytes:
    content = io.BytesIO()
    np.save(content, array, allow_pickle=False)
    return content.getvalue()


@given(
    st.sampled_from(DTYPES).flatmap(
        lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, min_side=0))
    )
)
def test_what_numpy_writes_comes_back(array: npt.NDArray[Any]) -> None:
    found = from_npy(by_numpy(array))
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert found.tobytes() == array.tobytes()
    assert found.flags.writeable


@pytest.mark.parametrize(
    "array", [np.zeros((2, 3)).T, np.zeros(2, ">f4"), np.zeros(2, "<c8"), np.array(["a"])]
)
def test_any_other_array_is_refused(array: npt.NDArray[Any]) -> None:
    with pytest.raises(ValueError, match=r"no \.npy file of plain numbers"):
        from_npy(by_numpy(array))


ARRAY = np.arange(6, dtype=np.float32).reshape(3, 2)
CONTENT = npy(ARRAY)


@given(st.integers(0, len(CONTENT) - 1))
def test_no_part_of_an_array_passes_for_it(end: int) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        from_npy(CONTENT[:end])


@given(st.integers(0, len(CONTENT) - ARRAY.nbytes - 1), st.integers(1, 255))
def test_another_beginning_is_refused_or_of_another_type(at: int, change: int) -> None:
    data = bytearray(CONTENT)
    data[at] ^= change
    try:
        found = from_npy(bytes(data))
    except ValueError:
        return
    assert found.nbytes <= ARRAY.nbytes


def test_more_than_an_array_is_refused() -> None:
    with pytest.raises(ValueError, match="damaged array: 25 bytes, of 24 for 6 values"):
        from_npy(CONTENT + b"x")


def test_threads_read_at_once() -> None:
    switched = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            for found in threads.map(from_npy, [CONTENT] * 4000):
                assert found.shape == ARRAY.shape
    finally:
        sys.setswitchinterval(switched)
