"""``--pack files``: each picture a file of its own below OUT."""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ecgmpi.atomic import explain, temporary_of, write_bytes

IMAGES = "images"
"""The folder below OUT that holds the pictures."""

_TRIES = 5


class FileStore:
    """Pictures as files, each replaced in one step."""

    def __init__(self, out: Path) -> None:
        self._out = str(out)

    def put(self, path: str, data: bytes) -> None:
        """Write `data` to OUT/`path`, making the folders that it needs.

        Raises
        ------
        StoreError
            OUT is full, read-only or gone: nothing can be written any more.
        RecordingError
            This one path cannot be a file (too long, a folder in its way).
        """
        target = f"{self._out}/{path}"
        try:
            for _ in range(_TRIES):
                try:
                    write_bytes(target, data)
                    return
                except FileNotFoundError:
                    # Not before the first failure: eleven of twelve pictures find the folder
                    # there. More than once, because another worker that takes back the
                    # pictures of a recording may remove an empty folder just now.
                    with suppress(FileNotFoundError):
                        self._make_folders(path)
            write_bytes(target, data)
        except OSError as error:
            raise explain(error, path) from error

    def holds(self, path: str, size: int, checksum: int | None = None) -> bool:
        """Whether OUT/`path` is a file of `size` bytes, with that CRC-32 if one is given.

        What cannot be read is not there: drawing it again will show what is wrong.
        """
        target = f"{self._out}/{path}"
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

    def discard(self, recording: str, in_folder: bool, endings: Iterable[str]) -> None:
        """Remove whatever there is of the files of `recording`, half written ones too.

        Parameters
        ----------
        recording
            Its name in OUT.
        in_folder
            Whether they are in a folder of its own; else it has one picture, which is
            called after it.
        endings
            What the names of the files of one picture end in.
        """
        self._remove(recording, in_folder, endings, whole=True)

    def sweep(self, recording: str, in_folder: bool, endings: Iterable[str]) -> None:
        """Remove what is half written of `recording`; the parameters are those of `discard`."""
        self._remove(recording, in_folder, endings, whole=False)

    def _remove(self, recording: str, in_folder: bool, endings: Iterable[str], whole: bool) -> None:
        place = f"{self._out}/{IMAGES}/{recording}"
        if not in_folder:
            pictures = [f"{place}{ending}" for ending in endings]
            for path in [*map(temporary_of, pictures), *(pictures if whole else [])]:
                with suppress(OSError):
                    os.unlink(path)  # noqa: PTH108
            return
        name = recording.rpartition("/")[2] + "_"
        beginnings = (f".{name}", name) if whole else (f".{name}",)
        with suppress(OSError):
            for found in os.listdir(place):  # noqa: PTH208
                if found.startswith(beginnings):
                    with suppress(OSError):
                        os.unlink(f"{place}/{found}")  # noqa: PTH108
            os.rmdir(place)  # noqa: PTH106

    def _make_folders(self, path: str) -> None:
        folder = self._out
        for part in path.split("/")[:-1]:
            folder = f"{folder}/{part}"
            with suppress(FileExistsError):
                os.mkdir(folder)  # noqa: PTH102
