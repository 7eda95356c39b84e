"""Pages that show dots at known places instead of a recording, and where worn copies show them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing import draw
from ecgmpi.drawing.picture import Picture
from ecgmpi.drawing.raster.background import Background
from ecgmpi.drawing.raster.canvas import Canvas
from ecgmpi.themes import FULL, LEVELS, PAPER
from ecgmpi.wear.registry import DEVICE, SHAPE
from ecgmpi.wear.truth.places import HIDDEN, OUTSIDE, VISIBLE, carried, states
from ecgmpi.wear.wear_profile import Profile
from ecgmpi.wear.worn import WornPicture
from tests.drawing.recorded import reference

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

APART = 80
"""Between neighbouring dots, and from the edges, px of the page.

Where a camera looks most aslant, this is a third as much in the picture: still more than a window.
"""


@dataclass(frozen=True, slots=True)
class Dots:
    """What dots look like.

    Attributes
    ----------
    sigma
        Standard deviation of the Gaussian that they are, px of the page.
    ink
        At their centres; what is above 1 is black.
    """

    sigma: float
    ink: float


SMALL = Dots(2.0, 1.0)
"""Where there is no noise: soft, so that they stay in place when the picture has few pixels."""

LARGE = Dots(6.0, 60.0)
"""To be found in noise: black, 4 mm wide at 200 dpi, with edges that are soft over some pixels."""

FAR_APART = 110
"""Between neighbouring dots that are large."""

_REACH = 15
"""Of the window that a dot is sought in, px of the picture."""

_SIGMAS = (5.0, 5.0, 4.0, *9 * (3.0,))
"""Of the window around the last centre in which the next is taken, px."""

_LEAST = 8.0
"""Times the noise that is left of it in a window: what is darker than that is a dot."""

GEOMETRY = frozenset(effect.name for stage in (SHAPE, DEVICE) for effect in stage)
"""Names of the effects that decide where things are."""


def geometry_of(profile: Profile) -> Profile:
    """The profile, with nothing but what moves things; what is drawn of that is the same."""
    uses = {name: use for name, use in profile.uses.items() if name in GEOMETRY}
    return replace(profile, uses=uses)


def page(dpi: float = 200.0) -> Picture:
    """A page of letter size, which nobody has drawn yet."""
    return draw(reference(), "3x4+1", paper="letter", dpi=dpi)


def places(width: int, height: int, apart: int = APART) -> Floats:
    """x and y of dots all over a page, each at its own part of a pixel; float64, shape (n, 2)."""
    x, y = np.meshgrid(
        np.arange(apart, width - apart, apart),
        np.arange(apart, height - apart, apart),
    )
    points = np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float64)
    return points + np.random.Generator(np.random.PCG64(3)).random(points.shape)


def with_dots(picture: Picture, points: Floats, dots: Dots) -> Picture:
    """The picture, of which nothing is drawn but dots of ink at these places."""
    covered = covered_by(picture.width, picture.height, points, dots)
    indices = PAPER * LEVELS + np.rint(FULL * covered).astype(np.uint8)
    rows = np.zeros((picture.height, picture.width + 1), np.uint8)
    rows[:, 1:] = np.diff(indices, axis=0, prepend=np.uint8(0))
    return replace(picture, paint=lambda: Canvas(Background((), (0, picture.height), rows)))


def covered_by(width: int, height: int, points: Floats, dots: Dots) -> Floats:
    """How much of each pixel dots cover: float64, shape (height, width), 0 to 1."""
    reach = int(4.5 * dots.sigma)
    way = np.arange(-reach, reach + 1)
    covered = np.zeros((height, width))
    for x, y in points:
        column, row = int(x), int(y)
        across = (column + 0.5 + way - x) ** 2
        down = (row + 0.5 + way - y)[:, None] ** 2
        window = slice(row - reach, row + reach + 1), slice(column - reach, column + reach + 1)
        covered[window] += np.minimum(1.0, dots.ink * _gaussian(across + down, dots.sigma))
    return covered


def _gaussian(far_squared: Floats, sigma: float) -> Floats:
    values: Floats = np.exp(far_squared * (-0.5 / sigma**2))
    return values


def images(worn: WornPicture, points: Floats, dots: Dots) -> Floats:
    """Where the truth says that the centres of the images of dots are.

    On a fold, and where a sheet is seen far aslant, it is not quite the image of their centres.
    """
    steps = 13
    way = np.linspace(-2.6, 2.6, steps) * dots.sigma
    x, y = np.meshgrid(way, way)
    spread = points[:, None] + np.stack([x.ravel(), y.ravel()], axis=1)
    moved = carried(worn, spread.reshape(-1, 2)).reshape(-1, steps, steps, 2)
    right, down = np.gradient(moved, axis=2), np.gradient(moved, axis=1)
    area = right[..., 0] * down[..., 1] - right[..., 1] * down[..., 0]
    ink = area * np.minimum(1.0, dots.ink * _gaussian(x**2 + y**2, dots.sigma))
    centres, _ = _centres(moved[..., 0], moved[..., 1], ink, carried(worn, points))
    return centres


def _centres(
    x: Floats, y: Floats, dark: Floats, start: Floats, least: float | Floats = 0.0
) -> tuple[Floats, Bools]:
    """Centres of what is dark, and whether more than `least` is, in a window that follows them."""
    centres, there = start.copy(), np.ones(len(start), bool)
    for sigma in _SIGMAS:
        far = (x - centres[:, 0, None, None]) ** 2 + (y - centres[:, 1, None, None]) ** 2
        window = _gaussian(far, sigma)
        weights = window * dark
        total = weights.sum(axis=(1, 2))
        there &= total > least * np.sqrt(np.square(window).sum(axis=(1, 2)))
        total = np.where(there, total, 1.0)
        moved = [(weights * along).sum(axis=(1, 2)) / total for along in (x, y)]
        centres = np.where(there[:, None], np.stack(moved, axis=1), centres)
    return centres, there


@dataclass(frozen=True, slots=True)
class Misses:
    """How far dots were found from where the truth says.

    Attributes
    ----------
    away
        float64, shape (n,): px of the picture, of visible dots that were found.
    bias
        Median of what they are away to the right and downwards, px.
    hidden, outside, lost
        Parts of all dots that the truth calls hidden or outside, and parts of the visible ones that
        were not found.
    """

    away: Floats
    bias: tuple[float, float]
    hidden: float
    outside: float
    lost: float

    @property
    def median(self) -> float:
        """Of all that were found, px."""
        return float(np.median(self.away))

    @property
    def most(self) -> float:
        """Of all that were found, px."""
        return float(self.away.max())


def found(pixels: Bytes, near: Floats) -> tuple[Floats, Bools]:
    """Find dots, each by the centre of what is dark around the place where it is said to be.

    Parameters
    ----------
    pixels
        uint8, shape (height, width) or (height, width, 3).
    near
        float64, shape (n, 2): x and y, px.

    Returns
    -------
    centres : ndarray
        float64, shape (n, 2): x and y, px.
    there : ndarray
        bool, shape (n,): whether anything is.
    """
    grey = pixels.astype(np.float64)
    if grey.ndim == 3:
        grey = grey.mean(axis=2)
    padded = np.pad(grey, _REACH, mode="edge")
    column, row = np.floor(near).astype(np.intp).T
    way = np.arange(-_REACH, _REACH + 1)
    down, across = way[:, None] + row[:, None, None], way + column[:, None, None]
    height, width = grey.shape
    windows = padded[
        np.clip(down, -_REACH, height + _REACH - 1) + _REACH,
        np.clip(across, -_REACH, width + _REACH - 1) + _REACH,
    ]
    dark, noise = _darkness(windows)
    # From the corner of the picture: the centre of pixel (0, 0) is at (0.5, 0.5).
    return _centres(across + 0.5, down + 0.5, dark, near, _LEAST * noise)


def _darkness(windows: Floats) -> tuple[Floats, Floats]:
    """Part of the light around that is missing, and how much of that is noise in each window."""
    # The paper is as bright as the middle of each side of the window, and linear between them.
    left, right = (np.median(windows[:, :, side], axis=(1, 2)) for side in _SIDES)
    top, bottom = (np.median(windows[:, side], axis=(1, 2)) for side in _SIDES)
    way = np.arange(-_REACH, _REACH + 1) / _REACH
    paper = (
        (left + right + top + bottom)[:, None, None] / 4
        + (right - left)[:, None, None] / 2 * way
        + (bottom - top)[:, None, None] / 2 * way[:, None]
    )
    dark = 1.0 - windows / np.maximum(paper, 1.0)
    edge = np.concatenate([dark[:, side] for side in _SIDES], axis=1)
    # Of what is normally distributed, the median is two thirds of the standard deviation.
    return dark, np.maximum(1.5 * np.median(np.abs(edge), axis=(1, 2)), 0.005)


_SIDES = (slice(0, 3), slice(-3, None))


def misses(worn: WornPicture, points: Floats, dots: Dots) -> Misses:
    """Compare where dots of a page are found with where its truth says that they are."""
    seen = states(worn, points, carried(worn, points))
    said = images(worn, points[seen == VISIBLE], dots)
    centres, there = found(worn.pixels, said)
    return summed(centres - said, there, seen)


def summed(away: Floats, there: Bools, seen: Bytes) -> Misses:
    """Sum up: what visible dots are away, which of them are there, and the states of all."""
    x, y = away[there].T
    return Misses(
        np.hypot(x, y),
        (float(np.median(x)), float(np.median(y))),
        float(np.mean(seen == HIDDEN)),
        float(np.mean(seen == OUTSIDE)),
        float(1 - np.mean(there)),
    )
