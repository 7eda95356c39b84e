"""Which parts of a picture look at given parts of its page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ecgmpi.wear.states import Part

from .control_grid import UNIT, ControlGrid, nodes_along
from .dense import dense_map


def parts_seeing(grid: ControlGrid, parts: Sequence[Part]) -> list[Part]:
    """Find what of a picture looks at parts of its page.

    Parameters
    ----------
    grid
        The map.
    parts
        Rows and columns of the page.

    Returns
    -------
    list of tuple
        Rows and columns of the picture: whole cells, in which all pixels are that look at a part,
        or that look beside the page where the part is what is nearest. Nothing for a part that is
        not seen.
    """
    if not parts:
        return []
    most_seen = np.array([grid.page_width - 1, grid.page_height - 1]) * UNIT
    least, most = _reach(np.clip(_places(grid), 0, most_seen))
    found = []
    for along_y, along_x in parts:
        # A pixel and the rounding of places more.
        first = np.array([along_x.start - 2, along_y.start - 2]) * UNIT
        last = np.array([along_x.stop + 1, along_y.stop + 1]) * UNIT
        x, y = ((most >= first) & (least <= last)).transpose(2, 0, 1)
        part = _part(grid, x & y)
        if part is not None:
            found.append(part)
    return found


def part_seeing_page(grid: ControlGrid) -> Part | None:
    """Find what of a picture looks at its page, or less than a pixel beside it.

    Returns
    -------
    tuple
        Rows and columns of the picture: whole cells. None where no pixel does.
    """
    least, most = _reach(_places(grid))
    beyond = np.array([grid.page_width, grid.page_height]) * UNIT
    x, y = ((most >= -UNIT) & (least <= beyond)).transpose(2, 0, 1)
    return _part(grid, x & y)


def dense_part(
    grid: ControlGrid, part: Part
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.uint16]]:
    """Make that part of `ControlGrid.dense` which begins at a node, without the rest."""
    rows, columns = part
    held = tuple(
        slice(along.start // grid.cell, nodes_along(along.stop, grid.cell)) for along in part
    )
    wide, tall = columns.stop - columns.start, rows.stop - rows.start
    return dense_map(grid.offsets[held], wide, tall, grid.cell, columns.start, rows.start)


def _places(grid: ControlGrid) -> npt.NDArray[np.int64]:
    """Where nodes look: x and y in parts of a pixel, shape (rows, columns, 2)."""
    nodes = grid.offsets.astype(np.int64)
    rows, columns = nodes.shape[:2]
    nodes[..., 0] += np.arange(columns) * (grid.cell * UNIT)
    nodes[..., 1] += (np.arange(rows) * (grid.cell * UNIT))[:, None]
    return nodes


def _reach(nodes: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The least and greatest x and y that each cell looks at: those of its corners."""
    corners = [nodes[:-1, :-1], nodes[:-1, 1:], nodes[1:, :-1], nodes[1:, 1:]]
    return np.minimum.reduce(corners), np.maximum.reduce(corners)


def _part(grid: ControlGrid, sees: npt.NDArray[np.bool_]) -> Part | None:
    """Rows and columns of pixels that hold all cells that `sees` names."""
    i, j = np.flatnonzero(sees.any(axis=1)), np.flatnonzero(sees.any(axis=0))
    if not i.size:
        return None
    return (
        slice(int(i[0]) * grid.cell, min((int(i[-1]) + 1) * grid.cell, grid.height)),
        slice(int(j[0]) * grid.cell, min((int(j[-1]) + 1) * grid.cell, grid.width)),
    )
