"""Dots at known places of a page, and where they are found in a picture of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ecgmpi.wear.effect import PageFacts
from ecgmpi.wear.mapping.control_grid import ControlGrid
from ecgmpi.wear.opencv import opencv

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]

SIGMA = 2.0
REACH = 9


def places(page: PageFacts, apart: int = 48) -> Floats:
    """Column and row of dots all over a page, each at its own part of a pixel."""
    x, y = np.meshgrid(
        np.arange(apart // 2, page.width - apart // 2, apart, dtype=np.float64),
        np.arange(apart // 2, page.height - apart // 2, apart, dtype=np.float64),
    )
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    return points + np.random.Generator(np.random.PCG64(3)).random(points.shape)


def page_with_dots(page: PageFacts, points: Floats) -> Bytes:
    """A white page with Gaussian dots."""
    whole = np.full((page.height, page.width), 255, np.uint8)
    reach = np.arange(-REACH, REACH + 1)
    for x, y in points:
        column, row = int(x), int(y)
        across = np.exp(-((column + reach - x) ** 2) / (2 * SIGMA**2))
        down = np.exp(-((row + reach - y) ** 2) / (2 * SIGMA**2))
        dark = np.rint(255 - 220 * down[:, None] * across)
        whole[row - REACH : row + REACH + 1, column - REACH : column + REACH + 1] = dark
    return whole


def remapped(pixels: Bytes, grid: ControlGrid) -> Bytes:
    """The picture that a map makes of a page, on white."""
    cv2 = opencv()
    white = cv2.BORDER_CONSTANT
    picture: Bytes = cv2.remap(pixels, *grid.dense(), cv2.INTER_LINEAR, None, white, (255,) * 4)
    return picture


def centroids(picture: Bytes, near: Floats) -> Floats:
    """Column and row of the dots, each in a window around where it is said to be."""
    found = np.empty(near.shape)
    reach = np.arange(-REACH - 1, REACH + 2)
    for k, (x, y) in enumerate(near):
        column, row = round(x), round(y)
        # All of a window is in the picture: there is a margin around the page.
        window = (
            255.0
            - picture[row - REACH - 1 : row + REACH + 2, column - REACH - 1 : column + REACH + 2]
        )
        total = window.sum()
        found[k] = (
            column + (window.sum(axis=0) @ reach) / total,
            row + (window.sum(axis=1) @ reach) / total,
        )
    return found


def misses(page: PageFacts, grid: ControlGrid, points: Floats, pixels: Bytes) -> Floats:
    """How far from where the map says each dot is found, px of the picture."""
    said = grid.forward(points)
    x, y = (centroids(remapped(pixels, grid), said) - said).T
    missed: Floats = np.hypot(x, y)
    return missed
