"""``--pack files``: each picture a file of its own below OUT."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ecgmpi.atomic import TEMPORARY_SUFFIX, explain, temporary_of, write_bytes
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.picture_formats import PICTURE

from .base import Keys, StoreSpec, safe_name
from .shard_file import ShardFile, matches

_TRIES = 5


class FileStore:
    """Pictures as files, each replaced in one step."""

    def __init__(self, out: Path, spec: StoreSpec, fragments: Path | None = None) -> None:  # noqa: ARG002
        self._out = str(out)
        self._spec = spec
        # A recording of which the name ends so would have its picture where another has its mask.
        own = spec.endings[PICTURE]
        self._taken = tuple(
            ending.removesuffix(own)
            for kind, ending in spec.endings.items()
            if spec.one_picture and kind != PICTURE and ending.endswith(own)
        )

    def put(self, chunk: int, recording: str, label: str, files: Mapping[str, bytes]) -> str:  # noqa: ARG002
        """Write the files of a picture, making the folders that they need.

        A recording of one picture has that beside the pictures of others, called after it;
        one of several has a folder, in which each begins with the recording's own name.

        Raises
        ------
        StoreError
            OUT is full, read-only or gone: nothing can be written any more.
        RecordingError
            This one path cannot be a file (too long, a folder in its way), or is that of the
            mask of another recording.
        """
        if recording.endswith(self._taken):
            raise RecordingError(
                FailureKind.BAD_NAME,
                "with --mask, no recording may be called *.mask",
                "rename it, or leave out --mask",
            )
        stem = self._stem(recording) + safe_name(label)
        locations = [stem + self._spec.endings[kind] for kind in files]
        for location, data in zip(locations, files.values(), strict=True):
            self._write(location, data)
        return locations[0]

    def _write(self, location: str, data: bytes) -> None:
        target = f"{self._out}/{location}"
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
                        self._make_folders(location)
            write_bytes(target, data)
        except OSError as error:
            raise explain(error, location) from error

    def finish(self, chunk: int, keys: Keys) -> tuple[ShardFile, ...]:  # noqa: ARG002
        """Nothing is to be done: each file was whole when it was put."""
        return ()

    def holds(self, path: str, size: int, checksum: int | None = None, kind: str = PICTURE) -> bool:
        """Whether there is a file of `size` bytes, with that CRC-32 if one is given.

        What cannot be read is not there: drawing it again will show what is wrong.
        """
        return matches(f"{self._out}/{self._spec.beside(path, kind)}", size, checksum)

    def discard(self, chunk: int, recording: str) -> None:  # noqa: ARG002
        """Remove whatever there is of the files of `recording`, half written ones too."""
        self._remove(recording, whole=True)

    def sweep(self, chunk: int, recording: str) -> None:  # noqa: ARG002
        """Remove what is half written of `recording`."""
        self._remove(recording, whole=False)

    def _stem(self, recording: str) -> str:
        """What the locations of all files of a recording begin with."""
        stem = f"{self._spec.folder}/{recording}"
        return stem if self._spec.one_picture else f"{stem}/{recording.rpartition('/')[2]}_"

    def _remove(self, recording: str, whole: bool) -> None:
        if recording.endswith(self._taken):
            # Nothing there is its own: see `put`.
            return
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
