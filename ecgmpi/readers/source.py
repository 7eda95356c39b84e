"""A file that was opened once, for the reader that accepts it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was opened once, for whichever reader takes it.

    Attributes
    ----------
    name
        Name of the recording.
    path
        Where the file lies, for libraries that open it themselves and for sidecars.
    file
        The open file, unbuffered, at any position.
    head
        Its first `HEAD_BYTES` bytes, or all if it has fewer.
    size
        Its length in bytes.
    member
        Which recording of the file, from 0; None if it holds one.
    in_memory
        Whether `file` is the content of a gzip file; `path` is then without ``.gz``, and
        may not exist.
    """

    name: str
    path: Path
    file: BinaryIO
    head: bytes
    size: int
    member: int | None = None
    in_memory: bool = False

    @property
    def for_library(self) -> Path | BinaryIO:
        """The argument for a library that opens files itself: the path if possible."""
        if not self.in_memory:
            return self.path
        self.file.seek(0)
        return self.file

    def at(self, offset: int, count: int) -> bytes:
        """Read up to `count` bytes from `offset`: fewer only where the file ends."""
        if offset + count <= len(self.head):
            return self.head[offset : offset + count]
        self.file.seek(offset)
        parts: list[bytes] = []
        while count > 0:
            part = self.file.read(count)
            if not part:
                break
            parts.append(part)
            count -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)


HEAD_BYTES = 4096
"""How much of a file a signature check gets: enough for an HDF5 userblock of 2048 bytes."""
