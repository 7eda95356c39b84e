"""One file of a shard, as the journal and the manifest know it."""

from __future__ import annotations

import builtins
import os
import stat
import zlib
from dataclasses import dataclass

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class ShardFile:
    """One file of a shard: the shard itself, or an index of it.

    Attributes
    ----------
    path
        Relative to OUT, with ``/``.
    bytes
        Its size.
    crc32
        Its CRC-32, as zlib computes it.
    """

    path: str
    bytes: int
    crc32: int

    @classmethod
    def of(cls, path: str, data: builtins.bytes) -> ShardFile:
        """Describe a file that holds `data`."""
        return cls(path, len(data), zlib.crc32(data))


def matches(path: str, size: int, checksum: int | None = None) -> bool:
    """Whether there is a file of `size` bytes, with that CRC-32 if one is given, which reads it.

    What cannot be read is not there: drawing it again will show what is wrong.
    """
    try:
        information = os.stat(path)  # noqa: PTH116 - hot path
        if information.st_size != size or not stat.S_ISREG(information.st_mode):
            return False
        return checksum is None or file_checksum(path) == checksum
    except OSError:
        return False


def file_checksum(path: str) -> int:
    """The CRC-32 of a file.

    Raises
    ------
    OSError
        As the system says.
    """
    checksum = 0
    with open(path, "rb") as handle:  # noqa: PTH123 - hot path
        while block := handle.read(_BLOCK):
            checksum = zlib.crc32(block, checksum)
    return checksum
