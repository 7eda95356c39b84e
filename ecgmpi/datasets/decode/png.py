"""Decode the PNGs that ecgmpi writes: 8 bits a pixel, each row filtered by Up, or none by any."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import pairwise
from typing import cast

import numpy as np
import numpy.typing as npt
from isal import isal_zlib

from .indexed import IndexedImage

Bytes = npt.NDArray[np.uint8]

MOST_PIXELS = 200_000_000
"""Twice those of the largest picture that ecgmpi draws."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_NONE, _UP = 0, 2
_GREY, _PALETTE = 0, 3
_SHADES = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(-1, 3)
_EXPANSION = 1032
"""Deflate makes no byte of more."""
_DAMAGED = cast("type[Exception]", isal_zlib.error)
_TOGETHER = 16
"""Rows that are added up at a time: the fewest calls of numpy that keep to its caches."""


def decode_png(data: bytes) -> IndexedImage | None:
    """Decode a PNG of our own kind.

    Parameters
    ----------
    data
        The content of the file.

    Returns
    -------
    IndexedImage or None
        None where the file is sound as far as can be seen, but of another kind: other depths,
        colours or filters, interlaced, or with transparency.

    Raises
    ------
    ValueError
        It is no PNG, is damaged, or has more than 200 million pixels.
    """
    header, palette, stream, plain = _parts(data)
    width, height, depth, kind, _, _, interlace = header
    if not (plain and depth == 8 and kind in (_GREY, _PALETTE) and not interlace):
        return None
    rows = _inflated(stream, height, width)
    indices = _unfiltered(rows)
    if indices is None:
        return None
    if kind == _GREY:
        return IndexedImage(indices, _SHADES, grey=True)
    colours = np.zeros((256, 3), np.uint8)
    colours.reshape(-1)[: len(palette)] = np.frombuffer(palette, np.uint8)
    if len(palette) < colours.size and int(indices.max()) * 3 >= len(palette):
        raise ValueError(
            f"damaged PNG: it uses colour {indices.max()} of a palette of {len(palette) // 3}"
        )
    return IndexedImage(indices, colours)


def _parts(data: bytes) -> tuple[tuple[int, ...], bytes, bytes | memoryview, bool]:
    """Give header, palette and compressed rows, and whether nothing else affects the pixels."""
    header: tuple[int, ...] | None = None
    palette, plain = b"", True
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
            plain = False
        elif not kind[0] & 32 and kind != b"IEND":
            raise ValueError(f"damaged PNG: unknown chunk {kind!r}")
    assert header is not None
    if not streams:
        raise ValueError("damaged PNG: it has no pixels")
    if header[3] == _PALETTE and not (0 < len(palette) <= 768 and len(palette) % 3 == 0):
        raise ValueError(f"damaged PNG: a palette of {len(palette)} bytes")
    return header, palette, streams[0] if len(streams) == 1 else b"".join(streams), plain


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Give kind and body of each chunk, whose checksums are right, to the end."""
    if data[:8] != _SIGNATURE:
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


def _inflated(stream: bytes | memoryview, height: int, width: int) -> Bytes:
    """Give the filtered rows: uint8, shape (height, 1 + width), read-only."""
    size = height * (1 + width)
    if size > _EXPANSION * len(stream):
        raise ValueError(
            f"damaged PNG: {len(stream):,} bytes cannot hold {width} x {height} pixels"
        )
    # Room for one byte more shows whether there are more, and spares a copy by growing.
    inflate = isal_zlib.decompressobj()
    try:
        rows = inflate.decompress(stream, size + 1)
    except _DAMAGED as error:
        raise ValueError(f"damaged PNG: it does not inflate ({error})") from None
    if len(rows) != size or not inflate.eof:
        found = f"{len(rows):,}" if len(rows) <= size else "more"
        raise ValueError(f"damaged PNG: {found} bytes of pixels, of {size:,}")
    return np.frombuffer(rows, np.uint8).reshape(height, 1 + width)


def _unfiltered(rows: Bytes) -> Bytes | None:
    """Give the pixels: uint8, shape (height, width); None where rows are filtered otherwise."""
    filters, rest = rows[:, 0], rows[:, 1:]
    if not filters.any():
        return rest.copy()
    if filters[0] not in (_NONE, _UP) or (filters[1:] != _UP).any():
        return None
    return _added_up(rest)


def _added_up(rows: Bytes) -> Bytes:
    """Sums of each row and all above it, modulo 256.

    `numpy.add.accumulate` takes ten times as long: it walks down one column after another.
    """
    height, width = rows.shape
    sums = np.empty((height, width), np.uint8)
    shape = (height // _TOGETHER, _TOGETHER, width)
    whole = shape[0] * _TOGETHER
    there, blocks = rows[:whole].reshape(shape), sums[:whole].reshape(shape)
    # Within each block, then from block to block.
    blocks[:, 0] = there[:, 0]
    for k in range(1, _TOGETHER):
        np.add(there[:, k], blocks[:, k - 1], blocks[:, k])
    for above, block in pairwise(blocks):
        np.add(block, above[-1], block)
    sums[whole:] = rows[whole:]
    for k in range(max(1, whole), height):
        sums[k] += sums[k - 1]
    return sums
