"""An image of palette indices, and its colours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .paper import Paper, paper_of

Bytes = npt.NDArray[np.uint8]

_COLOUR = np.dtype("V3")
_PAIR = np.dtype("V6")
_PAIRS_PAY = 1 << 18
"""Pixels from which it pays to make a table of all pairs of colours."""


@dataclass(frozen=True)
class IndexedImage:
    """An image of at most 256 colours.

    Attributes
    ----------
    indices
        uint8, shape (height, width): palette index of each pixel.
    palette
        uint8, shape (256, 3): red, green, blue; shades of grey for a grey image.
    grey
        Whether the file is grey: it has no palette of its own.
    """

    indices: Bytes
    palette: Bytes
    grey: bool = False

    @cached_property
    def paper(self) -> Paper | None:
        """The rows that repeat; None where looking for them does not pay."""
        return paper_of(self.indices)

    def rgb(self) -> Bytes:
        """Give the colour of each pixel: uint8, shape (height, width, 3)."""
        paper = self.paper
        if paper is None:
            return _looked_up(self.palette, self.indices)
        sheet = self.palette.take(paper.rows, axis=0).reshape(len(paper.rows), -1)
        # The kinds are in range: with this mode, numpy does not check them in a copy.
        found = sheet.take(paper.kinds, axis=0, mode="clip")
        drawn = self.indices.reshape(-1).take(paper.drawn)
        np.put(found.reshape(-1).view(_COLOUR), paper.drawn, colours_of(self.palette).take(drawn))
        return found.reshape(*self.indices.shape, 3)


def colours_of(palette: Bytes) -> npt.NDArray[np.void]:
    """Give the colours of a palette as one value each: shape (256,)."""
    return palette.view(_COLOUR).reshape(-1)


def _looked_up(palette: Bytes, indices: Bytes) -> Bytes:
    shape = (*indices.shape, 3)
    if indices.size < _PAIRS_PAY or indices.size % 2:
        return colours_of(palette).take(indices).view(np.uint8).reshape(shape)
    pairs = np.empty((256, 256, 2, 3), np.uint8)
    pairs[:, :, 0] = palette
    pairs[:, :, 1] = palette[:, None]
    two = indices.reshape(-1).view("<u2")
    return pairs.reshape(-1).view(_PAIR).take(two).view(np.uint8).reshape(shape)
