from __future__ import annotations

import numpy as np
import pytest

from ecgmpi.drawing.raster.grid import grid_rows, line_coverage
from ecgmpi.drawing.raster.palette import RED
from ecgmpi.geometry import Scale, strip_geometry
from tests.drawing import agg


def test_a_line_profile_is_what_agg_draws() -> None:
    period, width, pixels = 15.748, 1.575, 600
    centres = 3.3 + np.arange(-1, 40) * period
    lines = [([x, x], [-5.0, 9.0]) for x in centres]
    drawn = agg.stroked(lines, width, pixels, 4)[1] / 255
    assert np.abs(line_coverage(-3.3, pixels, period, width) - drawn).max() < 0.02


@pytest.mark.parametrize("speed", [12.5, 25.0, 50.0])
@pytest.mark.parametrize("gain", [5.0, 10.0, 20.0])
def test_lines_lie_on_whole_millimetres_bold_each_fifth_zero_on_bold(
    speed: float, gain: float
) -> None:
    geometry = strip_geometry(Scale(speed, gain, 400), 2.0, -0.5, 1.5)
    filtered = grid_rows(geometry, RED)
    classes = np.cumsum(filtered[:, 1:], axis=0, dtype=np.uint8) // 16
    darkness = RED.classes.sum(1).max() - RED.classes.sum(1)
    px = geometry.scale.px_per_mm
    # Across the squares, where no line runs along: the lightest of each column or row.
    columns = classes[int(geometry.top) + 3 : int(geometry.bottom) - 3]
    rows = classes[:, int(geometry.left) + 3 : int(geometry.right) - 3]
    for profile, zero, low, high in (
        (darkness[columns].min(0), geometry.x0, geometry.left, geometry.right),
        (darkness[rows].min(1), geometry.y0, geometry.top, geometry.bottom),
    ):
        for k in range(round((low - zero) / px), round((high - zero) / px) + 1):
            middle = zero + k * px
            pixels = np.arange(int(middle) - 4, int(middle) + 5)
            weight = profile[pixels]
            assert (weight @ (pixels + 0.5)) / weight.sum() == pytest.approx(middle, abs=0.2)
            assert (weight.max() == darkness[10]) == (k % 5 == 0)
    assert classes[: int(geometry.top) - 3].max() == 0
    assert classes[:, int(geometry.right) + 3 :].max() == 0
