"""Masks as grey PNGs: only rows that hold something are filtered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing.encode.png import Pieces, encode_png
from ecgmpi.drawing.picture import Picture
from ecgmpi.drawing.raster.background import BAND, Band
from ecgmpi.drawing.raster.palette import UP

Bytes = npt.NDArray[np.uint8]


@lru_cache(maxsize=4)
def _blank(stride: int) -> Band:
    """Give some rows without anything; most masks have many of them."""
    rows = np.zeros((BAND, stride), np.uint8)
    rows[:, 0] = UP
    return Band(rows)


def filtered(pixels: Bytes, above: Bytes | None) -> Bytes:
    """Filter rows as PNG's Up does.

    Parameters
    ----------
    pixels
        uint8, shape (rows, bytes).
    above
        The row above the first, uint8, shape (bytes,); None if there is none.

    Returns
    -------
    ndarray
        uint8, shape (rows, 1 + bytes): the filter byte of each row, and its differences from the
        row above, modulo 256.
    """
    rows = np.empty((pixels.shape[0], 1 + pixels.shape[1]), np.uint8)
    rows[:, 0] = UP
    rows[0, 1:] = pixels[0] if above is None else pixels[0] - above
    np.subtract(pixels[1:], pixels[:-1], out=rows[1:, 1:])
    return rows


class SparseRows:
    """The rows of a mask, of which many hold nothing.

    Parameters
    ----------
    pixels
        uint8, shape (height, bytes).
    touched
        Ranges of rows outside of which all are 0: the first, and the one after the last.
    """

    def __init__(self, pixels: Bytes, touched: Iterable[tuple[int, int]]) -> None:
        self._pixels = pixels
        self._touched = sorted(touched)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, and bytes a row with its filter byte."""
        height, n_bytes = self._pixels.shape
        return height, 1 + n_bytes

    def pieces(self) -> Iterator[Band | Bytes]:
        """Give the rows from the top: bands without anything, and rows of the others."""
        height, stride = self.shape
        blank, end = _blank(stride), 0
        for begin, after in self._joined():
            yield from self._nothing(blank, begin - end)
            yield filtered(self._pixels[begin:after], self._pixels[begin - 1] if begin else None)
            end = after
        yield from self._nothing(blank, height - end)

    def _joined(self) -> Iterator[tuple[int, int]]:
        """The ranges without overlap, each with the row below, which differs from its last."""
        height = self.shape[0]
        begin, end = 0, 0
        for first, last in self._touched:
            if first > end:
                if begin < end:
                    yield begin, end
                begin = first
            end = max(end, min(last + 1, height))
        if begin < end:
            yield begin, end

    def _nothing(self, blank: Band, n_rows: int) -> Iterator[Band | Bytes]:
        for _ in range(n_rows // BAND):
            yield blank
        if rest := n_rows % BAND:
            yield blank.rows[:rest]


def grey_png(
    picture: Picture,
    rows: Pieces | Bytes,
    said: Mapping[str, object],
    compression: str,
    depth: int = 8,
) -> bytes:
    """Encode a mask of a picture as a grey PNG.

    Parameters
    ----------
    picture
        The picture.
    rows
        Its rows, filtered, whole or in pieces.
    said
        What its text chunk says, besides the name of the recording.
    compression
        That of `Picture.png`.
    depth
        Bits of a pixel, 8 or 16.
    """
    text = {**said, "record": picture.record}
    return encode_png(rows, None, picture.scale.px_per_metre, text, compression, depth)
