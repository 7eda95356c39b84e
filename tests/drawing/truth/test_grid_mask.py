"""The grid mask: its lines are where the geometry of the picture says, whatever is drawn there."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from ecgmpi.datasets.decode import decode_grid
from ecgmpi.drawing import THEMES, Picture, annotation, draw, grid_mask, grid_mask_png
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.layouts import PAGES, STRIP
from ecgmpi.picture_formats import COMPRESSIONS

SHOWN = synthesize(seed=3, index=1, duration=6.0)


def lines_by_hand(
    middles: list[float], width: float, low: float, high: float, pixels: int
) -> npt.NDArray[np.bool_]:
    """The pixels of which some line covers at least half, or half of its width."""
    found = np.zeros(pixels, np.bool_)
    for middle in middles:
        begin, end = max(middle - width / 2, low), min(middle + width / 2, high)
        for pixel in range(max(0, math.floor(begin)), min(pixels, math.ceil(end))):
            covered = min(end, pixel + 1) - max(begin, pixel)
            found[pixel] |= covered >= min(1.0, width) / 2 - 1e-6
    return found


def by_hand(picture: Picture) -> npt.NDArray[np.uint8]:
    frame, style = picture.sheet.frame, picture.sheet.style
    px = picture.scale.px_per_mm
    kinds = []
    for low, high, pixels in (
        (frame.top, frame.bottom, frame.height),
        (frame.left, frame.right, frame.width),
    ):
        n = round((high - low) / px)
        rim = style.bold_mm * px / 2
        thin, thick = (
            lines_by_hand(
                [low + k * px for k in range(0, n + 1, step)],
                mm * px,
                low - rim - 1e-6,
                high + rim + 1e-6,
                pixels,
            )
            for step, mm in ((1, style.minor_mm), (5, style.bold_mm))
        )
        pixel = np.arange(pixels)
        inside = (pixel + 1 > low - rim + 1e-6) & (pixel < high + rim - 1e-6)
        kinds.append((thin, thick, inside))
    (thin_y, thick_y, in_y), (thin_x, thick_x, in_x) = kinds
    found = (thin_y[:, None] | thin_x).astype(np.uint8)
    found[thick_y[:, None] | thick_x] = 2
    found[thick_y[:, None] & thick_x] = 3
    return np.asarray(np.where(in_y[:, None] & in_x, found, 0), np.uint8)


@pytest.mark.parametrize("dpi", [75.0, 200.0])
@pytest.mark.parametrize("theme", ["red", "black"])
@pytest.mark.parametrize("layout", [STRIP, "3x4+1"])
def test_a_pixel_belongs_to_the_line_that_covers_half_of_it(
    layout: str, theme: str, dpi: float
) -> None:
    picture = draw(SHOWN, layout, dpi=dpi, style=THEMES[theme])
    np.testing.assert_array_equal(grid_mask(picture), by_hand(picture))


@pytest.mark.parametrize("layout", [STRIP, *PAGES])
def test_every_place_where_bold_lines_cross_is_one_in_the_mask(layout: str) -> None:
    picture = draw(SHOWN, layout, dpi=97.0)
    said, found = json.loads(annotation(picture, False)), grid_mask(picture)
    left, top, right, bottom = said["grid"]["box"]
    for y in np.arange(top, bottom + 1, said["y_grid"]):
        for x in np.arange(left, right + 1, said["x_grid"]):
            # It may lie on the edge of a pixel.
            assert found[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2].max() == 3
    across, down = round((right - left) / said["x_grid"]), round((bottom - top) / said["y_grid"])
    starts = np.diff((found == 3).astype(np.int8), axis=1, prepend=0) == 1
    rows = starts.any(axis=1)
    assert (starts[rows].sum(axis=1) == across + 1).all()
    assert (np.diff(rows.astype(np.int8), prepend=0) == 1).sum() == down + 1


def test_lines_that_cannot_be_seen_are_not_there() -> None:
    red = THEMES["red"]
    assert not grid_mask(draw(SHOWN, "3x4", dpi=60.0, style=THEMES["none"])).any()
    bold_alone = (replace(red, minor_mm=0.0), replace(red, minor=red.paper))
    for style in bold_alone:
        found = grid_mask(draw(SHOWN, "3x4", dpi=60.0, style=style))
        assert np.unique(found).tolist() == [0, 2, 3]
    found = grid_mask(draw(SHOWN, "3x4", dpi=60.0, style=replace(red, bold_mm=0.0)))
    assert np.unique(found).tolist() == [0, 1]


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_the_png_is_the_mask_for_every_picture_of_one_size(compression: str) -> None:
    for index in range(2):
        picture = draw(synthesize(seed=4, index=index, duration=6.0), "3x4", dpi=80.0)
        data = grid_mask_png(picture, compression)
        np.testing.assert_array_equal(decode_grid(data), grid_mask(picture))
        assert picture.record.encode() in data
