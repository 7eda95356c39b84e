"""Fragments: the samples of a recording, from the worker that draws it until its shard is made.

A fragment is a file a recording and series, in a folder of the rank: an entry a picture, one after
another.
An entry is a header (``<IQ``: length of the description, of all files), a description (JSON: key,
and size of each file by its kind) and the files.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ecgmpi.picture_formats import CLEAN

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
    series
        The series that there are.
    """

    def __init__(self, folder: Path, series: Iterable[str] = (CLEAN,)) -> None:
        self._folder = folder
        self._series = tuple(series)
        # Those of one recording: its pictures of all series come in turns.
        self._of: tuple[int, str] | None = None
        self._open: dict[str, int] = {}

    def append(self, chunk: int, recording: str, sample: Sample, series: str = CLEAN) -> None:
        """Write the next sample of a recording; the first one of a series replaces its fragment.

        Raises
        ------
        OSError
            The disk is full or gone.
        """
        if self._of != (chunk, recording):
            self.close()
            self._of = chunk, recording
        handle = self._open.get(series, -1)
        if handle < 0:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
            handle = os.open(self._path(chunk, recording, series), flags, 0o666)
            self._open[series] = handle
        sizes = {kind: len(data) for kind, data in sample.files.items()}
        described = json.dumps([sample.key, sizes]).encode()
        header = _HEADER.pack(len(described), sum(sizes.values()))
        for data in (header + described, *sample.files.values()):
            view = memoryview(data)
            while view:
                view = view[os.write(handle, view) :]

    def read(self, chunk: int, recording: str, series: str = CLEAN) -> Iterator[Sample]:
        """The samples of a recording and series, in order; none where it has no fragment.

        Raises
        ------
        OSError
            The fragment cannot be read.
        """
        try:
            handle = self._path(chunk, recording, series).open("rb")
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
        """Remove the fragments of a recording, of all series."""
        if self._of == (chunk, recording):
            self.close()
        for series in self._series:
            with suppress(OSError):
                self._path(chunk, recording, series).unlink()

    def close(self) -> None:
        """Close the fragments that are being written."""
        for handle in self._open.values():
            os.close(handle)
        self._open.clear()
        self._of = None

    def _path(self, chunk: int, recording: str, series: str) -> Path:
        # A name may be longer than a file name can be.
        own = hashlib.sha256(os.fsencode(recording)).hexdigest()[:32]
        of_series = f"-{series}" if series else ""
        return self._folder / f"{chunk:06d}-{own}{of_series}{_ENDING}"
