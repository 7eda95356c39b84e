"""Whether the library can read texts of any length from an HDF5 file without hanging.

Such texts lie in heaps ("Global Heap" of the HDF5 File Format Specification, III.E). HDF5 2.0
loops forever on a damaged heap with free space of zero length, so the heaps of all but large
files are checked first.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

_MARK = b"GCOL\1\0\0\0"
_HEAD = 16
"""Bytes of the head of a heap, and of each object in it."""

_LARGEST_FILE = 64 << 20
"""Largest file that is checked, bytes; for larger ones, the time limit applies."""

_BLOCK = 1 << 20


def readable(path: Path) -> bool:
    """Whether no heap in the file is damaged in a way that makes reading it hang."""
    if path.stat().st_size > _LARGEST_FILE:
        return True
    with path.open("rb") as file:
        return all(_ends(file, place) for place in _heaps(file))


def _heaps(file: BinaryIO) -> list[int]:
    """Where in the file heaps begin."""
    found: list[int] = []
    begin, rest = 0, b""
    while block := file.read(_BLOCK):
        content = rest + block
        at = content.find(_MARK)
        while at >= 0:
            found.append(begin - len(rest) + at)
            at = content.find(_MARK, at + 1)
        begin += len(block)
        rest = content[-len(_MARK) + 1 :]
    return found


def _ends(file: BinaryIO, place: int) -> bool:
    """Whether the objects of a heap follow each other to its end."""
    file.seek(place + 8)
    size_bytes = file.read(8)
    if len(size_bytes) < 8:
        return True
    (size,) = struct.unpack("<Q", size_bytes)
    if size > _LARGEST_FILE:
        return False
    file.seek(place)
    content = file.read(size)
    at = _HEAD
    while at + _HEAD <= len(content):
        index, _, length = struct.unpack_from("<HHxxxxQ", content, at)
        # The length of free space counts its own head.
        needed = length if index == 0 else _HEAD + length + -length % 8
        if needed == 0 or at + needed > size:
            return False
        at += needed
    return True
