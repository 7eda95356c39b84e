"""No effect of the sensor moves what it sees: the truth knows nothing of these effects."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ecgmpi.wear.sensor.stage import SENSOR
from ecgmpi.wear.states import SensorState
from tests.wear.dotted_page import Dots, covered_by, found, places

PX_PER_MM = 8.0
ODD = (903, 701)
"""Width and height of a picture that cannot be halved."""

NONE_LOST: dict[str, Any] = {"lost_parts": [], "blank": [], "streaks": []}


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("blur", {"sigma_mm": 0.2}),
        ("motion", {"length_mm": 1.0, "angle_deg": 30.0}),
        ("motion", {"length_mm": 0.3, "angle_deg": 120.0}),
        ("sharpen", {"gain_part": 1.0}),
        ("contrast", {"black_levels": 20.0, "white_levels": -20.0, "bend_part": 0.3}),
        ("threshold", {"shift_part": -0.2}),
        ("resolution", {"kept_part": 0.7}),
        ("resolution", {"kept_part": 0.4}),
        ("resolution", {"kept_part": 0.2}),
        ("fax_lines", {"height_mm": 1.3 / PX_PER_MM, **NONE_LOST}),
        ("fax_lines", {"height_mm": 2.0 / PX_PER_MM, **NONE_LOST}),
        ("fax_lines", {"height_mm": 2.02 / PX_PER_MM, **NONE_LOST}),
        ("fax_lines", {"height_mm": 3.0 / PX_PER_MM, **NONE_LOST}),
    ],
)
def test_dots_stay_where_they_are(name: str, drawn: dict[str, Any]) -> None:
    width, height = ODD
    points = places(width, height)
    light = 240 - 200 * covered_by(width, height, points, Dots(3.5, 2.0))
    state = SensorState(np.rint(light).astype(np.uint8), PX_PER_MM)
    (effect,) = (effect for effect in SENSOR if effect.name == name)
    effect.apply(drawn, state)
    assert state.pixels.shape == (height, width)
    centres, there = found(state.pixels, points)
    assert there.all()
    # Single dots may be rounded to whole lines or pixels, but to no side.
    assert np.abs((centres - points).mean(axis=0)).max() < 0.06
    assert np.abs(centres - points).max() < 0.3
