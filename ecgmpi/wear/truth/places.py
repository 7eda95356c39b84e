"""Points and boxes of the page, carried over to the worn picture by its map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing.frame import Box
from ecgmpi.drawing.truth.points import sample_points
from ecgmpi.geometry import BOLD_MM
from ecgmpi.wear.states import Floats
from ecgmpi.wear.worn import WornPicture

VISIBLE, HIDDEN, OUTSIDE = 0, 1, 2
"""What can be seen of a point: all, nothing since something covers it or has
swallowed it, or it is not there."""

_HALF = 0.5
"""Between the place of a pixel's centre, which geometry counts from its corner, and its index."""

Quad = list[list[float]]
"""x and y of four corners, px, clockwise from the top left one of the page."""


def carried(worn: WornPicture, points: Floats) -> Floats:
    """Where points of the page are in the worn picture.

    Parameters
    ----------
    worn
        The worn picture.
    points
        float64, shape (n, 2): x and y on the page, px, as in `ecgmpi.geometry`.

    Returns
    -------
    ndarray
        float64, shape (n, 2): x and y in the picture, px; beyond its edges where they lie outside.
        NaN where they were NaN.
    """
    there = _known(points)
    if there.all():
        return worn.composed.grid.forward(points - _HALF) + _HALF
    moved = np.full(points.shape, np.nan)
    if there.any():
        moved[there] = worn.composed.grid.forward(points[there] - _HALF) + _HALF
    return moved


def states(worn: WornPicture, points: Floats, moved: Floats) -> npt.NDArray[np.uint8]:
    """What can be seen of points of the page, `moved` to where `carried` says.

    Returns
    -------
    ndarray
        uint8, shape (n,): `VISIBLE`, `HIDDEN` or `OUTSIDE`. A gap is hidden.
    """
    state = np.zeros(len(points), np.uint8)
    there = _known(moved)
    if worn.hidden is not None and there.any():
        state[_covered(worn.hidden, points, there)] = HIDDEN
    state[~there] = HIDDEN
    height, width = worn.pixels.shape[:2]
    # What is not known is neither outside nor lost: nothing is less or greater.
    x, y = moved[:, 0], moved[:, 1]
    if worn.lost is not None:
        state[_covered(worn.lost, moved, there)] = HIDDEN
    state[(x < 0) | (y < 0) | (x >= width) | (y >= height)] = OUTSIDE
    return state


def _known(points: Floats) -> npt.NDArray[np.bool_]:
    """Which points, shape (n, 2), are somewhere."""
    return np.isfinite(points[:, 0]) & np.isfinite(points[:, 1])


def _covered(
    hidden: npt.NDArray[np.uint8], points: Floats, there: npt.NDArray[np.bool_]
) -> npt.NDArray[np.intp]:
    """Which points that are there lie on what hides ink, or nearest to it beyond the page."""
    height, width = hidden.shape
    known = points[there]
    column = np.minimum(np.maximum(known[:, 0], 0.0), width - 1.0).astype(np.intp)
    row = np.minimum(np.maximum(known[:, 1], 0.0), height - 1.0).astype(np.intp)
    covered: npt.NDArray[np.intp] = np.flatnonzero(there)[hidden[row, column] > 0]
    return covered


def _with_states(worn: WornPicture, points: Floats) -> npt.NDArray[np.float32]:
    moved = carried(worn, points)
    seen = states(worn, points, moved)
    found = np.empty((len(points), 3), np.float32)
    found[:, :2] = moved
    found[:, 2] = seen
    return found


def worn_points(worn: WornPicture) -> npt.NDArray[np.float32]:
    """Where every sample on the picture is.

    Returns
    -------
    ndarray
        float32, shape (n_points, 3): x and y, px, and the state, trace after trace in the order of
        the annotation's ``leads``. In gaps, x and y are NaN.
    """
    picture = worn.picture
    traces = zip(picture.sheet.traces, picture.lines, strict=True)
    return _with_states(
        worn, np.concatenate([sample_points(picture, trace, line) for trace, line in traces])
    )


def grid_points(worn: WornPicture) -> npt.NDArray[np.float32]:
    """Where the bold lines of the grid cross.

    Returns
    -------
    ndarray
        float32, shape (rows, columns, 3): x and y, px, and the state, from the top left crossing.
    """
    frame = worn.picture.sheet.frame
    step = BOLD_MM * frame.scale.px_per_mm
    x = _lines(frame.x0, frame.left, frame.right, step)
    y = _lines(frame.y0, frame.top, frame.bottom, step)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    return _with_states(worn, points).reshape(len(y), len(x), 3)


def _lines(zero: float, first: float, last: float, step: float) -> Floats:
    """Places of bold lines between two edges, which are on such lines."""
    begin = round((first - zero) / step)
    end = round((last - zero) / step)
    places: Floats = zero + np.arange(begin, end + 1) * np.float64(step)
    return places


def quads(worn: WornPicture, boxes: Sequence[Box]) -> list[Quad]:
    """Where the corners of boxes are, in their order."""
    if not boxes:
        return []
    corners = [
        (x, y)
        for box in boxes
        for x, y in (
            (box.left, box.top),
            (box.right, box.top),
            (box.right, box.bottom),
            (box.left, box.bottom),
        )
    ]
    moved = np.round(carried(worn, np.array(corners, np.float64)), 2).reshape(-1, 4, 2)
    found: list[Quad] = moved.tolist()
    return found


def page_corners(worn: WornPicture) -> Quad:
    """Where the corners of the sheet are."""
    picture = worn.picture
    return quads(worn, [Box(0.0, 0.0, float(picture.width), float(picture.height))])[0]
