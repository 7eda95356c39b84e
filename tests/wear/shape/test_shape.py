"""How a sheet lies: paper keeps its length, shares of bending, and what chance draws."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.wear.chance import generator
from ecgmpi.wear.effect import Drawn, PageFacts
from ecgmpi.wear.mapping.surface import Layer, Surface
from ecgmpi.wear.shape.crumple import CrumpleEffect
from ecgmpi.wear.shape.curl import CurlEffect, Cylinder
from ecgmpi.wear.shape.folds import Folds, FoldsEffect

PAGE = PageFacts(2200, 1700, 200 / 25.4)
WAY = np.linspace(-130.0, 130.0, 5201)
REACH = 140.0

Floats = npt.NDArray[np.float64]


def profile(layer: Layer, share: float = 1.0) -> tuple[Floats, Floats]:
    """Paper and height along the x axis."""
    flat = np.zeros(WAY.shape)
    return layer.paper(WAY, flat, share)[0], layer.height(WAY, flat, share)


def is_as_long_as_its_surface(layer: Layer, tolerance: float) -> bool:
    """Whether each piece of paper is as long as the surface that it lies on."""
    paper, height = profile(layer)
    lengths = np.hypot(np.diff(WAY), np.diff(height))
    return bool(np.abs(np.diff(paper) - lengths).max() < tolerance)


@given(
    st.lists(st.floats(-100, 100), min_size=1, max_size=3, unique=True),
    st.lists(st.floats(-40, 40), min_size=3, max_size=3),
)
def test_folded_paper_keeps_its_length(places: list[float], angles: list[float]) -> None:
    layer = Folds(90.0, tuple(sorted(places)), tuple(angles[: len(places)]), REACH)
    paper, height = profile(layer)
    # But for the pieces with a fold in them.
    longer = np.abs(np.diff(paper) - np.hypot(np.diff(WAY), np.diff(height)))
    assert np.sort(longer)[: -len(places)].max() < 1e-9
    assert np.sort(longer)[-1] < 0.05


@pytest.mark.parametrize("angle", [14.0, -14.0])
def test_flaps_are_inclined_by_half_the_angle_and_a_valley_is_below_both(angle: float) -> None:
    paper, height = profile(Folds(90.0, (0.0,), (angle,), REACH))
    assert paper[-1] == pytest.approx(130 / math.cos(math.radians(7)))
    assert height[[0, -1]] == pytest.approx(math.copysign(130 * math.tan(math.radians(7)), angle))


def test_a_sheet_folded_like_a_z_is_level_on_both_sides() -> None:
    _, height = profile(Folds(90.0, (-40.0, 40.0), (20.0, -20.0), REACH))
    assert height[-1] == height[-2] == pytest.approx(40 * math.tan(math.radians(20)))
    assert height[0] == pytest.approx(-height[-1])


@pytest.mark.parametrize("curvature", [0.001, -0.004, 0.006])
def test_curled_paper_keeps_its_length_and_lies_on_a_cylinder(curvature: float) -> None:
    layer = Cylinder(90.0, 20.0, curvature, REACH)
    assert is_as_long_as_its_surface(layer, 2e-5)
    paper, height = profile(layer)
    radius = 1 / abs(curvature)
    on = np.abs(WAY - 20) < 0.6 * radius
    expected = radius - np.sqrt(radius**2 - (WAY[on] - 20) ** 2)
    assert np.abs(height[on] - math.copysign(1, curvature) * expected).max() < 1e-9
    arc = radius * np.arcsin((WAY[on] - 20) / radius)
    middle = int(np.abs(WAY[on]).argmin())
    assert np.abs((paper[on] - paper[on][middle]) - (arc - arc[middle])).max() < 0.02


def test_an_axis_along_rows_bends_columns_only() -> None:
    layer = Cylinder(0.0, 0.0, 0.004, REACH)
    paper, height = profile(layer)
    assert np.abs(paper - WAY).max() < 1e-9
    assert np.abs(height).max() < 1e-9
    assert layer.height(np.zeros(1), np.array([90.0]), 1.0)[0] > 10


def crumple(**amounts: float) -> tuple[Surface, Drawn]:
    effect, surface = CrumpleEffect(), Surface()
    known = {"amplitude_mm": 1.0, "spacing_mm": 30.0} | amounts
    drawn = effect.draw(known, generator(1, "crumple"), PAGE)
    effect.apply(drawn, surface)
    return surface, drawn


def test_crumpled_paper_is_as_high_as_is_said_and_nowhere_torn() -> None:
    surface, _ = crumple(amplitude_mm=2.0)
    x, y = np.meshgrid(np.linspace(-139, 139, 696), np.linspace(-107, 107, 536))
    height = surface.height(x, y)
    # The greatest facets are 2 mm high, the finer ones 0.45 of that.
    assert 1.5 < np.ptp(height) < 2.9
    # Facets are steep by their height in their spacing, at most: there are no steps in them.
    for axis in (0, 1):
        assert np.abs(np.diff(height, axis=axis)).max() < 0.4 * 2 * (2.0 / 30) * 1.5
    paper_x, paper_y = surface.paper(x, y)
    assert (np.diff(paper_x, axis=1) > 0).all()
    assert (np.diff(paper_y, axis=0) > 0).all()
    assert 0.05 < np.abs(paper_x - x).max() < 0.3


def test_spacing_is_that_of_facets() -> None:
    x = np.linspace(-139, 139, 2781)
    kinks = []
    for spacing in (15.0, 60.0):
        height = crumple(spacing_mm=spacing)[0].height(x, np.full(x.shape, 7.0))
        kinks.append(int((np.abs(np.diff(height, 2)) > 1e-6).sum()))
    assert 3 < kinks[0] / kinks[1] < 5


@pytest.mark.parametrize(
    "layer",
    [Folds(80.0, (5.0,), (20.0,), REACH), Cylinder(80.0, 10.0, 0.003, REACH)],
    ids=["folds", "curl"],
)
def test_half_the_bending_is_half_the_height_and_none_is_flat(layer: Layer) -> None:
    whole, half = profile(layer)[1], profile(layer, 0.5)[1]
    # Of a tangent, or a circle: not quite.
    assert np.abs(half - whole / 2).max() < 0.08 * np.abs(whole).max()
    paper, height = profile(layer, 0.0)
    assert np.abs(paper - WAY).max() < 1e-12
    assert not height.any()


def test_half_of_a_crumple_is_half_of_its_height_and_of_its_shift() -> None:
    (layer,) = crumple()[0].layers
    (whole_paper, whole), (paper, half) = profile(layer), profile(layer, 0.5)
    assert np.abs(half - whole / 2).max() < 1e-12
    assert np.abs((paper - WAY) - (whole_paper - WAY) / 2).max() < 1e-12


def test_layers_lie_on_each_other() -> None:
    first, second = Folds(90.0, (0.0,), (20.0,), REACH), Cylinder(90.0, 0.0, 0.004, REACH)
    both = Surface([first, second])
    x, y = np.array([100.0]), np.array([30.0])
    above = first.paper(x, y, 1.0)
    assert both.paper(x, y)[0] == second.paper(*above, 1.0)[0]
    assert both.height(x, y) == first.height(x, y, 1.0) + second.height(*above, 1.0)


def folds(count: int) -> list[Drawn]:
    amounts = {"angle_deg": 10.0, "count": count}
    return [FoldsEffect().draw(amounts, generator(1, k), PAGE) for k in range(1000)]


def test_sheets_are_folded_as_for_files_and_envelopes_or_anywhere() -> None:
    drawn = folds(3)
    kinds = Counter(each["kind"] for each in drawn)
    assert set(kinds) == {"half", "letter", "cross", "anywhere"}
    assert 250 < kinds["anywhere"] < 350
    lines = Counter(
        (each["kind"], sum(len(bundle["places_mm"]) for bundle in each["folds"])) for each in drawn
    )
    assert set(lines) == {("half", 1), ("letter", 2), ("cross", 2), ("anywhere", 3)}
    angles = [a for each in drawn for bundle in each["folds"] for a in bundle["angles_deg"]]
    assert {abs(a) <= 10 and abs(a) >= 6 for a in angles} == {True}
    assert 0.4 < np.mean(np.array(angles) > 0) < 0.6
    for each in drawn:
        for bundle in each["folds"]:
            assert bundle["places_mm"] == sorted(bundle["places_mm"])
            assert max(map(abs, bundle["places_mm"])) < 0.75 * bundle["reach_mm"]


def test_a_sheet_curls_to_both_sides_about_axes_anywhere() -> None:
    drawn = [
        CurlEffect().draw({"curvature_per_m": 3.0}, generator(2, k), PAGE) for k in range(1000)
    ]
    upwards = sum(each["curvature_per_m"] == 3.0 for each in drawn)
    assert {abs(each["curvature_per_m"]) for each in drawn} == {3.0}
    assert 440 < upwards < 560
    along = sum(min(each["line_deg"] % 90, -each["line_deg"] % 90) <= 12 for each in drawn)
    assert 700 < along < 850
    assert max(abs(each["place_mm"]) / each["reach_mm"] for each in drawn) <= 0.6
