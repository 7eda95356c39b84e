"""What devices see: turns, scales and perspective, as their parameters say."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.wear.chance import generator
from ecgmpi.wear.device.camera import Camera, CameraEffect
from ecgmpi.wear.device.scanner import ScannerEffect
from ecgmpi.wear.effect import Drawn, PageFacts
from ecgmpi.wear.mapping.frame import Frame
from ecgmpi.wear.mapping.projection import (
    IDENTITY,
    Projection,
    View,
    inverse,
    mapped,
    product,
)
from ecgmpi.wear.mapping.surface import Surface

PAGE = PageFacts(2200, 1700, 200 / 25.4)
Floats = npt.NDArray[np.float64]


def scanned(**amounts: float) -> View:
    neutral = {parameter.name: parameter.neutral for parameter in ScannerEffect.parameters}
    return seen_by(ScannerEffect(), neutral | amounts)


def photographed(**amounts: float) -> View:
    neutral = {parameter.name: parameter.neutral for parameter in CameraEffect.parameters}
    return seen_by(CameraEffect(), neutral | amounts)


def seen_by(effect: ScannerEffect | CameraEffect, amounts: dict[str, float]) -> View:
    projection = Projection(PAGE)
    effect.apply(effect.draw(amounts, generator(1, "device"), PAGE), projection)
    return projection.view()


def on_picture(view: View, x: float, y: float) -> tuple[float, float]:
    """Where a point of the plane is seen, mm."""
    a, b = mapped(inverse(view.matrix), np.array([x]), np.array([y]))
    return float(a[0]), float(b[0])


def test_a_scanner_turns_clockwise() -> None:
    x, y = on_picture(scanned(rotation_deg=2.0), 100.0, 0.0)
    assert math.degrees(math.atan2(y, x)) == pytest.approx(2)
    assert math.hypot(x, y) == pytest.approx(100)


def test_a_scanner_skews_columns_and_stretches_along_its_feed() -> None:
    assert on_picture(scanned(skew_deg=1.0), 0.0, 100.0) == pytest.approx(
        (100 * math.tan(math.radians(1)), 100)
    )
    assert on_picture(scanned(skew_deg=1.0), 100.0, 0.0) == pytest.approx((100, 0))
    assert on_picture(scanned(stretch_part=0.004), 30.0, 100.0) == pytest.approx((30, 100.4))


def test_the_feed_shifts_slowly_and_as_far_as_is_said() -> None:
    view = scanned(feed_mm=0.3)
    assert view.feed is not None
    way = np.arange(-150.0, 150.0, 0.1)
    for shift in view.feed.shifts(way):
        assert 0.2 < np.abs(shift).max() <= 0.3
        # 0.6 mm in 20 mm, half as much again in the middle of them.
        assert np.abs(np.diff(shift)).max() <= 0.1 * 1.5 * 0.6 / 20 + 1e-9
    assert scanned(feed_mm=0.0).feed is not None


def test_a_camera_from_straight_above_sees_the_plane_as_it_is() -> None:
    view = photographed(distance_mm=500.0)
    for point in ((0.0, 0.0), (100.0, -40.0)):
        assert on_picture(view, *point) == pytest.approx(point)
    assert view.eye == (0, 0, 500)


def test_what_is_nearer_to_a_camera_is_larger() -> None:
    # Turned by yaw, the right side is nearer to a camera on that side of the page.
    view = photographed(yaw_deg=20.0, distance_mm=400.0)
    assert view.eye is not None
    assert view.eye[0] == pytest.approx(400 * math.sin(math.radians(20)))
    heights = [on_picture(view, x, 50.0)[1] for x in (-100.0, 0.0, 100.0)]
    assert heights[0] < heights[1] < heights[2]
    near = 400 - 100 * math.sin(math.radians(20))
    assert heights[2] == pytest.approx(50 * 400 / near)
    assert on_picture(view, 100.0, 0.0)[0] == pytest.approx(
        100 * math.cos(math.radians(20)) * 400 / near
    )


def test_roll_turns_the_picture_clockwise() -> None:
    x, y = on_picture(photographed(roll_deg=4.0), 100.0, 0.0)
    assert math.degrees(math.atan2(y, x)) == pytest.approx(4)


@given(st.floats(-35, 35), st.floats(-35, 35), st.floats(-20, 20))
def test_the_eye_is_where_the_matrix_sees_from(yaw: float, pitch: float, roll: float) -> None:
    view = Camera(yaw, pitch, roll, 400.0, 0.0, 3.0, (0.5, 0.5)).view(1.0)
    assert view.eye is not None
    assert math.dist(view.eye, (0, 0, 0)) == pytest.approx(400)
    # A pole on the plane is seen in line with the foot of the eye, whatever its height: points of
    # it lie on the ray to a point of the plane that is further away.
    rotation = np.array(inverse(view.matrix)).reshape(3, 3)
    far = rotation[:, 2] / rotation[2, 2]
    assert on_picture(view, 0.0, 0.0) == pytest.approx(tuple(far[:2]), abs=1e-6)
    slope_x, slope_y = view.slope(np.zeros(1), np.zeros(1))
    assert slope_x[0] * view.eye[2] == pytest.approx(view.eye[0])
    assert slope_y[0] * view.eye[2] == pytest.approx(view.eye[1])


class Raised:
    """A sheet that lies level above the plane."""

    is_low = False

    def paper(self, x: Floats, y: Floats, share: float) -> tuple[Floats, Floats]:
        return x, y

    def height(self, x: Floats, y: Floats, share: float) -> Floats:
        return np.full(x.shape, 40.0 * share)


def test_what_is_raised_is_seen_larger_from_a_finite_distance() -> None:
    view = photographed(distance_mm=400.0)
    frame = Frame(PAGE.px_per_mm, (0.0, 0.0), PAGE.width, PAGE.height)
    u, v = np.array([[500.0]]), np.array([[200.0]])
    for share, expected in ((1.0, 0.9), (0.5, 0.95), (0.0, 1.0)):
        x, y, height = frame.sees(u, v, view, Surface([Raised()]), share)
        assert x[0, 0] * PAGE.px_per_mm == pytest.approx(500 * expected)
        assert y[0, 0] * PAGE.px_per_mm == pytest.approx(200 * expected)
        assert height[0, 0] == 40 * share
    x, _, _ = frame.sees(u, v, scanned(), Surface([Raised()]), 1.0)
    assert x[0, 0] * PAGE.px_per_mm == pytest.approx(500)


def test_a_camera_is_no_nearer_than_its_angle_of_view_allows() -> None:
    amounts = {parameter.name: parameter.neutral for parameter in CameraEffect.parameters}
    drawn = CameraEffect().draw(amounts | {"distance_mm": 200.0}, generator(1), PAGE)
    assert drawn["distance_mm"] == pytest.approx(0.9 * math.hypot(2200, 1700) / PAGE.px_per_mm)


@pytest.mark.parametrize("effect", [ScannerEffect(), CameraEffect()], ids=lambda e: e.name)
def test_without_any_share_a_device_turns_nothing(effect: ScannerEffect | CameraEffect) -> None:
    amounts = {parameter.name: parameter.most for parameter in effect.parameters}
    projection = Projection(PAGE)
    effect.apply(effect.draw(amounts, generator(1), PAGE), projection)
    view = projection.view(0.0)
    assert on_picture(view, 90.0, 70.0) == pytest.approx((90, 70))
    assert view.k1 == view.margin_mm == 0
    if view.feed is not None:
        assert not any(shift.any() for shift in view.feed.shifts(np.arange(9.0)))


def test_pages_lie_anywhere_in_the_margin_that_is_left_to_spare() -> None:
    amounts = {parameter.name: parameter.neutral for parameter in ScannerEffect.parameters}
    drawn: list[Drawn] = [ScannerEffect().draw(amounts, generator(3, k), PAGE) for k in range(1000)]
    places = np.array([each["place"] for each in drawn])
    assert places.min() < 0.02
    assert places.max() > 0.98
    assert np.abs(places.mean(axis=0) - 0.5).max() < 0.03
    assert len({each["feed_seed"] for each in drawn}) == 1000


@given(st.lists(st.floats(-3, 3), min_size=8, max_size=8))
def test_matrices_and_their_inverses_cancel(values: list[float]) -> None:
    a, b, c, d, e, f, g, h = values
    matrix = (a + 9, b, c, d, e + 9, f, g, h, 9.0)
    both = product(inverse(matrix), matrix)
    assert np.array(both) / both[8] == pytest.approx(np.array(IDENTITY), abs=1e-9)
