"""What each effect of the sensor does, in its units."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgmpi.wear.effect import Effect
from ecgmpi.wear.sensor.black_and_white import Grey, Threshold
from ecgmpi.wear.sensor.blur import Blur, Motion, motion_kernel
from ecgmpi.wear.sensor.contrast import Contrast
from ecgmpi.wear.sensor.fax_lines import FaxLines
from ecgmpi.wear.sensor.jpeg_quality import JpegQuality
from ecgmpi.wear.sensor.noise import Noise, noise_tile
from ecgmpi.wear.sensor.resolution import Resolution
from ecgmpi.wear.sensor.sharpen import Sharpen
from ecgmpi.wear.sensor.stage import SENSOR
from ecgmpi.wear.states import SensorState

from .pictures import PX_PER_MM, drawn, page, sensor

EACH = pytest.mark.parametrize("effect", SENSOR, ids=lambda effect: effect.name)
ALWAYS = (Grey.name, Threshold.name)


def spread(pixels: np.ndarray, axis: int) -> float:
    """Standard deviation of the light of a dot along an axis, px."""
    light = pixels[:, :, 0].astype(float).sum(axis=1 - axis)
    places = np.arange(light.size)
    mean = (light * places).sum() / light.sum()
    return float(np.sqrt((light * (places - mean) ** 2).sum() / light.sum()))


def dot() -> np.ndarray:
    """A bright square of five pixels."""
    pixels = np.zeros((41, 41, 3), np.uint8)
    pixels[18:23, 18:23] = 255
    return pixels


@EACH
def test_json_of_what_was_drawn_gives_the_same_bytes(effect: Effect[SensorState]) -> None:
    most = {p.name: p.most if p.most != p.neutral else p.least for p in effect.parameters}
    found = drawn(effect, 3, **most)
    one, two = sensor(), sensor()
    effect.apply(found, one)
    effect.apply(json.loads(json.dumps(found)), two)
    assert one.pixels.tobytes() == two.pixels.tobytes()
    assert one.quality == two.quality
    assert one.pixels.tobytes() != page().tobytes() or one.quality != sensor().quality


@EACH
def test_at_neutral_values_there_is_nothing_to_see(effect: Effect[SensorState]) -> None:
    state = sensor()
    effect.apply(drawn(effect), state)
    if effect.name not in ALWAYS:
        assert (state.pixels == page()).all()


@EACH
def test_grey_pictures_stay_grey(effect: Effect[SensorState]) -> None:
    state = sensor()
    Grey().apply({}, state)
    effect.apply(drawn(effect, 3, **{p.name: p.most for p in effect.parameters}), state)
    assert state.pixels.shape == (300, 400)
    assert state.pixels.dtype == np.uint8


@pytest.mark.parametrize("sigma_mm", [0.08, 0.12, 0.2, 0.4])
def test_a_blur_has_its_width_in_millimetres(sigma_mm: float) -> None:
    state = sensor(dot())
    Blur().apply(drawn(Blur(), sigma_mm=sigma_mm), state)
    for axis in (0, 1):
        added = np.sqrt(spread(state.pixels, axis) ** 2 - spread(dot(), axis) ** 2)
        assert added == pytest.approx(sigma_mm * PX_PER_MM, rel=0.25)


@given(st.floats(0.6, 6.0), st.floats(0, 180))
def test_a_way_is_straight_and_as_long_as_it_says(length: float, angle: float) -> None:
    kernel = motion_kernel(length, angle).astype(np.float64)
    size = kernel.shape[0]
    # Sums of whole 64ths are exact in floats, whatever their order; 7 x 7 is the largest.
    assert size in (3, 5, 7)
    assert (kernel * 64 == np.rint(kernel * 64)).all()
    assert kernel.sum() == 1.0
    y, x = np.mgrid[:size, :size] - size // 2
    assert abs((kernel * x).sum()) < 0.1
    assert abs((kernel * y).sum()) < 0.1
    along = np.cos(np.radians(angle)) * x + np.sin(np.radians(angle)) * y
    across = np.cos(np.radians(angle)) * y - np.sin(np.radians(angle)) * x
    # An even way has length^2 / 12; what lies between pixels adds up to a quarter.
    assert -0.15 < (kernel * along**2).sum() - length**2 / 12 < 0.35
    assert (kernel * across**2).sum() < 0.4


@pytest.mark.parametrize("length_mm", [0.3, 1.4])
def test_motion_smears_along_its_way(length_mm: float) -> None:
    state = sensor(dot())
    Motion().apply({"length_mm": length_mm, "angle_deg": 0.0}, state)
    assert spread(state.pixels, 0) == pytest.approx(spread(dot(), 0), abs=0.05)
    added = spread(state.pixels, 1) ** 2 - spread(dot(), 1) ** 2
    length = length_mm * PX_PER_MM
    # Short ways after each other spread less than one long way.
    assert length**2 / 30 < added < length**2 / 12 + 0.4


@pytest.mark.parametrize("sigma", [1.0, 3.0, 8.0])
def test_noise_has_its_standard_deviation_and_no_bias(sigma: float) -> None:
    state = sensor(np.full((512, 700, 3), 128, np.uint8))
    Noise().apply(drawn(Noise(), sigma_levels=sigma), state)
    noise = state.pixels.astype(float) - 128
    assert noise.std() == pytest.approx(sigma, rel=0.12)
    assert abs(noise.mean()) < 0.05
    # Most of it is brightness.
    assert np.corrcoef(noise[:, :, 0].ravel(), noise[:, :, 2].ravel())[0, 1] > 0.7


def test_noise_stops_at_black_and_white() -> None:
    state = sensor(np.full((64, 64, 3), 255, np.uint8))
    Noise().apply(drawn(Noise(), sigma_levels=10.0), state)
    assert state.pixels.min() > 200


def test_noise_of_copies_differs_in_its_place() -> None:
    one, two = (sensor(np.full((64, 64, 3), 128, np.uint8)) for _ in range(2))
    Noise().apply(drawn(Noise(), 1, sigma_levels=5.0), one)
    Noise().apply(drawn(Noise(), 2, sigma_levels=5.0), two)
    assert (one.pixels != two.pixels).mean() > 0.5


def test_the_tile_of_noise_is_normal_enough() -> None:
    values = (noise_tile().astype(float) - 128) / 32
    assert values.std() == pytest.approx(1.0, abs=0.03)
    assert (np.abs(values) > 2).mean() == pytest.approx(0.0455, abs=0.01)


def test_contrast_moves_black_and_white() -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    state = sensor(ramp)
    Contrast().apply(drawn(Contrast(), black_levels=20.0, white_levels=15.0, bend_part=0.3), state)
    seen = state.pixels[0, :, 0].astype(int)
    assert seen[0] == 20
    assert seen[255] == 240
    assert (np.diff(seen) >= 0).all()
    assert seen[128] > 20 + 220 * 128 / 255


def test_sharpening_leaves_flat_parts_and_lights_seams() -> None:
    state = sensor()
    state.pixels[:] = 200
    state.pixels[:, 200:] = 100
    Sharpen().apply(drawn(Sharpen(), gain_part=1.0), state)
    assert (state.pixels[:, :198] == 200).all()
    assert (state.pixels[:, 199] == 225).all()
    assert (state.pixels[:, 200] == 75).all()


@settings(deadline=None, max_examples=20)
@given(st.floats(-0.6, 0.5))
def test_black_and_white_keeps_the_trace(shift: float) -> None:
    state = sensor()
    Threshold().apply({"shift_part": shift}, state)
    assert set(np.unique(state.pixels)) <= {0, 255}
    assert (state.pixels[149:152] == 0).all()
    # Paper stays white.
    assert (state.pixels[3, 3::8] == 255).all()


def test_more_of_the_grid_turns_black_at_a_higher_level() -> None:
    shares = []
    for shift in (-0.4, 0.65, 0.95):
        state = sensor()
        Threshold().apply({"shift_part": shift}, state)
        shares.append((state.pixels == 0).mean())
    assert shares[0] < shares[1] < shares[2]


@pytest.mark.parametrize("height_mm", [0.13, 0.26, 0.5])
def test_a_fax_has_lines_of_its_height(height_mm: float) -> None:
    rows = np.random.default_rng(1).integers(0, 256, (400, 30, 3), np.uint8)
    state = sensor(rows)
    FaxLines().apply(drawn(FaxLines(), height_mm=height_mm), state)
    changes = (state.pixels[1:] != state.pixels[:-1]).any(axis=(1, 2)).sum()
    high = max(height_mm * PX_PER_MM, 1.0)
    assert changes == pytest.approx(400 / high, abs=2)
    # Nothing moves by more than half a line: rows become lighter, each second by a level.
    ramp = np.repeat((np.arange(400) // 2).astype(np.uint8)[:, None], 30, axis=1)
    state = sensor(ramp)
    FaxLines().apply(drawn(FaxLines(), height_mm=height_mm), state)
    moved = state.pixels.astype(int) - ramp
    assert np.abs(moved).max() <= high / 4 + 1


def test_lost_lines_repeat_or_are_blank() -> None:
    rows = np.random.default_rng(1).integers(0, 200, (400, 30, 3), np.uint8)
    state = sensor(rows)
    found = drawn(FaxLines(), lost=12)
    FaxLines().apply({**found, "streaks": []}, state)
    changed = (state.pixels != rows).any(axis=(1, 2))
    assert 9 <= changed.sum() <= 12
    for row in map(int, np.flatnonzero(changed)):
        blank = (state.pixels[row] == 255).all()
        assert blank or (state.pixels[row] == rows[max(row - 1, 0)]).all() or row == 0


@pytest.mark.parametrize("kept", [0.25, 0.5, 0.8])
def test_details_are_lost_and_the_size_is_kept(kept: float) -> None:
    fine = np.zeros((400, 400, 3), np.uint8)
    fine[:, ::2] = 255
    state = sensor(fine)
    Resolution().apply(drawn(Resolution(), kept_part=kept), state)
    assert state.pixels.shape == fine.shape
    if kept <= 0.5:
        assert state.pixels[:, 10:-10].astype(float).std() < 20
    assert state.pixels.mean() == pytest.approx(127.5, abs=3)


@pytest.mark.parametrize("kept", [0.23, 0.37, 0.5, 0.71])
def test_nothing_moves_when_details_are_lost(kept: float) -> None:
    state = sensor(np.pad(dot(), ((60, 60), (60, 60), (0, 0))))
    Resolution().apply(drawn(Resolution(), kept_part=kept), state)
    light = state.pixels[:, :, 0].astype(float)
    for axis in (0, 1):
        along = light.sum(axis=axis)
        assert (along * np.arange(along.size)).sum() / along.sum() == pytest.approx(80.0, abs=0.2)


def test_quality_is_passed_on() -> None:
    state = sensor()
    JpegQuality().apply({"quality": 55}, state)
    assert state.quality == 55
