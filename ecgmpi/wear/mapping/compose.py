"""Compose device and surface to one map of whole numbers, and what light must know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.wear.effect import PageFacts

from .control_grid import CELL, LEAST_SIDE, MOST_OFFSET, MOST_SIDE, UNIT, ControlGrid, going_on
from .fit import fitted
from .frame import Frame
from .projection import Projection, View
from .surface import Surface

Floats = npt.NDArray[np.float64]

_UNTOUCHED_PX = 80.0
"""Around the page, where the plane is as it is seen: more than a cell of any map."""

_FAR_PX = 400.0
"""Into which all that is further away is drawn together."""

_MOST_NARROW = 3.0
"""Pixels of the page in one of the picture, where the sheet is bent."""

_MOST_CHANGE = 0.18
"""Of these, from one cell to the next, in parts of their square: by about as many px of the picture
the middle of a dot moves that is a few px wide, and half in each cell."""

_MOST_HALVED = 10
"""What would be halved once more is left out."""


@dataclass(frozen=True, slots=True, eq=False)
class Composed:
    """Where everything on a page is, once it is worn. Arrays have a value a node of the grid.

    Attributes
    ----------
    grid
        The map, with the size of picture and page.
    x_mm, y_mm
        float64: the point of the paper that each node sees, mm from its centre; beside the sheet,
        that of the plane which goes on from its edges.
    height_mm
        float64: of the sheet there, above the plane; 0 beside the sheet.
    slope_x, slope_y
        float64: rise of the sheet there, mm a mm; beside the sheet, what goes on from its edges:
        shading that ends from one node to the next has steps along slanted edges.
    facts
        For the annotation: ``homography``, 3 x 3, from the page to the picture, px as in
        `ecgmpi.geometry`, without surface, lens and feed; ``lens``; ``zoom``, pixels of the picture
        in one of the page, without perspective; ``halved``, how often the bending of the sheet and
        the turns of the device were halved, so that nothing folds over or is seen edge-on, and
        offsets fit; and
        ``map``, how the map is stored.
    """

    grid: ControlGrid
    x_mm: Floats
    y_mm: Floats
    height_mm: Floats
    slope_x: Floats
    slope_y: Floats
    facts: dict[str, Any]


def compose(
    page: PageFacts, projection: Projection, surface: Surface, crop: bool, grow: bool = False
) -> Composed:
    """Compose what a device sees of a sheet.

    Parameters
    ----------
    page
        The page.
    projection
        Which device sees it.
    surface
        How it lies.
    crop
        Whether parts of the page may lie outside the picture.
    grow
        Whether the picture may be higher than the page: for a strip, which would get small in one
        of its own size when it is turned. Otherwise it has the page's size.

    Returns
    -------
    Composed
        A map that folds nothing over. Unless `crop`, all of the page is in the picture.

    Raises
    ------
    RecordingError
        The page is too large or too small for a map.
    """
    sides = (page.width, page.height)
    if not LEAST_SIDE <= min(sides) <= max(sides) <= MOST_SIDE:
        large = max(sides) > MOST_SIDE
        raise RecordingError(
            FailureKind.TOO_LARGE if large else FailureKind.NOT_SUPPORTED,
            f"a picture of {page.width:,} x {page.height:,} px cannot be worn: its sides have to "
            f"be {LEAST_SIDE} to {MOST_SIDE:,} px",
            "draw less of it with --duration or --dpi, or a page with --layout"
            if large
            else "draw it larger with --dpi",
        )
    bends, turns = 0, 0
    while True:
        bent = _share(bends) if surface.layers else 0.0
        turned = _share(turns) if projection.device else 0.0
        if not bent and not turned:
            return _untouched(page, bends, turns)
        view = projection.view(turned)
        frame = fitted(page, view, surface, bent, crop, grow)
        if frame is not None:
            x, y, height = frame.sees(*frame.nodes(), view, surface, bent)
            paper_x, paper_y = surface.paper(x, y, bent)
            grid = _rounded(page, frame, paper_x, paper_y)
            if grid is None:
                # A turn makes a long strip small, and a bend makes its parts of unlike sizes.
                if turned > bent:
                    turns += 1
                else:
                    bends += 1
                continue
            beside = _is_beside(page, paper_x, paper_y)
            if not grid.folds_over() and (not bent or _is_legible(grid, ~beside)):
                slope_x, slope_y = np.zeros(x.shape), np.zeros(x.shape)
                if bent:
                    slope_x, slope_y = _slopes(x, y, height)
                    height[beside] = 0.0
                facts = _facts(page, view, frame, grid, bends, turns)
                return Composed(grid, paper_x, paper_y, height, slope_x, slope_y, facts)
        if bent:
            bends += 1
        else:
            turns += 1


def _share(halvings: int) -> float:
    return 1.0 / (1 << halvings) if halvings < _MOST_HALVED else 0.0


def _untouched(page: PageFacts, bends: int, turns: int) -> Composed:
    """A page that is its picture."""
    frame = Frame(page.px_per_mm, (0.0, 0.0), page.width, page.height)
    x, y, flat = frame.sees(*frame.nodes(), View(), Surface(), 0.0)
    grid = ControlGrid.identity(page.width, page.height)
    facts = _facts(page, View(), frame, grid, bends, turns)
    return Composed(grid, x, y, flat, flat.copy(), flat.copy(), facts)


def _facts(
    page: PageFacts, view: View, frame: Frame, grid: ControlGrid, bends: int, turns: int
) -> dict[str, Any]:
    h = frame.homography(page, view)
    # As many as are stored.
    rows, columns = (count - 1 for count in grid.offsets.shape[:2])
    return {
        "homography": [list(h[k : k + 3]) for k in (0, 3, 6)],
        "lens": {"k1": view.k1},
        "zoom": frame.px_per_mm / page.px_per_mm,
        "halved": {"surface": bends, "device": turns},
        "map": {"rows": rows, "columns": columns, "cell": grid.cell, "unit": UNIT},
    }


def _rounded(page: PageFacts, frame: Frame, x: Floats, y: Floats) -> ControlGrid | None:
    """Offsets of nodes that see points of the paper, in whole parts of a pixel; None: too large."""
    offsets = np.empty((*x.shape, 2))
    # Columns and rows are whole at the centre of a pixel.
    offsets[..., 0] = _near(x * page.px_per_mm, page.width / 2) + (page.width / 2 - 0.5)
    offsets[..., 1] = _near(y * page.px_per_mm, page.height / 2) + (page.height / 2 - 0.5)
    offsets[..., 0] -= np.arange(x.shape[1]) * float(CELL)
    offsets[..., 1] -= np.arange(x.shape[0])[:, None] * float(CELL)
    offsets *= UNIT
    offsets += 0.5
    np.floor(offsets, out=offsets)
    # What is no number is not below the most, either.
    if not max(float(offsets.max()), -float(offsets.min())) <= MOST_OFFSET:
        return None
    # The file has not the last nodes, which lie beyond the picture.
    whole = going_on(offsets[:-1, :-1].astype(np.int16))
    if int(np.abs(whole).max()) > MOST_OFFSET:
        return None
    nodes = whole.astype(np.int16)
    return ControlGrid(nodes, frame.width, frame.height, page.width, page.height)


def _is_beside(page: PageFacts, x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
    """Whether a node sees what lies around the sheet, more than a cell from its edge."""
    far = CELL / page.px_per_mm
    return (np.abs(x) > page.width_mm / 2 + far) | (np.abs(y) > page.height_mm / 2 + far)


def _is_legible(grid: ControlGrid, on: npt.NDArray[np.bool_]) -> bool:
    """Whether the sheet is nowhere seen edge-on, nor bent away from one cell to the next.

    There, a trace would be narrower than a pixel, or torn apart between two nodes.
    """
    own = CELL * UNIT
    x, y = np.ascontiguousarray(grid.offsets.transpose(2, 0, 1)).astype(np.int64)
    # Right, and then down, with rows and columns, x and y in each other's place.
    for along, across, seen in ((x, y, on), (y.T, x.T, on.T)):
        ahead, aside = along[:, 1:] - along[:, :-1] + own, across[:, 1:] - across[:, :-1]
        here = seen[:, 1:] & seen[:, :-1]
        square = ahead * ahead + aside * aside
        if ((square > (_MOST_NARROW * own) ** 2) & here).any():
            return False
        change = np.maximum(
            np.abs(ahead[:, 1:] - ahead[:, :-1]), np.abs(aside[:, 1:] - aside[:, :-1])
        )
        least = np.minimum(square[:, 1:], square[:, :-1])
        if ((change * own > _MOST_CHANGE * least) & (here[:, 1:] & here[:, :-1])).any():
            return False
    return True


def _near(values: Floats, edge: float) -> Floats:
    """Draw together what lies far outside the page, px from its centre, along one axis.

    What a camera sees aslant reaches to the horizon. A function of one coordinate that rises
    everywhere leaves the determinant positive; on the page and around it, it changes nothing.
    """
    beyond = np.abs(values) - (edge + _UNTOUCHED_PX)
    if not float(beyond.max()) > 0.0:
        return values
    np.maximum(beyond, 0.0, out=beyond)
    # What is left of e px is e d / (e + d); so that much is taken away.
    away = beyond * beyond / (beyond + _FAR_PX)
    return values - np.where(values < 0, -away, away)


def _slopes(x: Floats, y: Floats, height: Floats) -> tuple[Floats, Floats]:
    """Rise of the sheet at nodes, of differences between their neighbours."""
    x_right, y_right, up_right = (_difference(values) for values in (x, y, height))
    x_down, y_down, up_down = (_difference(values.T).T for values in (x, y, height))
    scale = 1.0 / (x_right * y_down - x_down * y_right)
    return (
        (up_right * y_down - up_down * y_right) * scale,
        (up_down * x_right - up_right * x_down) * scale,
    )


def _difference(values: Floats) -> Floats:
    """Between the columns to the right and the left of each, or itself at the edges."""
    result = np.empty(values.shape)
    result[:, 1:-1] = values[:, 2:] - values[:, :-2]
    result[:, 0] = values[:, 1] - values[:, 0]
    result[:, -1] = values[:, -1] - values[:, -2]
    # Over twice the distance, but where there is no other side.
    result[:, 1:-1] *= 0.5
    return result
