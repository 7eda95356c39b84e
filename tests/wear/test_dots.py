"""Dots of a page are where the truth of its worn copies says, whatever has worn them."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgmpi.drawing.picture import Picture
from ecgmpi.geometry import BOLD_MM
from ecgmpi.wear.draws import draw_effects
from ecgmpi.wear.profiles import PROFILES
from ecgmpi.wear.registry import DEVICE, EFFECTS
from ecgmpi.wear.truth.places import carried, grid_points, page_corners
from ecgmpi.wear.wear_profile import Profile
from ecgmpi.wear.worn import WornPicture, wear
from tests.wear.dot_fit import noisy_misses
from tests.wear.dotted_page import (
    APART,
    FAR_APART,
    LARGE,
    SMALL,
    Dots,
    Floats,
    geometry_of,
    misses,
    page,
    places,
    with_dots,
)
from tests.wear.mapping.drawn import LETTER, composed

NAMES = sorted(PROFILES)
COARSE = 100.0
"""Dots per inch of pages for a quick look."""


def dotted(dots: Dots, dpi: float) -> tuple[Picture, Floats]:
    clean = page(dpi=dpi)
    points = places(clean.width, clean.height, FAR_APART if dots is LARGE else APART)
    return with_dots(clean, points, dots), points


@pytest.fixture(scope="module")
def small() -> tuple[Picture, Floats]:
    return dotted(SMALL, COARSE)


@pytest.fixture(scope="module")
def large() -> tuple[Picture, Floats]:
    return dotted(LARGE, COARSE)


def check_geometry(picture: Picture, points: Floats, name: str, level: float, copy: int) -> None:
    worn = wear(picture, geometry_of(PROFILES[name]), level, 0, "dots", copy)
    found = misses(worn, points, SMALL)
    assert found.lost == found.hidden == found.outside == 0
    assert found.median <= 0.1
    assert found.most <= 0.25


def check_all(
    picture: Picture, points: Floats, name: str, level: float, copies: Iterable[int]
) -> None:
    worn = [wear(picture, PROFILES[name], level, 0, "dots", copy) for copy in copies]
    found = noisy_misses(worn, points)
    assert found.median <= 0.25
    # Half a pixel is easily lost between conventions, and to one side.
    assert max(map(abs, found.bias)) <= 0.1
    assert found.lost <= 0.05


@pytest.mark.parametrize("level", [2, 5])
@pytest.mark.parametrize("name", NAMES)
def test_geometry_is_where_the_truth_says(
    small: tuple[Picture, Floats], name: str, level: int
) -> None:
    check_geometry(*small, name, level, 1)


@pytest.mark.parametrize(("level", "copies"), [(2, [1]), (5, [1, 2])])
@pytest.mark.parametrize("name", NAMES)
def test_all_that_wears_leaves_dots_in_their_places(
    large: tuple[Picture, Floats], name: str, level: int, copies: list[int]
) -> None:
    check_all(*large, name, level, copies)


@pytest.mark.slow
def test_geometry_is_where_the_truth_says_on_many_copies() -> None:
    picture, points = dotted(SMALL, 200.0)
    for name in NAMES:
        for level in (1, 3, 5):
            for copy in (2, 3):
                check_geometry(picture, points, name, level, copy)


@pytest.mark.slow
def test_all_that_wears_leaves_dots_in_their_places_on_many_copies(
    large: tuple[Picture, Floats],
) -> None:
    fine = dotted(LARGE, 200.0)
    for name in NAMES:
        for level in (1, 3, 4):
            check_all(*large, name, level, (1, 2))
        check_all(*fine, name, 5, (1, 2, 3))


MAPS = (
    st.sampled_from(NAMES),
    st.sampled_from([0.5, 1, 2, 3, 4, 5]),
    st.integers(1, 10_000),
)
BARE = page(dpi=60.0)
BENT = frozenset({"k1_part", "feed_mm"})
"""What bends straight lines, though the sheet is flat."""


def bare(profile: Profile, level: float, copy: int) -> WornPicture:
    """A small page, of which nothing but the geometry is worn."""
    return wear(BARE, geometry_of(profile), level, 0, "maps", copy)


def looked_at(worn: WornPicture, points: Floats) -> Floats:
    """Where on the page points of the picture look, by the lines that readers are given."""
    table = np.load(io.BytesIO(worn.composed.grid.npy())).astype(int)
    cell, unit = table[0, 2]
    # The nodes beyond the last pixels are not stored.
    nodes = np.pad(table[1:], ((0, 1), (0, 1), (0, 0)), "reflect", reflect_type="odd") / unit
    assert unit == 32
    x, y = (points - 0.5).T
    j = np.clip(x // cell, 0, nodes.shape[1] - 2).astype(int)
    i = np.clip(y // cell, 0, nodes.shape[0] - 2).astype(int)
    s, t = (x / cell - j)[:, None], (y / cell - i)[:, None]
    top = nodes[i, j] * (1 - s) + nodes[i, j + 1] * s
    bottom = nodes[i + 1, j] * (1 - s) + nodes[i + 1, j + 1] * s
    looked: Floats = points + top * (1 - t) + bottom * t
    return looked


@settings(max_examples=20)
@given(*MAPS)
def test_points_crossings_and_corners_are_where_the_stored_map_looks(
    name: str, level: float, copy: int
) -> None:
    worn = bare(PROFILES[name], level, copy)
    points = places(BARE.width, BARE.height, 23)
    assert np.abs(looked_at(worn, carried(worn, points)) - points).max() < 0.002

    crossings = grid_points(worn)[..., :2].astype(np.float64)
    frame = BARE.sheet.frame
    step = BOLD_MM * frame.scale.px_per_mm
    x = frame.left + step * np.arange(crossings.shape[1])
    y = frame.top + step * np.arange(crossings.shape[0])
    assert x[-1] == pytest.approx(frame.right)
    assert y[-1] == pytest.approx(frame.bottom)
    looked = looked_at(worn, crossings.reshape(-1, 2)).reshape(crossings.shape)
    assert np.abs(looked - np.stack(np.meshgrid(x, y), axis=2)).max() < 0.002

    # Corners are told in hundredths of a pixel, of which some look at four times as many.
    corners = looked_at(worn, np.array(page_corners(worn)))
    right, bottom = BARE.width, BARE.height
    assert np.abs(corners - [[0, 0], [right, 0], [right, bottom], [0, bottom]]).max() < 0.05


@given(*MAPS)
def test_the_homography_is_the_map_of_a_flat_sheet(name: str, level: float, copy: int) -> None:
    profile = PROFILES[name]
    uses = {
        device.name: profile.uses[device.name] for device in DEVICE if device.name in profile.uses
    }
    straight = {
        device: replace(use, ranges=tuple(one for one in use.ranges if one[0] not in BENT))
        for device, use in uses.items()
    }
    assert straight
    effects = draw_effects(replace(profile, uses=straight), EFFECTS, level, 0, "flat", copy, LETTER)
    found = composed(effects)
    points = places(LETTER.width, LETTER.height)
    x, y, scale = found.facts["homography"] @ np.stack([*points.T, np.ones(len(points))])
    there = np.stack([x / scale, y / scale], axis=1)
    assert np.abs(there - (found.grid.forward(points - 0.5) + 0.5)).max() < 0.05
