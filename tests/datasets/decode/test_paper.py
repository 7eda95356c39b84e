"""Whether rows repeat or not, an image has the same colours and means."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.datasets.decode.area import area_mean, mean_of_indexed
from ecgmpi.datasets.decode.indexed import IndexedImage
from ecgmpi.datasets.decode.paper import SMALLEST, places_of

Bytes = npt.NDArray[np.uint8]


def image_of(height: int, width: int, period: int, drawn: float, seed: int) -> IndexedImage:
    """Paper that repeats after some rows, and pixels drawn on it anywhere."""
    chance = np.random.default_rng(seed)
    some = chance.integers(0, 256, (period, width), np.uint8)
    indices = np.tile(some, (height // period + 1, 1))[:height]
    on = chance.random(indices.shape) < drawn
    indices[on] = chance.integers(0, 256, np.count_nonzero(on), np.uint8)
    return IndexedImage(indices, chance.integers(0, 256, (256, 3), np.uint8))


@given(
    st.integers(200, 420),
    st.integers(SMALLEST // 200 + 1, 400),
    st.integers(1, 40),
    st.sampled_from([0, 0.001, 0.05, 0.2]),
    st.integers(2, 16),
    st.integers(0, 1 << 32),
)
def test_colours_and_means_are_those_of_each_pixel(
    height: int, width: int, period: int, drawn: float, n: int, seed: int
) -> None:
    image = image_of(height, width, period, drawn, seed)
    plain = image.palette[image.indices]
    np.testing.assert_array_equal(image.rgb(), plain)
    np.testing.assert_array_equal(mean_of_indexed(image, n), area_mean(plain, n))


def test_paper_is_found_where_there_is_some() -> None:
    found = image_of(400, 300, 16, 0.0, 1).paper
    assert found is not None
    assert (found.rows.shape, len(found.drawn)) == ((16, 300), 0)
    np.testing.assert_array_equal(found.kinds[:16], found.kinds[16:32])


@pytest.mark.parametrize(("period", "drawn"), [(400, 0.0), (16, 0.6)])
def test_paper_is_not_looked_for_where_it_does_not_pay(period: int, drawn: float) -> None:
    image = image_of(400, 300, period, drawn, 1)
    assert image.paper is None
    np.testing.assert_array_equal(image.rgb(), image.palette[image.indices])


@pytest.mark.parametrize("size", [(1 << 9, 1 << 9), (513, 513), (20, 20)])
def test_colours_without_paper(size: tuple[int, int]) -> None:
    """Large images of an even number of pixels, odd ones, small ones."""
    image = image_of(*size, period=size[0], drawn=0.0, seed=3)
    assert image.paper is None
    np.testing.assert_array_equal(image.rgb(), image.palette[image.indices])


@given(st.integers(0, 200), st.floats(0, 1), st.integers(0, 1 << 32))
def test_places_are_those_of_flatnonzero(size: int, share: float, seed: int) -> None:
    there = np.random.default_rng(seed).random(size) < share
    np.testing.assert_array_equal(places_of(there), np.flatnonzero(there))
