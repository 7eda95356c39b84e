"""What lies around the sheet."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgmpi.wear.light.background import Desk, Monitor, Platen
from ecgmpi.wear.light.pixel_grid import PixelGrid
from ecgmpi.wear.light.soft_shapes import box_distance, half_sheet
from ecgmpi.wear.light.surface_tiles import COLOURS, SIZE, surface_tile
from ecgmpi.wear.light.surroundings import strips
from ecgmpi.wear.states import Hiding, LightState, MarksState

from .sheets import drawn, facts, sheet


def distances(state: LightState) -> np.ndarray:
    """Distance of each pixel from the sheet, mm, linearly between nodes."""
    far = box_distance(state.x_mm, state.y_mm, half_sheet(state), 0.0)
    rows, columns = np.arange(state.height) + 0.5, np.arange(state.width) + 0.5
    across = np.stack([np.interp(columns, np.arange(far.shape[1]) * 16.0, row) for row in far])
    nodes = np.arange(far.shape[0]) * 16.0
    return np.stack([np.interp(rows, nodes, column) for column in across.T], axis=1)


@settings(deadline=None, max_examples=60)
@given(st.floats(0.5, 1.3), st.floats(-180, 180), st.floats(-40, 40), st.floats(-40, 40))
def test_strips_hold_all_that_the_sheet_leaves_free(
    zoom: float, turned: float, right: float, down: float
) -> None:
    state = sheet(facts(), zoom, turned)
    state.x_mm += right
    state.y_mm += down
    free = np.zeros((state.height, state.width), np.uint8)
    for strip in strips(state):
        strip.of(free)[:] += 1
    # Each pixel lies in one at most.
    assert free.max() <= 1
    assert free[distances(state) > 0.0].all()


def test_a_sheet_that_lies_straight_leaves_little_to_do() -> None:
    state = sheet(facts(1600, 1200), zoom=0.95)
    held = sum(strip.of(np.ones((1200, 1600), np.uint8)).sum() for strip in strips(state))
    assert held < 0.25 * 1600 * 1200


@pytest.mark.parametrize("seed", range(4))
def test_a_desk_is_darkest_at_the_sheet(seed: int) -> None:
    state = sheet(facts(), zoom=0.7, turned_deg=4.0)
    found = drawn(Desk(), facts(), seed, shadow_part=0.5, shadow_mm=10.0)
    found |= {"material": "plain", "colour": [200, 200, 200]}
    Desk().apply(found, state)
    assert state.background is not None
    far = distances(state)
    plain = state.background[far > 22.0].mean()
    assert plain == pytest.approx(200, abs=6)
    levels = state.background.mean(axis=2)
    # Its middle lies beside the sheet's, so at the other side less of it is seen.
    assert levels[(far > 0.5) & (far < 1.5)].min() < 0.62 * plain
    assert state.background[far < -12.0].mean() == pytest.approx(0.75 * plain, abs=4)


def test_shadows_have_no_seams() -> None:
    state = sheet(facts(), zoom=0.8)
    found = drawn(Desk(), facts(), shadow_part=0.55, shadow_mm=25.0)
    Desk().apply({**found, "material": "plain", "colour": [220, 220, 220]}, state)
    assert state.background is not None
    smooth = state.background[:, :, 0].astype(int)
    assert max(np.abs(np.diff(smooth, axis=axis)).max() for axis in (0, 1)) < 20


@pytest.mark.parametrize("material", COLOURS)
def test_materials_differ_and_can_be_repeated(material: str) -> None:
    tile = surface_tile(material).astype(int)
    assert tile.shape == (SIZE, SIZE)
    assert abs(tile.mean() - 128) < 8
    for axis in (0, 1):
        inside = np.abs(np.diff(tile, axis=axis)).mean()
        seam = np.abs(tile.take(0, axis) - tile.take(-1, axis)).mean()
        assert seam < 2.5 * inside + 3


def test_a_lid_is_nearly_white() -> None:
    state = sheet(facts(), zoom=0.8)
    Platen().apply(drawn(Platen(), facts(), grey_levels=20.0, shadow_part=0.4), state)
    assert state.background is not None
    far = distances(state)
    assert state.background[far > 5.0].mean() == pytest.approx(235, abs=3)
    assert state.background[(far > 0) & (far < 0.5)].mean() < 225


def test_a_screen_has_a_window_and_a_frame() -> None:
    state = sheet(facts(), zoom=0.7, turned_deg=2.0)
    found = drawn(Monitor(), facts(), window_mm=8.0, frame_levels=12.0)
    Monitor().apply({**found, "window_levels": 120, "bluer_levels": 0}, state)
    assert state.background is not None
    far = distances(state)
    levels = state.background[:, :, 1]
    assert (levels[(far > 0.5) & (far < 7.0)] == 120).all()
    # Corners of frames are no arcs: their distance is the longer one of two sides.
    assert (levels[far > 14.5] == 12).all()


@pytest.mark.parametrize("phase", [0.0, 0.3])
def test_stripes_of_a_screen_have_their_pitch_and_colours(phase: float) -> None:
    state = MarksState(
        np.full((60, 90, 3), 255, np.uint8), 10.0, Hiding((60, 90)), Hiding((60, 90))
    )
    amounts = {"depth_part": 0.6, "pitch_mm": 0.9}
    PixelGrid().apply({**amounts, "phase_turns": [phase, 0.0]}, state)
    lit = state.pixels.astype(int)
    assert (lit[:, 9:] == lit[:, :-9]).all()
    assert lit.max() == 255
    assert abs(lit.min() - 255 * 0.4) <= 1
    # From left to right: red, green, blue, three pixels each.
    row = lit[1]
    first = {name: int(np.flatnonzero(row[:27, k] == 255)[0]) for k, name in enumerate("bgr")}
    assert (first["g"] - first["r"]) % 9 == 3
    assert (first["b"] - first["g"]) % 9 == 3
    # Dark rows lie between the screen's rows.
    assert (lit[:, :, 1].max(axis=1) < 255).any()
