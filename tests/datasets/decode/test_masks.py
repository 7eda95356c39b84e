"""Masks come back as they are, and scaled ones lose no trace."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ecgmpi.datasets.decode import decode, decode_bits, decode_grid, decode_mask, decode_png
from ecgmpi.datasets.decode.masks import scaled_bits, scaled_grid, scaled_mask
from ecgmpi.drawing import (
    THEMES,
    bits_mask,
    bits_mask_png,
    draw,
    grid_mask,
    grid_mask_png,
    mask,
    mask_png,
)
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.errors import UsageError
from ecgmpi.layouts import PAGES, STRIP
from ecgmpi.picture_formats import COMPRESSIONS
from ecgmpi.readers import read

Bytes = npt.NDArray[np.uint8]


def scaled_by_counting(classes: Bytes, n: int) -> Bytes:
    height, width = classes.shape
    found = np.zeros((-(-height // n), -(-width // n)), np.uint8)
    for row, column in np.ndindex(*found.shape):
        cell = classes[row * n : (row + 1) * n, column * n : (column + 1) * n]
        count = Counter(cell[cell > 0].tolist())
        found[row, column] = min(count, key=lambda one: (-count[one], one), default=0)
    return found


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("layout", [STRIP, *PAGES])
def test_the_mask_of_every_layout_comes_back(layout: str, compression: str) -> None:
    picture = draw(synthesize(seed=2, index=4, duration=10.0), layout, dpi=80.0)
    data = mask_png(picture, compression)
    assert decode_png(data) is not None
    found = decode_mask(data)
    assert found.flags.writeable
    np.testing.assert_array_equal(found, mask(picture))


def test_the_masks_of_real_recordings_come_back(test_data: Path) -> None:
    for path in sorted((test_data / "first_china" / "TRAIN").glob("*.mat"))[:3]:
        picture = draw(read(path), "3x4+1")
        np.testing.assert_array_equal(decode_mask(mask_png(picture)), mask(picture))
        np.testing.assert_array_equal(
            decode_mask(mask_png(picture), 1 / 16), scaled_by_counting(mask(picture), 16)
        )


@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.integers(1, 255),
    st.floats(0, 1),
    st.integers(2, 16),
    st.integers(0, 1 << 32),
)
def test_a_scaled_mask_has_the_class_of_most_pixels_but_none(
    size: tuple[int, int], classes: int, share: float, n: int, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    pixels = chance.integers(1, classes, size, np.uint8, endpoint=True)
    pixels[chance.random(size) > share] = 0
    np.testing.assert_array_equal(scaled_mask(pixels, n), scaled_by_counting(pixels, n))


@pytest.mark.parametrize("n", [2, 8, 16])
def test_no_lead_vanishes_from_a_scaled_mask(n: int) -> None:
    thin = replace(THEMES["red"], trace_mm=0.05)
    picture = draw(synthesize(seed=2, index=4, duration=10.0), "3x4+1", dpi=150.0, style=thin)
    there = mask(picture)
    found = decode_mask(mask_png(picture), 1 / n)
    assert found.shape == (-(-there.shape[0] // n), -(-there.shape[1] // n))
    assert set(np.unique(found)) == set(np.unique(there))


def test_a_mask_of_shades_that_became_a_palette_comes_back() -> None:
    classes = np.random.default_rng(0).integers(0, 20, (30, 40), np.uint8)
    shades = np.random.default_rng(1).permutation(256).astype(np.uint8)
    place = np.argsort(shades).astype(np.uint8)
    for colours in (256, 16):
        image = Image.fromarray(place[classes] if colours == 256 else classes % 16)
        image.putpalette(np.repeat(shades[:colours], 3).tobytes())
        file = io.BytesIO()
        image.save(file, "PNG", optimize=True)
        expected = classes if colours == 256 else shades[classes % 16]
        np.testing.assert_array_equal(decode_mask(file.getvalue()), expected)


def test_a_picture_is_no_mask() -> None:
    picture = draw(synthesize(seed=2, index=4, duration=2.0), dpi=50.0)
    again = io.BytesIO()
    Image.fromarray(decode(picture.png())).save(again, "PNG")
    for data in (picture.png(), again.getvalue()):
        with pytest.raises(ValueError, match="a mask is a grey PNG"):
            decode_mask(data)
    with pytest.raises(UsageError, match="scale"):
        decode_mask(mask_png(picture), 0.4)


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("layout", [STRIP, "3x4+1"])
def test_the_bits_of_a_picture_come_back(layout: str, compression: str) -> None:
    picture = draw(synthesize(seed=2, index=4, duration=10.0), layout, dpi=80.0)
    found = decode_bits(bits_mask_png(picture, compression))
    assert found.dtype == np.uint16
    assert found.flags.writeable
    np.testing.assert_array_equal(found, bits_mask(picture))


@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40)), st.integers(2, 16), st.integers(0, 1 << 32)
)
def test_no_bit_and_no_crossing_vanishes_from_a_smaller_mask(
    size: tuple[int, int], n: int, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    bits = np.uint16(1) << chance.integers(0, 16, size, np.uint16)
    bits[chance.random(size) < 0.8] = 0
    grid = chance.choice(4, size, p=(0.6, 0.3, 0.09, 0.01)).astype(np.uint8)
    smaller, fewer = scaled_bits(bits, n), scaled_grid(grid, n)
    assert smaller.shape == fewer.shape == (-(-size[0] // n), -(-size[1] // n))
    for row, column in np.ndindex(*smaller.shape):
        cell = np.s_[row * n : (row + 1) * n, column * n : (column + 1) * n]
        assert smaller[row, column] == np.bitwise_or.reduce(bits[cell], axis=None)
        assert fewer[row, column] == grid[cell].max()


def test_bits_that_another_program_wrote_again_come_back() -> None:
    picture = draw(synthesize(seed=2, index=4, duration=2.0), "3x4", dpi=60.0)
    again = io.BytesIO()
    with Image.open(io.BytesIO(bits_mask_png(picture))) as image:
        image.save(again, "PNG")
    assert again.getvalue() != bits_mask_png(picture)
    np.testing.assert_array_equal(decode_bits(again.getvalue()), bits_mask(picture))
    with pytest.raises(ValueError, match="a bit mask is a grey PNG of 16 bits"):
        decode_bits(mask_png(picture))
    with pytest.raises(ValueError, match="damaged PNG"):
        decode_bits(bits_mask_png(picture)[:-40])


def test_the_grid_of_a_picture_comes_back_at_any_size() -> None:
    picture = draw(synthesize(seed=2, index=4, duration=10.0), "3x4", dpi=80.0)
    there = grid_mask(picture)
    np.testing.assert_array_equal(decode_grid(grid_mask_png(picture)), there)
    half = decode_grid(grid_mask_png(picture), 1 / 2)
    assert half.shape == (-(-there.shape[0] // 2), -(-there.shape[1] // 2))
    assert (half == 3).sum() <= (there == 3).sum()
    assert set(np.unique(half)) == {0, 1, 2, 3}
