"""PNG files from rows that are already Up-filtered: no pixel is processed again."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt
from zlib_ng import zlib_ng

from ecgmpi.drawing.raster.background import Band
from ecgmpi.drawing.raster.canvas import Canvas
from ecgmpi.picture_formats import FAST
from ecgmpi.png_file import GREY, KEYWORD, PALETTE, SIGNATURE

from .deflate import Fragment, by, deflated, small_fragment


def _chunk(kind: bytes, body: bytes) -> tuple[bytes, bytes, bytes]:
    checksum = zlib_ng.crc32(body, zlib_ng.crc32(kind))
    return struct.pack(">I", len(body)) + kind, body, struct.pack(">I", checksum)


def _fragments(
    pieces: Iterable[Band | npt.NDArray[np.uint8]],
    compress: Callable[[npt.NDArray[np.uint8]], Fragment],
) -> Iterator[Fragment]:
    for piece in pieces:
        if not isinstance(piece, Band):
            yield compress(piece)
        elif piece.lasting:
            # Compressed so seldom that fewer bytes are to be had for nothing.
            yield piece.once(small_fragment)
        else:
            yield piece.once(compress)


def encode_png(
    rows: npt.NDArray[np.uint8] | Canvas,
    palette: npt.NDArray[np.uint8] | None,
    px_per_metre: int,
    text: Mapping[str, object],
    compression: str = FAST,
) -> bytes:
    """Write a PNG of 8 bits a pixel.

    Parameters
    ----------
    rows
        uint8, shape (height, 1 + width), C-contiguous: each row's filter byte (2) and
        its Up-filtered palette indices. Of a canvas, what many pictures share is compressed
        once.
    palette
        uint8, shape (256, 3): red, green, blue; None for shades of grey.
    px_per_metre
        Resolution both ways.
    text
        Content of the iTXt chunk ``ecgmpi``, as JSON with sorted keys.
    compression
        ``fast``, or ``small``: fewer bytes in more time.

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
    pieces = rows.pieces() if isinstance(rows, Canvas) else (rows,)
    pixels = deflated(_fragments(pieces, by(compression)))
    return b"".join(
        (
            SIGNATURE,
            *_chunk(b"IHDR", struct.pack(">IIBBBBB", stride - 1, height, 8, kind, 0, 0, 0)),
            *_chunk(b"pHYs", struct.pack(">IIB", px_per_metre, px_per_metre, 1)),
            *(() if palette is None else _chunk(b"PLTE", palette.tobytes())),
            *_chunk(b"iTXt", KEYWORD + b"\0\0\0\0\0" + note),
            *_chunk(b"IDAT", pixels),
            *_chunk(b"IEND", b""),
        )
    )
