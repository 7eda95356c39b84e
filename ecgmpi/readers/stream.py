"""Bytes of one variable, stored or deflated, fetched no further than they are asked for."""

from __future__ import annotations

from typing import cast

from isal import isal_zlib

from .base import Source, corrupt

_DAMAGED = cast("type[Exception]", isal_zlib.error)
"""What isa-l raises where deflated data or its checksum is wrong."""


class Stored:
    """A stretch of the file as it is.

    Parameters
    ----------
    source
        The open file.
    begin, length
        The stretch, in bytes.
    """

    def __init__(self, source: Source, begin: int, length: int) -> None:
        self._source, self._begin, self._length = source, begin, length

    def take(self, offset: int, count: int) -> bytes:
        """Read up to `count` bytes from `offset` in the stretch."""
        count = max(0, min(count, self._length - offset))
        return self._source.at(self._begin + offset, count)

    def finish(self) -> None:
        """Check nothing: what is stored has no checksum."""


class Inflated:
    """What a zlib stream holds.

    Parameters
    ----------
    raw
        The stream.
    """

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._stream = isal_zlib.decompressobj()
        self._at = 0

    def take(self, offset: int, count: int) -> bytes:
        """Inflate up to `count` bytes from `offset`, which is not before the last one taken.

        Raises
        ------
        RecordingError
            The stream is damaged.
        """
        if offset > self._at:
            self._more(offset - self._at)
        return self._more(count)

    def finish(self) -> None:
        """Check that little but padding is left, and the checksum of the whole.

        Raises
        ------
        RecordingError
            The stream is damaged, or holds more than was taken from it.
        """
        self._more(64)
        if not self._stream.eof:
            raise corrupt("the compressed data of a variable does not end where its values do")

    def _more(self, count: int) -> bytes:
        parts: list[bytes] = []
        try:
            while count > 0 and not self._stream.eof:
                part = self._stream.decompress(self._raw, count)
                self._raw = self._stream.unconsumed_tail
                if not part:
                    break
                parts.append(part)
                count -= len(part)
                self._at += len(part)
        except _DAMAGED:
            raise corrupt("the compressed data of a variable is damaged") from None
        return b"".join(parts)


def inflate_head(raw: bytes, count: int) -> bytes:
    """Inflate the first `count` bytes of a zlib stream of which `raw` is the beginning.

    Raises
    ------
    RecordingError
        The stream is damaged.
    """
    try:
        return isal_zlib.decompressobj().decompress(raw, count)
    except _DAMAGED:
        raise corrupt("the compressed data of a variable is damaged") from None
