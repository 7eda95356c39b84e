"""PNG files from rows that are already Up-filtered: no pixel is processed again."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
from zlib_ng import zlib_ng

from ecgmpi.drawing.raster.background import Band, Run
from ecgmpi.picture_formats import FAST
from ecgmpi.png_file import GREY, KEYWORD, PALETTE, RGB, SIGNATURE, UP

from .deflate import Fragment, by, deflated, joined, small_fragment

Piece: TypeAlias = Run | Band | Fragment | npt.NDArray[np.uint8]
"""Some rows of a picture, below each other; a fragment is rows that are compressed already."""


class Pieces(Protocol):
    """The rows of a picture in pieces, as a `Canvas` has them."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, and bytes a row with its filter byte."""

    def pieces(self) -> Iterable[Piece]:
        """Give the picture from the top."""


def _chunk(kind: bytes, body: bytes) -> tuple[bytes, bytes, bytes]:
    checksum = zlib_ng.crc32(body, zlib_ng.crc32(kind))
    return struct.pack(">I", len(body)) + kind, body, struct.pack(">I", checksum)


def _fragments(
    pieces: Iterable[Piece],
    compress: Callable[[npt.NDArray[np.uint8]], Fragment],
) -> Iterator[Fragment]:
    def of_band(band: Band) -> Fragment:
        # What lasts is compressed so seldom that fewer bytes are to be had for nothing.
        return band.once(small_fragment if band.lasting else compress)

    def of_bands(bands: tuple[Band, ...]) -> Fragment:
        return joined(map(of_band, bands))

    for piece in pieces:
        if isinstance(piece, Run):
            yield piece.once(compress, of_bands)
        elif isinstance(piece, Band):
            yield of_band(piece)
        elif isinstance(piece, Fragment):
            yield piece
        else:
            yield compress(piece)


def encode_png(
    rows: npt.NDArray[np.uint8] | Pieces,
    palette: npt.NDArray[np.uint8] | None,
    px_per_metre: int,
    text: Mapping[str, object],
    compression: str = FAST,
    depth: int = 8,
) -> bytes:
    """Write a PNG of one byte or two a pixel.

    Parameters
    ----------
    rows
        uint8, shape (height, 1 + width * depth / 8), C-contiguous: each row's filter byte (2)
        and its Up-filtered palette indices or shades, the higher byte of two first. Of a canvas,
        what many pictures share is compressed once.
    palette
        uint8, shape (256, 3): red, green, blue; None for shades of grey.
    px_per_metre
        Resolution both ways.
    text
        Content of the iTXt chunk ``ecgmpi``, as JSON with sorted keys.
    compression
        ``fast``, or ``small``: fewer bytes in more time.
    depth
        Bits of a pixel: 8, or 16 for shades of grey.

    Returns
    -------
    bytes
        The file: the same bytes for the same arguments, on any x86-64-v2 processor.

    Raises
    ------
    UsageError
        There is no such compression.
    """
    height, stride = rows.shape
    kind = GREY if palette is None else PALETTE
    note = json.dumps(text, sort_keys=True, separators=(",", ":")).encode("ascii")
    width = (stride - 1) * 8 // depth
    pieces = (rows,) if isinstance(rows, np.ndarray) else rows.pieces()
    pixels = deflated(_fragments(pieces, by(compression)))
    return b"".join(
        (
            SIGNATURE,
            *_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)),
            *_chunk(b"pHYs", struct.pack(">IIB", px_per_metre, px_per_metre, 1)),
            *(() if palette is None else _chunk(b"PLTE", palette.tobytes())),
            *_chunk(b"iTXt", KEYWORD + b"\0\0\0\0\0" + note),
            *_chunk(b"IDAT", pixels),
            *_chunk(b"IEND", b""),
        )
    )


def encode_pixels(
    pixels: npt.NDArray[np.uint8],
    px_per_metre: int,
    text: Mapping[str, object],
    compression: str = FAST,
) -> bytes:
    """Write a PNG of any pixels, which need no palette.

    Parameters
    ----------
    pixels
        uint8, shape (height, width, 3): red, green, blue; or (height, width): grey.
    px_per_metre, text, compression
        As `encode_png` takes them.

    Returns
    -------
    bytes
        The file, Up-filtered: the same bytes for the same arguments, as of `encode_png`.

    Raises
    ------
    UsageError
        There is no such compression.
    """
    height, width = pixels.shape[:2]
    flat = pixels.reshape(height, -1)
    rows = np.empty((height, 1 + flat.shape[1]), np.uint8)
    rows[:, 0] = UP
    rows[0, 1:] = flat[0]
    np.subtract(flat[1:], flat[:-1], out=rows[1:, 1:])
    if pixels.ndim == 2:
        return encode_png(rows, None, px_per_metre, text, compression)
    note = json.dumps(text, sort_keys=True, separators=(",", ":")).encode("ascii")
    return b"".join(
        (
            SIGNATURE,
            *_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, RGB, 0, 0, 0)),
            *_chunk(b"pHYs", struct.pack(">IIB", px_per_metre, px_per_metre, 1)),
            *_chunk(b"iTXt", KEYWORD + b"\0\0\0\0\0" + note),
            *_chunk(b"IDAT", deflated([by(compression)(rows)])),
            *_chunk(b"IEND", b""),
        )
    )
