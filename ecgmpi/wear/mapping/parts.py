"""Which parts of a picture look at given parts of its page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ecgmpi.wear.states import Part

from .control_grid import UNIT, ControlGrid


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
    nodes = grid.offsets.astype(np.int64)
    rows, columns = nodes.shape[:2]
    nodes[..., 0] += np.arange(columns) * (grid.cell * UNIT)
    nodes[..., 1] += (np.arange(rows) * (grid.cell * UNIT))[:, None]
    nodes = np.clip(nodes, 0, np.array([grid.page_width - 1, grid.page_height - 1]) * UNIT)
    # Between its corners a cell looks at nothing beyond them.
    corners = [nodes[:-1, :-1], nodes[:-1, 1:], nodes[1:, :-1], nodes[1:, 1:]]
    least, most = np.minimum.reduce(corners), np.maximum.reduce(corners)
    found = []
    for along_y, along_x in parts:
        # A pixel and the rounding of places more.
        first = np.array([along_x.start - 2, along_y.start - 2]) * UNIT
        last = np.array([along_x.stop + 1, along_y.stop + 1]) * UNIT
        sees = ((most >= first) & (least <= last)).all(axis=-1)
        if sees.any():
            i, j = np.flatnonzero(sees.any(axis=1)), np.flatnonzero(sees.any(axis=0))
            found.append(
                (
                    slice(int(i[0]) * grid.cell, min((int(i[-1]) + 1) * grid.cell, grid.height)),
                    slice(int(j[0]) * grid.cell, min((int(j[-1]) + 1) * grid.cell, grid.width)),
                )
            )
    return found
