"""Masks as PNGs: whatever rows hold nothing, the pixels come back."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ecgmpi.drawing import draw
from ecgmpi.drawing.truth.grey_png import SparseRows, grey_png
from ecgmpi.picture_formats import COMPRESSIONS
from tests.drawing.signals import beats, record

PICTURE = draw(record(beats(1.0)), dpi=60.0)
RANGES = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 60)), max_size=6)


@pytest.mark.parametrize("depth", [8, 16])
@given(st.integers(1, 200), st.integers(1, 40), RANGES, st.sampled_from([*COMPRESSIONS]))
def test_pixels_come_back(
    depth: int, height: int, width: int, ranges: list[tuple[int, int]], compression: str
) -> None:
    chance = np.random.default_rng(height)
    pixels = np.zeros((height, width * depth // 8), np.uint8)
    touched = []
    for begin, size in ranges:
        end = min(begin + size, height)
        if begin < end:
            pixels[begin:end] = chance.integers(0, 256, (end - begin, pixels.shape[1]), np.uint8)
            touched.append((begin, end))
    data = grey_png(PICTURE, SparseRows(pixels, touched), {}, compression, depth)
    with Image.open(io.BytesIO(data)) as image:
        found = np.asarray(image)
    expected = pixels if depth == 8 else pixels.view(">u2")
    np.testing.assert_array_equal(found, expected)
