"""Blending a mark into its part of the page, and marking what it hides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import Bytes, Floats, MarksState

LEAST_PART = 64
"""Ink that keeps less than this, of 255, of its contrast with the paper counts as hidden."""

Colour = Sequence[int]
"""Blue, green, red, 0 to 255."""


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """How much a mark covers of each pixel near it.

    Attributes
    ----------
    left, top
        Its first column and row, px. It may reach over the edges of the page.
    coverage
        uint8, shape (rows, columns): 255 where it covers a pixel wholly.
    """

    left: int
    top: int
    coverage: Bytes

    def on(self, shape: tuple[int, ...]) -> tuple[tuple[slice, slice], Bytes]:
        """Give where on a page of that shape it lies, and the coverage there; may be empty."""
        rows, columns = self.coverage.shape
        top, left = max(self.top, 0), max(self.left, 0)
        bottom = max(min(self.top + rows, shape[0]), top)
        right = max(min(self.left + columns, shape[1]), left)
        inside = self.coverage[
            top - self.top : bottom - self.top, left - self.left : right - self.left
        ]
        return (slice(top, bottom), slice(left, right)), inside


NOTHING = Patch(0, 0, np.zeros((0, 0), np.uint8))
"""What lies off the page."""


def box_of(
    points: Floats, pad: float, shape: tuple[int, ...], over: int = 0
) -> tuple[int, int, int, int]:
    """Give the pixels of a page around points.

    Parameters
    ----------
    points
        float64, shape (n, 2): x and y, px.
    pad
        Around them, px.
    shape
        Of the page.
    over
        Pixels beyond its edges that count as well.

    Returns
    -------
    left, top, rows, columns : int
        First column and row, and how many there are: none, or less, where all is off the page.
    """
    left = max(-over, math.floor(points[:, 0].min() - pad))
    top = max(-over, math.floor(points[:, 1].min() - pad))
    right = min(shape[1] + over, math.ceil(points[:, 0].max() + pad))
    bottom = min(shape[0] + over, math.ceil(points[:, 1].max() + pad))
    return left, top, bottom - top, right - left


def tint(state: MarksState, patch: Patch, colour: Colour) -> None:
    """Lay a transparent colour over the page: each colour is multiplied.

    What is below stays visible by its contrast, less the light that the colour takes. Where less
    than `LEAST_PART` is left of it, it is marked as hidden.
    """
    where, coverage = patch.on(state.pixels.shape)
    if not coverage.size:
        return
    cv2 = opencv()
    table = np.stack([_factors(part) for part in colour], axis=-1)[:, None]
    multiply(state.pixels[where], cv2.LUT(cv2.merge([coverage] * 3), table))
    if max(colour) < LEAST_PART:
        state.hidden.hide(where, _factors(max(colour))[coverage] < LEAST_PART)


def multiply(pixels: Bytes, factors: Bytes) -> None:
    """Multiply a part of the page in place by `factors` of the same shape, 255 for no change."""
    opencv().multiply(pixels, factors, dst=pixels, scale=1 / 255)


def cover(state: MarksState, patch: Patch, colour: Colour) -> None:
    """Paint over the page: pixels become the colour by as much as they are covered.

    Parameters
    ----------
    state
        The page.
    patch
        What is covered. Where ink keeps less than `LEAST_PART`, it is marked as hidden.
    colour
        Of what is put over it.
    """
    where, coverage = patch.on(state.pixels.shape)
    if not coverage.size:
        return
    cv2 = opencv()
    share = cv2.merge([coverage] * 3)
    table = np.stack([_parts(part) for part in colour], axis=-1)[:, None]
    multiply(state.pixels[where], cv2.bitwise_not(share))
    cv2.add(state.pixels[where], cv2.LUT(share, table), dst=state.pixels[where])
    state.hidden.hide(where, coverage > 255 - LEAST_PART)


def product(one: Bytes, other: Bytes) -> Bytes:
    """Multiply two coverages of the same shape, 255 for all."""
    made: Bytes = opencv().multiply(one, other, scale=1 / 255)
    return made


def weakened(coverage: Bytes, part: float) -> Bytes:
    """Give a part, 0 to 1, of a coverage."""
    made: Bytes = opencv().LUT(coverage, np.floor(np.arange(256) * part + 0.5).astype(np.uint8))
    return made


def _parts(colour: int) -> Bytes:
    """Give the part of a colour that each coverage adds: uint8, shape (256,)."""
    return ((np.arange(256) * colour + 127) // 255).astype(np.uint8)


def _factors(colour: int) -> Bytes:
    """Give what a colour of the page is multiplied by, for each coverage: uint8, shape (256,)."""
    return 255 - _parts(255 - colour)
