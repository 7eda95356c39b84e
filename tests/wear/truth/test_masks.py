"""Masks of a worn picture."""

from __future__ import annotations

import numpy as np
import pytest

import ecgmpi
from ecgmpi.drawing.truth.bits_mask import bits_mask
from ecgmpi.drawing.truth.mask import mask
from tests.wear.pages import page


def test_a_page_that_is_not_worn_keeps_its_masks() -> None:
    picture = page(dpi=60.0)
    copy = ecgmpi.worn(picture, "photo", level=0)
    assert np.array_equal(copy.mask(), mask(picture))
    assert np.array_equal(copy.bits(), bits_mask(picture))
    assert not copy.hidden().any()


@pytest.mark.parametrize("profile", ["photo", "scan", "screen"])
def test_samples_that_are_visible_lie_on_the_mask(profile: str) -> None:
    """A mask that is a pixel off is not seen by eye, and a model learns it."""
    copy = ecgmpi.worn(page(dpi=200.0), profile, level=2, seed=3)
    points = copy.points()
    column, row = np.floor(points[points[:, 2] == 0, :2]).astype(int).T
    assert (copy.mask()[row, column] > 0).mean() > 0.99
