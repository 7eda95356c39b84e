"""Where worn copies show the dots of a page, by fitting the image of each to the pixels.

Noise decides how well a place can be told from pixels at all. Least squares use all that they know:
each pixel counts by how much it would change if the dot moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ecgmpi.wear.truth.places import HIDDEN, VISIBLE, carried, states
from ecgmpi.wear.worn import WornPicture
from tests.wear.dotted_page import LARGE, Dots, Misses, summed

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_REACH = 28
"""Of the window around a dot, px of the picture."""

_AROUND = 48.0
"""Of the page that is looked at around a dot, px."""

_STEPS = 4
_MOST_STEP = 1.0
"""Of one step towards the place, px: the fit is linear no further than about that."""

_NUDGE = 0.25
"""By which a dot is moved to see which pixels change, px."""

_SURE = 8.0
"""Times its standard error, for a contrast that is that of a dot."""


def noisy_misses(copies: Sequence[WornPicture], points: Floats) -> Misses:
    """Compare where large dots are found with where the truth says, over copies of a page."""
    seen = [dot_states(worn, points) for worn in copies]
    found = []
    for worn, state in zip(copies, seen, strict=True):
        visible = points[state == VISIBLE]
        found.append(fitted(worn, visible, carried(worn, visible), LARGE))
    away, there = (np.concatenate(part) for part in zip(*found, strict=True))
    return summed(away, there, np.concatenate(seen))


def dot_states(worn: WornPicture, points: Floats) -> npt.NDArray[np.uint8]:
    """States of large dots, as the truth has them at their rims, where ink ends.

    In black and white, ink all around which there is nothing but ink is lost. A dot counts as
    hidden where more than one side of it is.
    """
    # There it covers half.
    radius = LARGE.sigma * np.sqrt(2 * np.log(2 * LARGE.ink))
    rim = radius * np.concatenate([np.eye(2), -np.eye(2)])
    places = (points[:, None] + rim).reshape(-1, 2)
    sides = states(worn, places, carried(worn, places)).reshape(-1, 4)
    centres = states(replace(worn, lost=None), points, carried(worn, points))
    return np.where((sides == HIDDEN).sum(axis=1) > 1, HIDDEN, centres).astype(np.uint8)


def fitted(worn: WornPicture, points: Floats, said: Floats, dots: Dots) -> tuple[Floats, Bools]:
    """Find dots, each near the place where it is said to be.

    The image of a dot is what the map makes of it, moved by what is sought, on paper whose
    brightness is quadratic in the window. Pixels that fit badly, of a lost line or a pen, count
    less.

    Parameters
    ----------
    worn
        The copy.
    points
        float64, shape (n, 2): centres on the page, px.
    said
        float64, shape (n, 2): where the truth says that they are in the picture, px.
    dots
        What they look like.

    Returns
    -------
    away : ndarray
        float64, shape (n, 2): x and y from where it was said to be, px.
    there : ndarray
        bool, shape (n,): whether anything is.
    """
    grey = worn.pixels.astype(np.float64)
    if grey.ndim == 3:
        grey = grey.mean(axis=2)
    height, width = grey.shape
    way = np.arange(-_REACH, _REACH + 1)
    column, row = np.floor(said).astype(np.intp).T[:, :, None, None]
    across, down = np.broadcast_arrays(column + way, row + way[:, None])
    seen = np.stack([across, down], axis=-1).astype(np.float64)
    # Where each pixel looks from the centre of its dot, and how that changes with its place.
    looked = worn.composed.grid.backward(seen.reshape(-1, 2)).reshape(seen.shape) + 0.5
    looked -= points[:, None, None]
    count = len(said)
    right, below = (np.gradient(looked, axis=axis).reshape(count, -1, 2) for axis in (2, 1))
    looked = looked.reshape(count, -1, 2)
    inside = (across >= 0) & (across < width) & (down >= 0) & (down < height)
    usable = inside.reshape(count, -1) & (np.square(looked).sum(axis=2) < _AROUND**2)
    values = grey[np.clip(down, 0, height - 1), np.clip(across, 0, width - 1)].reshape(count, -1)
    x, y = np.moveaxis((seen + 0.5 - said[:, None, None]) / _REACH, -1, 0).reshape(2, count, -1)

    def covered(away: Floats) -> Floats:
        """What a dot that was moved covers of each pixel."""
        there = looked - right * away[:, None, :1] - below * away[:, None, 1:]
        far: Floats = np.square(there).sum(axis=2)
        return np.minimum(1.0, dots.ink * np.exp(far * (-0.5 / dots.sigma**2)))

    paper = [np.ones_like(x), x, y, x * x, x * y, y * y]
    away, trust = np.zeros(said.shape), np.ones_like(values)
    for _ in range(_STEPS):
        changes = (covered(away + by) - covered(away - by) for by in _NUDGES)
        model = np.stack([covered(away), *changes, *paper], axis=1)
        weights = trust * usable
        weighted = model * weights[:, None]
        normal = weighted @ model.transpose(0, 2, 1)
        normal += 1e-6 * np.eye(normal.shape[1])
        solved = np.linalg.solve(normal, weighted @ values[..., None])
        rest = np.abs(values - (solved.transpose(0, 2, 1) @ model)[:, 0])
        usual = 1.5 * np.nanmedian(np.where(usable, rest, np.nan), axis=1, keepdims=True) + 1.0
        contrast, moved = solved[:, 0], solved[:, 1:3, 0]
        # The columns of a nudge are differences over twice its length.
        step = 2 * _NUDGE * moved / np.where(np.abs(contrast) > 1.0, contrast, 1.0)
        away = away + np.clip(step, -_MOST_STEP, _MOST_STEP)
        trust = 1.0 / np.maximum(rest / (2 * usual), 1.0)
    noise = np.sqrt((weights * rest**2).sum(axis=1) / np.maximum(weights.sum(axis=1), 1.0))
    error = noise * np.sqrt(np.linalg.inv(normal)[:, 0, 0])
    return away, -contrast[:, 0] > _SURE * error


_NUDGES = _NUDGE * np.eye(2)
