"""How the plane that the sheet lies on is seen: the way of each ray, from the picture to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ecgmpi.wear.effect import PageFacts

Floats = npt.NDArray[np.float64]

Matrix = tuple[float, float, float, float, float, float, float, float, float]
"""3 x 3, row after row."""

IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


def product(a: Matrix, b: Matrix) -> Matrix:
    """Multiply two matrices: `b` is applied first."""
    c, d, e, f, g, h, i, j, k = (
        a[3 * row] * b[column] + a[3 * row + 1] * b[3 + column] + a[3 * row + 2] * b[6 + column]
        for row in range(3)
        for column in range(3)
    )
    return c, d, e, f, g, h, i, j, k


def inverse(m: Matrix) -> Matrix:
    """Invert a matrix, up to a factor, which means nothing to a homography."""
    a, b, c, d, e, f, g, h, i = m
    return (
        e * i - f * h,
        c * h - b * i,
        b * f - c * e,
        f * g - d * i,
        a * i - c * g,
        c * d - a * f,
        d * h - e * g,
        b * g - a * h,
        a * e - b * d,
    )


def mapped(m: Matrix, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Map points by a homography."""
    scale = 1.0 / (m[6] * x + m[7] * y + m[8])
    return (m[0] * x + m[1] * y + m[2]) * scale, (m[3] * x + m[4] * y + m[5]) * scale


class Feed(Protocol):
    """What a scanner's feed shifts: as a function of the way along it, mm."""

    def shifts(self, way: Floats) -> tuple[Floats, Floats]:
        """Shift to the right and along the feed, mm."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A way to see the plane.

    The picture is measured in mm of the plane as it would be if nothing were turned. Heights of the
    sheet move what is seen towards the foot of the eye.

    Attributes
    ----------
    matrix
        Homography from the picture, mm, to the plane, mm from the centre of the sheet.
    eye
        Where it is seen from: x and y on the plane and height above it, mm; None for straight from
        above.
    k1
        Of the lens. A point of the picture at the part r of half its diagonal from its centre is
        where a lens without distortion has ``1 + k1 r^2`` times that distance.
    feed
        Of a scanner.
    margin_mm
        Around the page, at least.
    place
        Part of the margin that is left to spare which lies left of the page, and above it.
    """

    matrix: Matrix = IDENTITY
    eye: tuple[float, float, float] | None = None
    k1: float = 0.0
    feed: Feed | None = None
    margin_mm: float = 2.0
    place: tuple[float, float] = (0.5, 0.5)

    def slope(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """How far the rays to points of the plane move over it in each mm of height."""
        if self.eye is None:
            return np.zeros(x.shape), np.zeros(x.shape)
        rise = 1.0 / self.eye[2]
        return (self.eye[0] - x) * rise, (self.eye[1] - y) * rise


class Device(Protocol):
    """What sees the sheet."""

    def view(self, share: float) -> View:
        """Say how it sees it.

        Parameters
        ----------
        share
            Of all that turns, skews or distorts the picture: 1 for all of it.
        """


@dataclass(slots=True, eq=False)
class Projection:
    """Which device sees the page; None is a view straight from above."""

    page: PageFacts
    device: Device | None = None

    def view(self, share: float = 1.0) -> View:
        """Say how the page is seen."""
        return View() if self.device is None else self.device.view(share)
