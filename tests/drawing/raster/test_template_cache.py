from __future__ import annotations

import numpy as np
import pytest

from ecgmpi.drawing.raster.grid import grid_rows, line_coverage
from ecgmpi.drawing.raster.palette import RED
from ecgmpi.drawing.raster.template_cache import ByteCache
from ecgmpi.drawing.strip.labels import label_step, number
from ecgmpi.drawing.strip.template import template
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


def test_a_template_is_kept_and_has_no_trace_in_it() -> None:
    geometry = strip_geometry(Scale(), 1.0, -0.5, 0.5)
    rows = template(geometry, RED)
    again = template(geometry, RED)
    assert (again == rows).all()
    # What is drawn on one copy must not show on the next.
    again[:] = 7
    assert (template(geometry, RED) == rows).all()
    assert (rows[:, 0] == 2).all()
    assert rows.shape == (geometry.height, 1 + geometry.width)
    assert (np.cumsum(rows[:, 1:], axis=0, dtype=np.uint8) % 16).max() == 0


def test_the_cache_forgets_the_least_used_and_stays_within_its_bytes() -> None:
    cache = ByteCache(1000)
    for key in "abc":
        cache.copy(key, lambda: np.zeros(400, np.uint8))
        cache.copy("a", lambda: np.zeros(400, np.uint8))
    assert cache.held <= 1000
    kept = cache.copy("a", lambda: np.ones(400, np.uint8))
    assert kept.max() == 0
    assert cache.copy("b", lambda: np.ones(400, np.uint8)).max() == 1
    assert cache.copy("large", lambda: np.zeros(5000, np.uint8)).size == 5000
    assert cache.held <= 1000
    before = cache.held
    assert cache.copy("tall", lambda: np.zeros(300, np.uint8), part=4).size == 300
    assert cache.held == before


@pytest.mark.parametrize(
    ("mm_per_second", "expected"), [(25.0, 1.0), (50.0, 0.5), (12.5, 2.0), (0.01, 1500.0)]
)
def test_labels_keep_apart(mm_per_second: float, expected: float) -> None:
    steps = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 300.0)
    assert label_step(steps, mm_per_second, 15.0) == expected


def test_numbers_have_a_real_minus_sign_and_the_decimals_of_their_step() -> None:
    assert [number(k, 0.5) for k in (-1, 0, 2)] == ["−0.5", "0.0", "1.0"]
    assert number(-4, 5.0) == "−20"
