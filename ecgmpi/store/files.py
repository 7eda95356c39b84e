"""``--pack files``: each picture a file of its own below OUT."""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ecgmpi.atomic import TEMPORARY_SUFFIX, explain, temporary_of, write_bytes
from ecgmpi.picture_formats import PICTURE

from .base import StoreSpec, safe_name

_TRIES = 5


class FileStore:
    """Pictures as files, each replaced in one step."""

    def __init__(self, out: Path, spec: StoreSpec) -> None:
        self._out = str(out)
        self._spec = spec

    def put(self, chunk: int, recording: str, name: str, data: bytes) -> str:  # noqa: ARG002
        """Write `data` to a file of its own, making the folders that it needs.

        A recording of one picture has that beside the pictures of others, called after it;
        one of several has a folder, in which each begins with the recording's own name.

        Raises
        ------
        StoreError
            OUT is full, read-only or gone: nothing can be written any more.
        RecordingError
            This one path cannot be a file (too long, a folder in its way).
        """
        location = self._stem(recording) + safe_name(name)
        target = f"{self._out}/{location}"
        try:
            for _ in range(_TRIES):
                try:
                    write_bytes(target, data)
                    return location
                except FileNotFoundError:
                    # Not before the first failure: eleven of twelve pictures find the folder
                    # there. More than once, because another worker that takes back the
                    # pictures of a recording may remove an empty folder just now.
                    with suppress(FileNotFoundError):
                        self._make_folders(location)
            write_bytes(target, data)
        except OSError as error:
            raise explain(error, location) from error
        return location

    def finish(self, chunk: int, locations: Sequence[str]) -> None:
        """Nothing is to be done: each file was whole when it was put."""

    def holds(
        self, location: str, size: int, checksum: int | None = None, kind: str = PICTURE
    ) -> bool:
        """Whether there is a file of `size` bytes, with that CRC-32 if one is given.

        What cannot be read is not there: drawing it again will show what is wrong.
        """
        target = f"{self._out}/{self._spec.beside(location, kind)}"
        try:
            information = os.stat(target)  # noqa: PTH116 - hot path
            if information.st_size != size or not stat.S_ISREG(information.st_mode):
                return False
            if checksum is None:
                return True
            with open(target, "rb") as handle:  # noqa: PTH123
                return zlib.crc32(handle.read()) == checksum
        except OSError:
            return False

    def discard(self, recording: str) -> None:
        """Remove whatever there is of the files of `recording`, half written ones too."""
        self._remove(recording, whole=True)

    def sweep(self, recording: str) -> None:
        """Remove what is half written of `recording`."""
        self._remove(recording, whole=False)

    def _stem(self, recording: str) -> str:
        """What the locations of all files of a recording begin with."""
        stem = f"{self._spec.folder}/{recording}"
        return stem if self._spec.one_picture else f"{stem}/{recording.rpartition('/')[2]}_"

    def _remove(self, recording: str, whole: bool) -> None:
        stem = f"{self._out}/{self._stem(recording)}"
        if self._spec.one_picture:
            pictures = [f"{stem}{ending}" for ending in self._spec.endings.values()]
            for path in [*map(temporary_of, pictures), *(pictures if whole else [])]:
                with suppress(OSError):
                    os.unlink(path)  # noqa: PTH108
            return
        place, _, name = stem.rpartition("/")
        with suppress(OSError):
            for found in os.listdir(place):  # noqa: PTH208
                # The temporary name of a long one does not begin with all of it; in this folder
                # only this recording has any.
                half = found.startswith(".") and found.endswith(TEMPORARY_SUFFIX)
                if half or (whole and found.startswith(name)):
                    with suppress(OSError):
                        os.unlink(f"{place}/{found}")  # noqa: PTH108
            os.rmdir(place)  # noqa: PTH106

    def _make_folders(self, location: str) -> None:
        folder = self._out
        for part in location.split("/")[:-1]:
            folder = f"{folder}/{part}"
            with suppress(FileExistsError):
                os.mkdir(folder)  # noqa: PTH102
