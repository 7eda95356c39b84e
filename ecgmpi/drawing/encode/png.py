"""PNG files from rows that are already Up-filtered: no pixel is processed again."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from isal import isal_zlib

KEYWORD = "ecgmpi"
_GREY, _PALETTE = 0, 3
_STORED = 64
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def _chunk(kind: bytes, body: bytes) -> bytes:
    return b"".join(
        (
            struct.pack(">I", len(body)),
            kind,
            body,
            struct.pack(">I", zlib.crc32(body, zlib.crc32(kind))),
        )
    )


def _deflate(data: npt.NDArray[np.uint8]) -> bytes:
    """Compress to a zlib stream that is a function of `data` alone.

    Level 1 of igzip: its output, unlike that of level 3, does not depend on the processor. At
    the first byte of a stream without history, however, igzip hashes the address of its own
    state instead of the data (register tmp2 at ``.write_first_byte`` in
    igzip_icf_body_h1_gr_bt.asm of isa-l 2.32.1): one match in millions then depends on the
    address of the stack. So the first bytes are stored uncompressed, and passed to igzip as
    history.
    """
    first = data[:_STORED]
    stream = isal_zlib.compressobj(
        level=1, method=isal_zlib.DEFLATED, wbits=-15, zdict=first.tobytes()
    )
    return b"".join(
        (
            b"\x78\x01",
            struct.pack("<BHH", 0, first.size, first.size ^ 0xFFFF),
            first.tobytes(),
            stream.compress(data[_STORED:]),
            stream.flush(),
            struct.pack(">I", isal_zlib.adler32(data)),
        )
    )


def encode_png(
    rows: npt.NDArray[np.uint8],
    palette: npt.NDArray[np.uint8] | None,
    px_per_metre: int,
    text: Mapping[str, object],
) -> bytes:
    """Write a PNG of 8 bits a pixel.

    Parameters
    ----------
    rows
        uint8, shape (height, 1 + width), C-contiguous: each row's filter byte (2) and
        its Up-filtered palette indices.
    palette
        uint8, shape (256, 3): red, green, blue; None for shades of grey.
    px_per_metre
        Resolution both ways.
    text
        Content of the iTXt chunk ``ecgmpi``, as JSON with sorted keys.

    Returns
    -------
    bytes
        The file: the same bytes for the same arguments, on any x86-64-v2 processor.
    """
    height, stride = rows.shape
    kind = _GREY if palette is None else _PALETTE
    note = json.dumps(text, sort_keys=True, separators=(",", ":")).encode("ascii")
    pixels = _deflate(rows.reshape(-1))
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", stride - 1, height, 8, kind, 0, 0, 0)),
            _chunk(b"pHYs", struct.pack(">IIB", px_per_metre, px_per_metre, 1)),
            b"" if palette is None else _chunk(b"PLTE", palette.tobytes()),
            _chunk(b"iTXt", KEYWORD.encode("ascii") + b"\0\0\0\0\0" + note),
            _chunk(b"IDAT", pixels),
            _chunk(b"IEND", b""),
        )
    )
