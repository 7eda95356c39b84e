"""The light of nodes on the pixels."""

from __future__ import annotations

import numpy as np
import pytest

from ecgmpi.wear.light.exposure import CELL, expose, stretched
from ecgmpi.wear.light.paper_texture import PaperTexture
from ecgmpi.wear.states import Texture

from .sheets import drawn, facts, sheet

PAGE = facts(250, 170)


def grey(level: int = 200) -> np.ndarray:
    return np.full((PAGE.height, PAGE.width, 3), level, np.uint8)


def test_full_light_changes_nothing() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (PAGE.height, PAGE.width, 3), np.uint8)
    before = pixels.copy()
    expose(pixels, sheet(PAGE))
    assert (pixels == before).all()


def test_a_node_lies_on_the_corner_of_its_pixel() -> None:
    state = sheet(PAGE)
    columns = state.field.shape[1]
    state.field[:] = (np.arange(columns) / (columns - 1))[None, :, None]
    pixels = grey(255)
    expose(pixels, state)
    expected = 255 * (np.arange(PAGE.width) + 0.5) / ((columns - 1) * CELL)
    assert np.abs(pixels[80, :, 1] - expected).max() <= 1.0


def test_light_is_brighter_than_flat_paper_where_the_field_says_so() -> None:
    state = sheet(PAGE)
    state.field[:, :8] = 1.25
    state.field[:, 8:] = 5.0
    pixels = grey(100)
    expose(pixels, state)
    assert (np.abs(pixels[:, :100].astype(int) - 125) <= 1).all()
    # It is bounded.
    assert (np.abs(pixels[:, 160:].astype(int) - 160) <= 1).all()


@pytest.mark.parametrize(("row", "column"), [(5, 7), (0, 0), (11, 16), (3, 16), (11, 2)])
def test_glow_is_added_where_it_is(row: int, column: int) -> None:
    state = sheet(PAGE)
    state.glow[row, column] = 80.0
    state.glow[3, 4] = 30.0
    pixels = grey(100)
    expose(pixels, state)
    levels = np.rint(state.glow).astype(np.uint8)
    expected = 100 + stretched(levels, PAGE.width, PAGE.height).astype(int)
    assert (np.abs(pixels - expected[:, :, None]) <= 1).all()


def test_textures_are_repeated_from_their_place_on() -> None:
    state = sheet(PAGE)
    tile = np.random.default_rng(2).integers(0, 100, (64, 48, 3), np.uint8)
    state.textures.append(Texture(tile, [10, 20]))
    pixels = grey(255)
    expose(pixels, state)
    rows, columns = np.arange(PAGE.height) + 10, np.arange(PAGE.width) + 20
    assert (pixels == 255 - tile[rows % 64][:, columns % 48]).all()


def test_the_texture_of_paper_takes_as_much_as_it_says() -> None:
    state = sheet(PAGE)
    PaperTexture().apply(drawn(PaperTexture(), PAGE, depth_levels=20.0), state)
    tile = state.textures[0].tile
    lost = tile.astype(int)
    assert 0 <= lost.min() < 4
    assert 14 < lost.max() <= 26
    assert 4 < lost.mean() < 14
    assert (tile[:, :, 0] == tile[:, :, 2]).all()
