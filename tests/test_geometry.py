from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.errors import UsageError
from ecgmpi.geometry import BOLD_MM, Scale, amplitude_range, strip_geometry


def test_default_scale_is_25_mm_a_second_and_10_mm_a_millivolt_at_400_dpi() -> None:
    scale = Scale()
    assert scale.px_per_s == pytest.approx(393.7007874)
    assert scale.px_per_mv == pytest.approx(157.4803150)
    assert scale.px_per_metre == 15748


@pytest.mark.parametrize("wrong", [0.0, -1.0, math.nan, math.inf])
@pytest.mark.parametrize("name", ["speed", "gain", "dpi"])
def test_scale_refuses_what_is_not_a_positive_number(name: str, wrong: float) -> None:
    with pytest.raises(UsageError, match=name):
        Scale(**{name: wrong})


def test_scale_refuses_a_resolution_too_coarse_for_letters() -> None:
    with pytest.raises(UsageError, match="from 20 to 10000"):
        Scale(dpi=10)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 0.0, (-0.5, 0.5)),
        (-0.12, 0.83, (-0.5, 1.0)),
        (-0.5, 0.5, (-0.5, 0.5)),
        (-0.5, 0.5000001, (-0.5, 1.0)),
        (1.2, 1.4, (-0.5, 1.5)),
        (7.1, 7.3, (7.0, 7.5)),
        (7.0, 7.0, (7.0, 7.5)),
        (-9.9, -3.1, (-10.0, -3.0)),
        (-1.0, 19.9, (-1.0, 20.0)),
        (math.nan, math.nan, (-0.5, 0.5)),
    ],
)
def test_amplitude_range(low: float, high: float, expected: tuple[float, float]) -> None:
    assert amplitude_range(low, high) == expected


@given(
    st.floats(-500, 500),
    st.floats(0, 500),
    st.floats(0.001, 100),
    st.sampled_from([5.0, 12.5, 25.0, 50.0, 33.3]),
    st.sampled_from([2.5, 5.0, 10.0, 20.0, 7.7]),
    st.sampled_from([20.0, 72.0, 150.0, 254.0, 400.0, 600.0]),
)
def test_the_grid_holds_the_signal_and_is_framed_by_bold_lines(
    low: float, span: float, seconds: float, speed: float, gain: float, dpi: float
) -> None:
    scale = Scale(speed, gain, dpi)
    bottom, top = amplitude_range(low, low + span)
    assert bottom <= low
    assert low + span <= top
    g = strip_geometry(scale, seconds, bottom, top)
    assert g.left == g.x0 == g.x(0)
    assert g.y0 - 0.5 == math.floor(g.y0)
    assert g.right >= g.x(seconds) - 1e-3
    assert g.top <= g.y(low + span) + 1e-3
    assert g.bottom >= g.y(low) - 1e-3
    for millimetres in (
        (g.right - g.left) / scale.px_per_mm,
        (g.y0 - g.top) / scale.px_per_mm,
        (g.bottom - g.y0) / scale.px_per_mm,
    ):
        assert millimetres / BOLD_MM == pytest.approx(round(millimetres / BOLD_MM), abs=1e-6)
    # The stroke of a trace along the frame has to fit around the grid.
    clear = 5 * scale.px_per_mm
    assert min(g.left, g.top, g.width - g.right, g.height - g.bottom) > clear


def test_time_axis_of_a_whole_number_of_steps_does_not_grow() -> None:
    for k in range(1, 200):
        assert strip_geometry(Scale(), k / 5, -0.5, 0.5).seconds == pytest.approx(k / 5)
    assert strip_geometry(Scale(), 0.001, -0.5, 0.5).seconds == pytest.approx(0.2)
