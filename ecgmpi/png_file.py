"""Take PNG files apart: their chunks, and the rows of those with one byte or two a pixel.

What the rows become is for others to decide: pixels to train on (`ecgmpi.datasets.decode`), or
small pictures (`ecgmpi.review.report.thumbnails`).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
from isal import igzip_lib, isal_zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"ecgmpi"
"""Keyword of the text chunk in which every PNG of ecgmpi says what it shows."""

GREY, RGB, PALETTE = 0, 2, 3
"""Colour types."""
NONE, UP = 0, 2
"""Filters of a row: none, and the difference from the row above."""

MOST_PIXELS = 200_000_000
"""Twice those of the largest picture that ecgmpi draws."""

_EXPANSION = 1032
"""Deflate makes no byte of more."""
_DAMAGED = cast("type[Exception]", igzip_lib.error)
_AT_ONCE = 120_000
"""Bytes of rows that are inflated at a time.

Pieces that malloc takes from its own memory: larger ones come from the system (from 128 KiB on),
and to touch each of their pages for the first time takes as long as to inflate it.
"""


@dataclass(frozen=True, slots=True)
class PngFile:
    """The chunks of a PNG that affect its pixels; made by `parse_png`.

    Attributes
    ----------
    width, height
        px.
    depth, colour
        Bits of a sample, and the colour type.
    interlaced
        Whether its rows lie in several passes.
    transparent
        Whether it has a chunk of transparency.
    palette
        Red, green and blue of each colour; empty without a palette.
    px_per_metre
        Resolution from left to right; None where the file does not say.
    ours
        Whether it has the text chunk of ecgmpi.
    stream
        The compressed rows.
    """

    width: int
    height: int
    depth: int
    colour: int
    interlaced: bool
    transparent: bool
    palette: bytes
    px_per_metre: int | None
    ours: bool
    stream: bytes | memoryview

    @property
    def a_byte_a_pixel(self) -> bool:
        """Whether each pixel is one byte, which is all there is to know of it."""
        return self._plain and self.depth == 8 and self.colour in (GREY, PALETTE)

    @property
    def two_bytes_a_pixel(self) -> bool:
        """Whether each pixel is a shade of grey of two bytes, the higher one first."""
        return self._plain and self.depth == 16 and self.colour == GREY

    @property
    def _plain(self) -> bool:
        return not self.interlaced and not self.transparent


def parse_png(data: bytes) -> PngFile:
    """Take a PNG apart.

    Parameters
    ----------
    data
        The content of the file.

    Raises
    ------
    ValueError
        It is no PNG, a checksum of a chunk is wrong, something is missing, or it has more than
        `MOST_PIXELS`.
    """
    header: tuple[int, ...] | None = None
    palette, px_per_metre, transparent, ours = b"", None, False, False
    streams: list[memoryview] = []
    for kind, body in _chunks(data):
        if (header is None) != (kind == b"IHDR"):
            raise ValueError("damaged PNG: it does not begin with one header")
        if kind == b"IHDR":
            header = _header(body)
        elif kind == b"PLTE":
            palette = bytes(body)
        elif kind == b"IDAT":
            streams.append(body)
        elif kind == b"tRNS":
            transparent = True
        elif kind == b"pHYs" and len(body) == 9 and body[8] == 1:
            (px_per_metre,) = struct.unpack_from(">I", body)
        elif kind == b"iTXt":
            ours = ours or bytes(body[: len(KEYWORD) + 1]) == KEYWORD + b"\0"
        elif not kind[0] & 32 and kind != b"IEND":
            raise ValueError(f"damaged PNG: unknown chunk {kind!r}")
    assert header is not None
    if not streams:
        raise ValueError("damaged PNG: it has no pixels")
    width, height, depth, colour, _, _, interlace = header
    if colour == PALETTE and not (0 < len(palette) <= 768 and len(palette) % 3 == 0):
        raise ValueError(f"damaged PNG: a palette of {len(palette)} bytes")
    stream = streams[0] if len(streams) == 1 else b"".join(streams)
    return PngFile(
        width,
        height,
        depth,
        colour,
        bool(interlace),
        transparent,
        palette,
        px_per_metre,
        ours,
        stream,
    )


def inflated(png: PngFile, n_rows: int | None = None) -> Iterator[npt.NDArray[np.uint8]]:
    """Inflate the rows of a PNG with one byte or two a pixel, some at a time, from the top.

    Parameters
    ----------
    png
        It has a byte a pixel, or two.
    n_rows
        How many rows at a time; None for as many as go well through the caches.

    Yields
    ------
    ndarray
        uint8, shape (n_rows, 1 + width * depth / 8), the last one with what is left; read-only:
        the filter of each row, and its filtered bytes.

    Raises
    ------
    ValueError
        They are damaged, or of another size than the header says. That shows at the end at the
        latest, where checksums are compared: until then nothing is certain.
    """
    height, stride = png.height, 1 + png.width * png.depth // 8
    size = height * stride
    if size > _EXPANSION * len(png.stream):
        raise ValueError(
            f"damaged PNG: {len(png.stream):,} bytes cannot hold {png.width} x {height} pixels"
        )
    rows = _Inflater(png.stream)
    step = n_rows or max(1, _AT_ONCE // stride)
    for top in range(0, height, step):
        n = min(step, height - top)
        band = rows.next(n * stride)
        if len(band) < n * stride:
            raise ValueError(
                f"damaged PNG: {top * stride + len(band):,} bytes of pixels, of {size:,}"
            )
        yield np.frombuffer(band, np.uint8).reshape(n, stride)
    rows.end(size)


class _Inflater:
    """Inflates a stream piece by piece."""

    def __init__(self, stream: bytes | memoryview) -> None:
        self._stream: bytes | memoryview = stream
        # Unlike those that are made after zlib's, it does not copy what is left at each piece.
        self._inflate = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_ZLIB)

    def next(self, size: int) -> bytes:
        """The next `size` bytes, or what there is."""
        inflate, piece = self._inflate, b""
        try:
            while len(piece) < size and not inflate.eof:
                piece += inflate.decompress(self._stream, size - len(piece))
                self._stream = b""
                if inflate.needs_input:
                    break
        except _DAMAGED as error:
            raise ValueError(f"damaged PNG: it does not inflate ({error})") from None
        return piece

    def end(self, size: int) -> None:
        """Check that there is nothing more than the `size` bytes that came."""
        if self.next(1):
            raise ValueError(f"damaged PNG: more bytes of pixels, of {size:,}")
        # Only at its end has the checksum been compared.
        if not self._inflate.eof:
            raise ValueError("damaged PNG: its compressed pixels are truncated")


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Give kind and body of each chunk, whose checksums are right, to the end."""
    if data[:8] != SIGNATURE:
        raise ValueError("it is no PNG: it does not begin like one")
    view, at, kind = memoryview(data), 8, b""
    while kind != b"IEND":
        if len(data) < at + 12:
            raise ValueError(f"damaged PNG: truncated at byte {len(data):,}")
        size, kind = struct.unpack_from(">I4s", data, at)
        if len(data) < at + 12 + size:
            raise ValueError(f"damaged PNG: truncated at byte {len(data):,}")
        checked = view[at + 4 : at + 8 + size]
        (checksum,) = struct.unpack_from(">I", data, at + 8 + size)
        if isal_zlib.crc32(checked) != checksum:
            raise ValueError(f"damaged PNG: wrong checksum of the chunk at byte {at:,}")
        yield kind, checked[4:]
        at += 12 + size


def _header(body: memoryview) -> tuple[int, ...]:
    if len(body) != 13:
        raise ValueError(f"damaged PNG: a header of {len(body)} bytes")
    width, height, *rest = struct.unpack(">IIBBBBB", body)
    if not 0 < width * height <= MOST_PIXELS:
        raise ValueError(
            f"damaged PNG: {width} x {height} pixels, of at least 1 and at most {MOST_PIXELS:,}"
        )
    return width, height, *rest
