"""PNG files taken apart: what they say of themselves, and their rows in any portions."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ecgmpi.drawing import bits_mask_png, draw, mask_png
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.png_file import GREY, PALETTE, UP, inflated, parse_png

PICTURE = draw(synthesize(seed=0, index=2, duration=1.0), "3x4", dpi=60.0)
PNG, MASK, BITS = PICTURE.png(), mask_png(PICTURE), bits_mask_png(PICTURE)


def test_a_picture_of_ours_says_what_it_is() -> None:
    png, mask = parse_png(PNG), parse_png(MASK)
    assert (png.width, png.height) == (PICTURE.width, PICTURE.height) == (mask.width, mask.height)
    assert png.px_per_metre == mask.px_per_metre == round(60 / 0.0254)
    assert (png.colour, len(png.palette), mask.colour, mask.palette) == (PALETTE, 768, GREY, b"")
    assert png.ours
    assert png.a_byte_a_pixel
    assert mask.a_byte_a_pixel
    bits = parse_png(BITS)
    assert (bits.width, bits.height) == (PICTURE.width, PICTURE.height)
    assert (bits.two_bytes_a_pixel, bits.a_byte_a_pixel) == (True, False)
    assert not png.two_bytes_a_pixel


@pytest.mark.parametrize(
    ("mode", "options", "plain"),
    [
        ("P", {}, True),
        ("L", {"dpi": (300, 300)}, True),
        ("P", {"transparency": 3}, False),
        ("RGB", {}, False),
        ("1", {}, False),
    ],
)
def test_one_of_another_program_is_not_ours(
    mode: str, options: dict[str, object], plain: bool
) -> None:
    shades = np.random.default_rng(0).integers(0, 256, (40, 50), np.uint8)
    file = io.BytesIO()
    Image.fromarray(shades).convert(mode).save(file, "PNG", **options)
    png = parse_png(file.getvalue())
    assert (png.width, png.height, png.ours, png.a_byte_a_pixel) == (50, 40, False, plain)
    assert png.px_per_metre == (11811 if "dpi" in options else None)


@given(st.integers(1, 2 * PICTURE.height))
def test_rows_are_the_same_however_many_come_at_a_time(n_rows: int) -> None:
    png = parse_png(PNG)
    bands = [*inflated(png, n_rows)]
    assert {len(band) for band in bands[:-1]} <= {n_rows}
    rows = np.concatenate(bands)
    assert rows.shape == (png.height, 1 + png.width)
    assert (rows[:, 0] == UP).all()
    pixels = np.add.accumulate(rows[:, 1:], axis=0, dtype=np.uint8)
    np.testing.assert_array_equal(pixels, PICTURE.indices())
    np.testing.assert_array_equal(rows, np.concatenate([*inflated(png)]))
