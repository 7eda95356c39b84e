"""What lies behind the trace of a strip: paper, grid and axes, in bands that strips share."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing.raster.background import BACKGROUNDS, BAND, Background
from ecgmpi.drawing.raster.grid import GridRows
from ecgmpi.drawing.raster.palette import Style
from ecgmpi.drawing.raster.text_rows import add_text
from ecgmpi.drawing.scene import TextPlace, ink
from ecgmpi.geometry import StripGeometry

from .labels import axis_texts

Bytes = npt.NDArray[np.uint8]


def background(geometry: StripGeometry, style: Style) -> Background:
    """Give paper, grid and axis labels, kept for the next lead of the same geometry.

    Leads of one length whose ranges differ share all bands but those at the top and the bottom.

    Parameters
    ----------
    geometry
        Where everything lies.
    style
        Colours, widths, sizes.
    """
    # A rare tall strip must not drive out all others.
    return BACKGROUNDS.get(
        (geometry, style),
        (geometry.height, 1 + geometry.width),
        bands=lambda: _bands(geometry, style),
        whole=lambda: _drawn(
            GridRows(geometry, style), axis_texts(geometry, style), 0, geometry.height
        ),
        part=2,
    )


def _bands(geometry: StripGeometry, style: Style) -> Iterator[tuple[Hashable, Callable[[], Bytes]]]:
    grid = GridRows(geometry, style)
    texts = axis_texts(geometry, style)
    for first, last in pairwise(_edges(geometry)):
        # A letter ends one row below its box, where the paper begins again.
        there = [t for t in texts if t.box.top < last and t.box.bottom >= first]
        key = (
            style,
            grid.across,
            grid.kinds[first : last + 1].tobytes(),
            tuple((t.text, t.size, t.x, t.baseline - first) for t in there),
            last == geometry.height,
        )
        yield key, partial(_drawn, grid, there, first, last)


def _edges(geometry: StripGeometry) -> list[int]:
    """The first row of each band, and the number of rows.

    They lie at fixed distances from 0 mV, as the lines of the grid and the labels do.
    """
    first = (int(geometry.y0) - BAND // 2) % BAND + BAND // 2
    inside = range(first, geometry.height - BAND // 2, BAND)
    return [0, *inside, geometry.height]


def _drawn(grid: GridRows, texts: Iterable[TextPlace], first: int, last: int) -> Bytes:
    rows = grid.of(first, last)
    for text in texts:
        add_text(rows, ink(text), text.x, text.baseline, first, grid.height)
    return rows
