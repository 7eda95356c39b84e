"""Ink that a threshold or a glare left nothing of is hidden, and ink that can be seen is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

import ecgmpi
from ecgmpi.drawing.picture import Picture
from ecgmpi.drawing.raster.background import Background
from ecgmpi.drawing.raster.canvas import Canvas
from ecgmpi.themes import LEVELS
from ecgmpi.wear.truth.masks import hidden_mask, worn_bits, worn_mask
from ecgmpi.wear.truth.places import HIDDEN, worn_points
from ecgmpi.wear.wear_profile import Profile, Use
from ecgmpi.wear.worn import WornPicture, wear
from tests.wear.pages import page

TWO_LEVELS = Profile(
    "faint",
    "",
    {
        "toner": Use.of(fade_part=0.6, black_levels=60),
        "mould": Use.of(count=6, cluster_mm=30, spots=200, spot_mm=2),
        "blur": Use.of(sigma_mm=0.1),
        "noise": Use.of(sigma_levels=12),
        "fax_lines": Use.of(height_mm=0.3, lost=30),
        "threshold": Use.of(shift_part=-0.4),
    },
)
GLARING = Profile(
    "glaring",
    "",
    {"toner": Use.of(fade_part=0.7), "glare": Use.of(strength_levels=160, radius_mm=90)},
)


def around(pixels: npt.NDArray[np.uint8], x: float, y: float, reach: int) -> set[int]:
    """Levels of the pixels around a point."""
    row, column = int(y), int(x)
    part = pixels[
        max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1
    ]
    return set(part.ravel().tolist())


def check_masks(worn: WornPicture) -> None:
    """What points say of lost ink, masks say of the pixels that they are on."""
    assert worn.lost is not None
    lost = worn.lost > 0
    without = replace(worn, lost=None)
    for mask in (worn_mask, worn_bits):
        assert not mask(worn)[lost].any()
        assert np.array_equal(mask(worn)[~lost], mask(without)[~lost])
    gained = hidden_mask(worn) > hidden_mask(without)
    assert gained[lost & (worn_bits(without) > 0)].all()
    assert 0 < np.count_nonzero(gained) < 0.1 * gained.size


def test_ink_that_a_threshold_swallowed_is_hidden() -> None:
    worn = wear(page(dpi=100.0), TWO_LEVELS, 2, 0, "lost", 1)
    points = worn_points(worn)
    points = points[np.isfinite(points[:, 0])]
    whole = replace(worn, lost=None)
    marked = worn_points(whole)
    marked = marked[np.isfinite(marked[:, 0]), 2] == HIDDEN
    lost = (points[:, 2] == HIDDEN) & ~marked
    assert 0.02 < lost.mean() < 0.9
    # A stroke of 0.18 mm is 0.7 px wide.
    for x, y, _ in points[lost]:
        assert around(worn.pixels, x, y, 1) == {255} or around(worn.pixels, x, y, 3) == {0}
    for x, y, _ in points[~lost & ~marked]:
        assert 0 in around(worn.pixels, x, y, 1)
        assert 255 in around(worn.pixels, x, y, 3)
    check_masks(worn)


def test_ink_that_a_glare_burnt_out_is_hidden() -> None:
    picture = page(dpi=100.0)
    worn = wear(picture, GLARING, 2, 0, "lost", 1)
    points = worn_points(worn)
    points = points[np.isfinite(points[:, 0])]
    lost = points[:, 2] == HIDDEN
    assert 0.02 < lost.mean() < 0.9
    # There, a page without its trace looks the same, but where the grid darkens ink.
    bare = wear(blank(picture), GLARING, 2, 0, "lost", 1).pixels.min(axis=2).astype(int)
    column, row = np.floor(points[:, :2]).astype(int).T
    differs = np.abs(bare - worn.pixels.min(axis=2))[row, column]
    paper = picture.indices()[row, column] < LEVELS
    assert paper[lost].mean() > 0.3
    assert differs[lost & paper].max() <= 3
    assert np.median(differs[~lost]) > 10
    check_masks(worn)


def blank(picture: Picture) -> Picture:
    """The page without its trace."""
    indices = picture.indices() // LEVELS * LEVELS
    rows = np.zeros((picture.height, picture.width + 1), np.uint8)
    rows[:, 1:] = np.diff(indices, axis=0, prepend=np.uint8(0))
    return replace(picture, paint=lambda: Canvas(Background((), (0, picture.height), rows)))


@pytest.mark.parametrize("profile", ["scan", "photo"])
def test_light_that_leaves_ink_dark_loses_none(profile: str) -> None:
    assert ecgmpi.worn(page(dpi=60.0), profile, level=5).made.lost is None
