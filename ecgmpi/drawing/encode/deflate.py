"""Rows to a zlib stream, made of fragments that can stand in any picture."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from isal import isal_zlib
from zlib_ng import zlib_ng

from ecgmpi.errors import UsageError
from ecgmpi.picture_formats import FAST, SMALL

SMALL_LEVEL = 6
"""Of zlib-ng: 5 makes pages 4 % larger in four fifths of the time, 7 none smaller."""
_STORED = 16
_ADLER = 65521

Rows = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Fragment:
    """A part of a zlib stream that can stand after any other.

    Attributes
    ----------
    blocks
        Whole blocks of deflate that end on a byte and refer to nothing before them.
    checksum
        Adler-32 of the data.
    size
        Of the data, bytes.
    """

    blocks: bytes
    checksum: int
    size: int


def fragment(rows: Rows) -> Fragment:
    """Compress rows; a function of their bytes alone.

    Level 1 of igzip: its output, unlike that of level 3, does not depend on the processor. At
    the first byte of a stream without history, however, igzip hashes the address of its own
    state instead of the data (register tmp2 at ``.write_first_byte`` in
    igzip_icf_body_h1_gr_bt.asm of isa-l 2.32.1): one match in millions then depends on the
    address of the stack. So the first bytes are stored uncompressed, and passed to igzip as
    history.
    """
    data = rows.reshape(-1)
    first = data[:_STORED]
    stream = isal_zlib.compressobj(
        level=1, method=isal_zlib.DEFLATED, wbits=-15, zdict=first.tobytes()
    )
    blocks = b"".join(
        (
            struct.pack("<BHH", 0, first.size, first.size ^ 0xFFFF),
            first.tobytes(),
            stream.compress(data[_STORED:]),
            stream.flush(isal_zlib.Z_FULL_FLUSH),
        )
    )
    return Fragment(blocks, zlib_ng.adler32(data), data.size)


def small_fragment(rows: Rows) -> Fragment:
    """Compress rows for fewer bytes and more time; a function of their bytes alone.

    Level 6 of zlib-ng. Its authors do not promise the same output on every platform, and its
    older versions hashed by instructions that not all processors have. In 2.2 and later, what is
    chosen by the processor (longest_match, compare256, slide_hash, checksums) gives the same
    results in each of its forms; with python-zlib-ng 1.1.0, none were seen to differ from SSSE3 to
    AVX-512, nor on aarch64. libdeflate, whose author does promise it, can only write whole
    streams.
    """
    data = rows.reshape(-1)
    stream = zlib_ng.compressobj(level=SMALL_LEVEL, wbits=-15)
    blocks = stream.compress(data) + stream.flush(zlib_ng.Z_FULL_FLUSH)
    return Fragment(blocks, zlib_ng.adler32(data), data.size)


FRAGMENTS: dict[str, Callable[[Rows], Fragment]] = {FAST: fragment, SMALL: small_fragment}
"""``--compression`` name -> what compresses rows."""


def by(compression: str) -> Callable[[Rows], Fragment]:
    """Give what compresses rows for ``fast`` or ``small``.

    Raises
    ------
    UsageError
        There is no such compression.
    """
    try:
        return FRAGMENTS[compression]
    except KeyError:
        raise UsageError(
            f"compression {compression!r}: choose from {', '.join(FRAGMENTS)}"
        ) from None


def joined(fragments: Iterable[Fragment]) -> Fragment:
    """Join fragments into one."""
    parts = []
    # Adler-32 of all, from that of each; see RFC 1950.
    low, high, size = 1, 0, 0
    for one in fragments:
        parts.append(one.blocks)
        high += (one.checksum >> 16) + (low - 1) * one.size
        low += (one.checksum & 0xFFFF) - 1
        size += one.size
    return Fragment(b"".join(parts), high % _ADLER << 16 | low % _ADLER, size)


def deflated(fragments: Iterable[Fragment]) -> bytes:
    """Put fragments together to a zlib stream."""
    whole = joined(fragments)
    # An empty last block.
    return b"".join((b"\x78\x01", whole.blocks, b"\x03\x00", struct.pack(">I", whole.checksum)))
