"""Stroke weight: ink that has spread into the paper, or that did not reach its edges."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ecgmpi.themes import FULL, LEVELS, SHADES, TEXT
from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import Bytes, Floats, PrintState

from .ink import below

THINNEST = 0.4
"""Part of its coverage that a pixel keeps, however thin the stroke: no trace vanishes."""

BAND = 32
"""Rows that are worked on at once."""


class StrokeWeight:
    """Moves the edges of trace and letters outwards or inwards, by less than a pixel.

    Inwards, pixels at an edge are covered less: the palette says so. Outwards, those beside an
    edge are covered, too; letters, whose shades are five, only become darker at their edges.
    """

    name = "stroke_weight"
    about = "how much thicker or thinner the ink lies than it was printed"
    parameters: tuple[Parameter, ...] = (
        Parameter("edge_mm", "distance that each edge moves; inwards if negative", 0.0, -0.06, 0.1),
    )

    def draw(
        self,
        amounts: Mapping[str, float],
        chance: np.random.Generator,
        page: PageFacts,
    ) -> Drawn:
        """Leave nothing to chance."""
        return {"edge_mm": amounts["edge_mm"]}

    def apply(self, drawn: Drawn, state: PrintState) -> None:
        """Change the palette, and for thicker strokes the indices."""
        edge = min(max(drawn["edge_mm"] * state.px_per_mm, -1.0), 1.0)
        if edge > 0:
            _spread(state.indices, edge)
        if edge != 0:
            _recover(state.palette, edge)


def _recover(palette: Floats, edge: float) -> None:
    """Mix the colours anew for what letters cover, and for thinner strokes what a trace covers."""
    under = below(palette)
    levels = np.arange(LEVELS) / FULL
    shades = np.arange(SHADES + 1) / SHADES
    if edge < 0:
        levels = np.where(levels < 1, np.maximum(levels + edge * 0.6, levels * THINNEST), levels)
    ends = np.maximum(shades + edge * 0.6, shades * THINNEST)
    shades = np.where((shades > 0) & (shades < 1), np.minimum(ends, 1.0), shades)
    mixed = palette.copy()
    for kind in range(256 // LEVELS):
        first = kind * LEVELS
        base = under[first]
        if kind > TEXT:
            base = base + shades[kind - TEXT] * (palette[(TEXT + SHADES) * LEVELS] - base)
        mixed[first : first + LEVELS] = base + levels[:, None] * (palette[first + FULL] - base)
    palette[:] = mixed


def _spread(indices: Bytes, edge: float) -> None:
    """Raise the coverage of pixels of a trace and beside it, by `edge` of a pixel."""
    cv2 = opencv()
    height, width = indices.shape
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    # In sixteenths: 15 levels times 16 fit into a byte.
    part = np.uint8(min(LEVELS, math.floor(edge * LEVELS + 0.5)))
    raise_by = np.uint8(math.floor(edge * FULL * 0.6 + 0.5))
    # In bands that stay in the cache, with a row of the trace above and below, as it was.
    trace = np.zeros((BAND + 2, width), np.uint8)
    for first in range(0, height, BAND):
        rows = min(BAND, height - first)
        below_too = min(rows + 1, height - first)
        np.bitwise_and(indices[first : first + below_too], FULL, out=trace[1 : 1 + below_too])
        trace[1 + below_too :] = 0
        if trace.any():
            nearby = cv2.dilate(trace, cross)[1 : 1 + rows]
            nearby *= part
            nearby >>= 4
            own = trace[1 : 1 + rows]
            thick = np.minimum(own, 1)
            thick *= raise_by
            thick += own
            np.maximum(thick, nearby, out=thick)
            np.minimum(thick, FULL, out=thick)
            thick -= own
            indices[first : first + rows] += thick
        trace[0] = trace[rows]
