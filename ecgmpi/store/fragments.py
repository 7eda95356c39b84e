"""Fragments: the samples of a recording, from the worker that draws it until its shard is made.

A fragment is a file a recording, in a folder of the rank: an entry a picture, one after another.
An entry is a header (``<IQ``: length of the description, of all files), a description (JSON: key,
and size of each file by its kind) and the files.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_HEADER = struct.Struct("<IQ")
_ENDING = ".fragment"


@dataclass(frozen=True, slots=True)
class Sample:
    """The files of one picture.

    Attributes
    ----------
    key
        What it is called in its shard.
    files
        Kind -> content, the picture first.
    """

    key: str
    files: Mapping[str, bytes]


class Fragments:
    """The fragments of a rank, or those that one of its workers writes.

    Parameters
    ----------
    folder
        Where they are; it exists.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: tuple[Path, int] | None = None

    def append(self, chunk: int, recording: str, sample: Sample) -> None:
        """Write the next sample of a recording; the first one replaces its fragment.

        Raises
        ------
        OSError
            The disk is full or gone.
        """
        path = self._path(chunk, recording)
        if self._open is None or self._open[0] != path:
            self.close()
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
            self._open = path, os.open(path, flags, 0o666)
        _, handle = self._open
        sizes = {kind: len(data) for kind, data in sample.files.items()}
        described = json.dumps([sample.key, sizes]).encode()
        header = _HEADER.pack(len(described), sum(sizes.values()))
        for data in (header + described, *sample.files.values()):
            view = memoryview(data)
            while view:
                view = view[os.write(handle, view) :]

    def read(self, chunk: int, recording: str) -> Iterator[Sample]:
        """The samples of a recording, in order; none where it has no fragment.

        Raises
        ------
        OSError
            The fragment cannot be read.
        """
        try:
            handle = self._path(chunk, recording).open("rb")
        except FileNotFoundError:
            return
        with handle:
            while header := handle.read(_HEADER.size):
                described, size = _HEADER.unpack(header)
                key, sizes = json.loads(handle.read(described))
                data = memoryview(handle.read(size))
                files: dict[str, bytes] = {}
                for kind, length in sizes.items():
                    files[kind], data = bytes(data[:length]), data[length:]
                yield Sample(key, files)

    def discard(self, chunk: int, recording: str) -> None:
        """Remove the fragment of a recording."""
        path = self._path(chunk, recording)
        if self._open is not None and self._open[0] == path:
            self.close()
        with suppress(OSError):
            path.unlink()

    def close(self) -> None:
        """Close the fragment that is being written."""
        if self._open is not None:
            os.close(self._open[1])
            self._open = None

    def _path(self, chunk: int, recording: str) -> Path:
        # A name may be longer than a file name can be.
        own = hashlib.sha256(os.fsencode(recording)).hexdigest()[:32]
        return self._folder / f"{chunk:06d}-{own}{_ENDING}"
