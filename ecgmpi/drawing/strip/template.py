"""The template of a strip: paper, grid and axes, the same for each lead of one range and length."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing.raster.grid import grid_rows
from ecgmpi.drawing.raster.palette import Style
from ecgmpi.drawing.raster.template_cache import TEMPLATES, add_text
from ecgmpi.drawing.scene import ink
from ecgmpi.geometry import StripGeometry

from .labels import axis_texts

Bytes = npt.NDArray[np.uint8]


def template(geometry: StripGeometry, style: Style) -> Bytes:
    """Give paper, grid and axis labels, kept for the next lead of the same geometry.

    Parameters
    ----------
    geometry
        Where everything lies.
    style
        Colours, widths, sizes.

    Returns
    -------
    ndarray
        uint8, shape (height, 1 + width), the caller's own: Up-filtered palette indices,
        each row after its filter byte. Every level in it is 0.
    """

    def make() -> Bytes:
        rows = grid_rows(geometry, style)
        for text in axis_texts(geometry, style):
            add_text(rows, ink(text), text.x, text.baseline)
        return rows

    # A rare tall strip must not drive out all others, nor be held twice.
    return TEMPLATES.copy((geometry, style), make, part=8)
