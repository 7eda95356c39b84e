"""A canvas: a background, and those of its bands that a picture draws on."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing.frame import Box

from .background import Background, Run
from .glyphs import Text
from .text_rows import add_text

Bytes = npt.NDArray[np.uint8]


class Canvas:
    """A picture that is being drawn.

    Parameters
    ----------
    background
        What lies behind it.

    Attributes
    ----------
    rows
        uint8, shape (height, 1 + width): Up-filtered palette indices, each row after its filter
        byte, to be drawn on. Only rows that were opened hold anything.
    """

    def __init__(self, background: Background) -> None:
        own = background.own
        self.rows: Bytes = np.empty(background.shape, np.uint8) if own is None else own
        self._background = background
        self._opened = bytearray(len(background.bands))
        self._whole = False

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, and bytes a row: 1 + width."""
        return self._background.shape

    def open(self, top: float, bottom: float) -> None:
        """Open the rows from y = `top` to `bottom`, px, to be drawn on.

        What is drawn on a row changes its difference from the one above and that of the one
        below. So the row below is opened, too.
        """
        edges, bands = self._background.edges, self._background.bands
        first = bisect_right(edges, math.floor(top)) - 1
        last = bisect_left(edges, math.ceil(bottom) + 1)
        last = min(last, len(bands))
        number = self._opened.find(False, max(0, first), last)
        while number >= 0:
            self._opened[number] = True
            self.rows[edges[number] : edges[number + 1]] = bands[number].rows
            number = self._opened.find(False, number + 1, last)

    def open_for(self, strokes: Iterable[Box]) -> None:
        """Open the rows of strokes, given the boxes that they lie in."""
        for box in strokes:
            # The very thinnest stroke is drawn a little wider than its box.
            self.open(box.top - 2, box.bottom + 2)

    def pieces(self) -> list[Run | Bytes]:
        """Give the picture from the top: runs of bands not opened, and rows of those opened."""
        if self._background.own is not None:
            return [self.rows]
        background, edges, opened = self._background, self._background.edges, self._opened
        pieces: list[Run | Bytes] = []
        begin = 0
        while begin < len(opened):
            end = opened.find(not opened[begin], begin)
            end = len(opened) if end < 0 else end
            if opened[begin]:
                pieces.append(self.rows[edges[begin] : edges[end]])
            else:
                pieces.append(background.run(begin, end))
            begin = end
        return pieces

    def whole(self) -> Bytes:
        """Give all rows, read-only; nothing can be drawn any more."""
        if not self._whole:
            edges = self._background.edges
            for number, band in enumerate(self._background.bands):
                if not self._opened[number]:
                    self.rows[edges[number] : edges[number + 1]] = band.rows
            self.rows.flags.writeable = False
            self._whole = True
        return self.rows

    def add_text(self, text: Text, x: float, baseline: float) -> None:
        """Put a line of text on bare paper; see `ecgmpi.drawing.raster.text_rows.add_text`."""
        top = round(baseline) - text.rise
        self.open(top, top + len(text.classes))
        add_text(self.rows, text, x, baseline)
