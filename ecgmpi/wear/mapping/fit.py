"""Choose the frame: so that the page is in the picture, with a margin, and no smaller than that."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ecgmpi.wear.effect import PageFacts

from .control_grid import MOST_SIDE
from .frame import Frame
from .projection import View, inverse, mapped
from .surface import Surface

Floats = npt.NDArray[np.float64]

LEAST_MARGIN_MM = 1.0
"""Around a page that may not leave the picture."""

_ALONG_A_SIDE = 24
"""Points of each side of the page that are brought into the picture."""

_STEPS = 4
"""Towards the point of the plane below a point of paper: each leaves a tenth of the error."""

_SMALLER = 0.98
"""The picture shrinks by this as long as its border sees the page."""

_MOST_SHRUNK = 24

_CLEAR_PX = 4.0
"""Between page and border, px of the page."""

_MOST_GROWN = 3
"""Times the height of its page, for a picture that may grow."""


def fitted(
    page: PageFacts, view: View, surface: Surface, share: float, crop: bool, grow: bool
) -> Frame | None:
    """Bring the page into a picture.

    Parameters
    ----------
    page
        The page.
    view
        How it is seen.
    surface, share
        How it lies.
    crop
        Whether parts of it may lie outside; a negative margin says so.
    grow
        Whether the picture may be higher than the page, so that what is turned stays as wide.

    Returns
    -------
    Frame
        None where part of the page is outside for no reason that a smaller picture would mend.
    """
    left, top, right, bottom = _outline(page, view, surface, share)
    margin = view.margin_mm if crop else max(view.margin_mm, LEAST_MARGIN_MM)
    across, down = right - left + 2 * margin, bottom - top + 2 * margin
    height = page.height
    if grow:
        wanted = int(page.width * down / across) + 1
        height = min(max(wanted, height), _MOST_GROWN * height, MOST_SIDE)
    # A barrel shows more at the edges, and the least more in the middle of the nearest of them; a
    # cushion shows less, and the least in the corners.
    nearest = min(page.width, height)
    part = nearest * nearest / (page.width * page.width + height * height)
    lens = 1.0 + view.k1 * (part if view.k1 > 0 else 1.0)
    without = min(page.width / across, height / down)
    spare_x, spare_y = page.width / without - across, height / without - down
    frame = Frame(
        without * lens,
        (
            left - margin - spare_x * view.place[0] + page.width / without / 2,
            top - margin - spare_y * view.place[1] + height / without / 2,
        ),
        page.width,
        height,
    )
    if crop:
        return frame
    for _ in range(_MOST_SHRUNK):
        x, y, _ = frame.sees(*frame.border(), view, surface, share)
        if _is_around(page, *surface.paper(x, y, share)):
            return frame
        frame = frame.smaller(_SMALLER)
    return None


def _outline(
    page: PageFacts, view: View, surface: Surface, share: float
) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what encloses the page, mm as the view measures."""
    way = np.arange(_ALONG_A_SIDE) * (2.0 / _ALONG_A_SIDE) - 1.0
    side = np.ones(_ALONG_A_SIDE)
    paper_x = np.concatenate([way, side, -way, -side]) * (page.width_mm / 2)
    paper_y = np.concatenate([-side, way, side, -way]) * (page.height_mm / 2)
    x, y = paper_x, paper_y
    for _ in range(_STEPS):
        found_x, found_y = surface.paper(x, y, share)
        x, y = x + (paper_x - found_x), y + (paper_y - found_y)
    if view.eye is not None:
        # The ray through a point of the sheet meets the plane behind it.
        part = surface.height(x, y, share) * (1.0 / view.eye[2])
        behind = 1.0 / (1.0 - part)
        x, y = (x - view.eye[0] * part) * behind, (y - view.eye[1] * part) * behind
    a, b = mapped(inverse(view.matrix), x, y)
    return float(a.min()), float(b.min()), float(a.max()), float(b.max())


def _is_around(page: PageFacts, x: Floats, y: Floats) -> bool:
    """Whether a way over points of the paper, mm from its centre, leads past the page."""
    clear = _CLEAR_PX / page.px_per_mm
    right, bottom = page.width_mm / 2 + clear, page.height_mm / 2 + clear
    beyond = np.stack([x <= -right, x >= right, y <= -bottom, y >= bottom])
    # From beyond one edge to beyond another, the way might cut off a corner.
    return bool(beyond.any(axis=0).all() and (beyond[:, 1:] & beyond[:, :-1]).any(axis=0).all())
