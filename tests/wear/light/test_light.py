"""What each effect does to the light, against what physics says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.wear.light.auto_exposure import AutoExposure
from ecgmpi.wear.light.colour import gains
from ecgmpi.wear.light.exposure import expose
from ecgmpi.wear.light.flare import Flare
from ecgmpi.wear.light.glare import Glare, Reflection
from ecgmpi.wear.light.lamp import Lamp
from ecgmpi.wear.light.moire import Flicker, Moire
from ecgmpi.wear.light.shading import Shading
from ecgmpi.wear.light.shadow import EDGE, PHONE, Shadow
from ecgmpi.wear.light.soft_shapes import box_distance, half_sheet, wave
from ecgmpi.wear.light.vignette import Vignette
from ecgmpi.wear.light.white_balance import WhiteBalance

from .sheets import drawn, facts, sheet


def test_a_flap_that_faces_the_lamp_is_brighter() -> None:
    state = sheet(facts())
    left = state.x_mm < 0
    # A ridge: to its left the sheet rises to the right, so it faces left.
    state.slope_x[:] = np.where(left, 0.1, -0.1)
    found = drawn(Shading(), facts(), strength_part=0.9, elevation_deg=45.0)
    Shading().apply({**found, "azimuth_deg": 180.0}, state)
    # Lambert: the cosine of 45 degrees less, or more, the angle of the slope.
    slope = np.degrees(np.arctan(0.1))
    for side, angle in ((left, 45 - slope), (~left, 45 + slope)):
        expected = 1 + 0.9 * (np.cos(np.radians(angle)) / np.cos(np.radians(45)) - 1)
        assert np.allclose(state.field[side][:, 2], expected, atol=1e-6)
    assert (state.field[left] > 1).all()
    assert (state.field[~left] < 1).all()


def test_shading_keeps_to_the_sheet() -> None:
    state = sheet(facts(), zoom=0.7)
    state.slope_x[:] = 0.1
    Shading().apply(drawn(Shading(), facts(), strength_part=0.9, elevation_deg=45.0), state)
    far = box_distance(state.x_mm, state.y_mm, half_sheet(state), 0.0) > 6.0
    assert far.any()
    assert (state.field[far] == 1.0).all()
    assert (state.field[~far] != 1.0).any()


@given(seed=st.integers(0, 1000), height=st.floats(150, 900))
def test_light_of_a_lamp_falls_off_with_distance(seed: int, height: float) -> None:
    state = sheet(facts())
    found = drawn(Lamp(), facts(), seed, part=0.6, height_mm=height)
    Lamp().apply(found, state)
    far = np.hypot(state.x_mm - found["x_mm"], state.y_mm - found["y_mm"]).ravel()
    light = state.field[:, :, 1].ravel()
    assert light.max() == pytest.approx(1.0)
    assert (np.diff(light[np.argsort(far, kind="stable")]) <= 1e-12).all()
    # The cube of the cosine, of what does not come from everywhere.
    cubes = (1 + (far / height) ** 2) ** -1.5
    assert np.allclose(light, 0.4 + 0.6 * cubes / cubes.max())


def test_a_shadow_of_an_edge_is_where_it_should_be() -> None:
    state = sheet(facts())
    found = drawn(Shadow(), facts(), depth_part=0.4, soft_mm=10.0, reach_part=0.5)
    Shadow().apply({**found, "of": EDGE, "angle_deg": 0.0}, state)
    # It comes from the right, half of the right half in.
    edge = facts().width_mm / 4
    assert np.allclose(state.field[state.x_mm > edge + 5.1], 0.6)
    assert np.allclose(state.field[state.x_mm < edge - 5.1], 1.0)


@pytest.mark.parametrize("seed", range(5))
def test_a_phone_darkens_some_of_the_sheet(seed: int) -> None:
    state = sheet(facts(1280, 960))
    found = drawn(Shadow(), facts(1280, 960), seed, depth_part=0.4, soft_mm=10.0, reach_part=0.5)
    Shadow().apply({**found, "of": PHONE}, state)
    dark = state.field[:, :, 0] < 0.61
    assert 0.02 < dark.mean() < 0.6
    assert state.field.min() >= 0.6 - 1e-12


def test_corners_lack_what_the_vignette_says() -> None:
    state = sheet(facts())
    Vignette().apply(drawn(Vignette(), facts(), part=0.3), state)
    rows, columns = state.x_mm.shape
    assert np.allclose(state.field[0, 0], 0.7)
    assert np.allclose(state.field[rows // 2, columns // 2], 1.0, atol=1e-3)


@given(st.floats(-150, 150), st.floats(-0.1, 0.1))
def test_warm_light_has_more_red_than_blue(warmth: float, tint: float) -> None:
    blue, green, red = gains(warmth, tint)
    assert max(blue, green, red) == 1.0
    assert min(blue, green, red) > 0.5
    assert (red > blue) == (warmth > 0) or abs(warmth) < 1e-9


def test_a_cast_is_the_same_everywhere() -> None:
    state = sheet(facts())
    WhiteBalance().apply(drawn(WhiteBalance(), facts(), warmth_mired=20.0), state)
    assert (state.field == np.array(gains(20.0))).all()


@given(st.floats(0.4, 1.3), st.integers(0, 50))
def test_exposure_brings_the_mean_to_its_value(mean: float, seed: int) -> None:
    state = sheet(facts())
    state.field *= np.random.default_rng(seed).uniform(0.2, 1.2, state.field.shape)
    AutoExposure().apply({"mean_part": mean}, state)
    assert state.field.mean() == pytest.approx(mean, rel=1e-3)


@pytest.mark.parametrize("effect", [Glare(), Reflection()])
@pytest.mark.parametrize("seed", range(4))
def test_a_reflection_adds_light_around_its_place_alone(
    effect: Glare | Reflection, seed: int
) -> None:
    state = sheet(facts())
    found = drawn(effect, facts(), seed, strength_levels=60.0, radius_mm=15.0)
    effect.apply(found, state)
    assert state.glow.max() <= 60.0
    width, height = half_sheet(state)
    x, y = (part * half for part, half in zip(found["place_part"], (width, height), strict=True))
    far = np.hypot(state.x_mm - x, state.y_mm - y)
    assert not state.glow[far > 15.0 * 3 * 2.5].any()
    assert state.glow[far < 25.0].max() > 10.0
    assert (state.field == 1.0).all()


def test_stripes_are_the_beat_of_two_lattices() -> None:
    # The picture shows a screen 5 % larger than the sensor's lattice: 5 stripes in 100 pixels.
    page = facts(1600, 320)
    state = sheet(page, zoom=1 / 1.05)
    pitch = 1.0
    found = drawn(Moire(), page, strength_part=0.2, pitch_mm=pitch)
    still = {"off_part": [0.0, 0.0], "turn_part": [0.0, 0.0]}
    Moire().apply({**found, **still}, state)
    green = state.field[5, :, 1] - state.field[5, :, 1].mean()
    stripes = np.count_nonzero(np.diff(np.sign(green))) / 2
    assert stripes == pytest.approx(page.width_mm / pitch * 0.05, abs=1)
    # Colours are apart by a third of a stripe, so they are not the same, and grey on average.
    assert np.abs(state.field[:, :, 0] - state.field[:, :, 2]).max() > 0.05
    assert state.field.mean() == pytest.approx(1.0, abs=0.01)


def test_stripes_that_are_too_fine_are_not_seen() -> None:
    state = sheet(facts(), zoom=0.5)
    Moire().apply(drawn(Moire(), facts(), strength_part=0.5, pitch_mm=0.4), state)
    assert np.allclose(state.field, 1.0)


def test_bands_are_as_many_as_were_asked_for() -> None:
    page = facts(320, 1600)
    state = sheet(page)
    Flicker().apply(drawn(Flicker(), page, depth_part=0.2, bands=5.0), state)
    column = state.field[:-1, 0, 0]
    assert np.count_nonzero(np.diff(np.sign(column - 0.9))) in (9, 10, 11)
    assert column.min() == pytest.approx(0.8, abs=0.01)
    assert (state.field == state.field[:, :1, :1]).all()


@given(st.floats(-3, 3))
def test_a_wave_is_nearly_a_sine(turns: float) -> None:
    found = float(wave(np.array(turns)))
    assert found == pytest.approx(np.sin(2 * np.pi * turns), abs=0.06)


def test_flare_lifts_black_and_keeps_white() -> None:
    state = sheet(facts())
    Flare().apply(drawn(Flare(), facts(), black_levels=40.0), state)
    pixels = np.zeros((state.height, state.width, 3), np.uint8)
    pixels[:, 300:] = 255
    expose(pixels, state)
    assert (pixels[:, :300] == 40).all()
    assert (pixels[:, 300:] == 255).all()
