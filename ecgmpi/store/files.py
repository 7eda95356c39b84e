"""``--pack files``: each picture a file of its own below OUT."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ecgmpi.atomic import TEMPORARY_SUFFIX, explain, temporary_of, write_bytes
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.picture_formats import CLEAN, MASK, PICTURE

from .base import Keys, StoreSpec, safe_name
from .series import copy_name
from .shard_file import ShardFile, matches

_TRIES = 5


class FileStore:
    """Pictures as files, each replaced in one step."""

    def __init__(self, out: Path, spec: StoreSpec, fragments: Path | None = None) -> None:  # noqa: ARG002
        self._out = str(out)
        self._spec = spec
        self._all_endings = [
            f"~{copy_name(one.name, copy)}{ending}" if one.name else ending
            for one in spec.every_series
            for copy in range(1, one.copies + 1)
            for ending in one.endings.values()
        ]
        # A recording of which the name ends so would have its picture where another has a mask.
        own = spec.endings[PICTURE]
        besides = {
            one.name: [
                ending.removesuffix(own)
                for kind, ending in one.endings.items()
                if kind != PICTURE and ending.endswith(own)
            ]
            for one in spec.every_series
        }
        self._taken = tuple(besides[CLEAN]) if spec.one_picture else ()
        # Or where another has its worn copy, or what stands beside that.
        worn = [
            f"{re.escape(name)}[0-9]+(?:{'|'.join(map(re.escape, ['', *of_copy]))})"
            for name, of_copy in besides.items()
            if name != CLEAN
        ]
        self._worn = re.compile(f"~(?:{'|'.join(worn)})$") if worn else None

    def put(
        self,
        chunk: int,  # noqa: ARG002
        recording: str,
        label: str,
        files: Mapping[str, bytes],
        series: str = CLEAN,
        copy: int = 0,
    ) -> str:
        """Write the files of a picture, making the folders that they need.

        A recording of one picture has that beside the pictures of others, called after it;
        one of several has a folder, in which each begins with the recording's own name.

        Raises
        ------
        StoreError
            OUT is full, read-only or gone: nothing can be written any more.
        RecordingError
            This one path cannot be a file (too long, a folder in its way), or is that of the
            mask, or of a worn copy, of another picture.
        """
        for taken in self._taken:
            if recording.endswith(taken):
                mask = taken.removeprefix(".")
                option = "--mask" if mask == MASK else f"--masks {mask}"
                raise RecordingError(
                    FailureKind.BAD_NAME,
                    f"with {option}, no recording may be called *{taken}",
                    f"rename it, or leave out {option}",
                )
        self._refuse_worn(recording, label)
        stem = self._stem(recording) + safe_name(label)
        if series:
            stem += f"~{copy_name(series, copy)}"
        endings = self._spec.of(series).endings if series else self._spec.endings
        locations = [stem + endings[kind] for kind in files]
        for location, data in zip(locations, files.values(), strict=True):
            self._write(location, data)
        return locations[0]

    def _refuse_worn(self, recording: str, label: str) -> None:
        """Refuse a picture that would be where a worn copy of another is."""
        own = recording if self._spec.one_picture else label
        if self._worn is not None and (found := self._worn.search(own)):
            what = "recording" if self._spec.one_picture else "lead"
            raise RecordingError(
                FailureKind.BAD_NAME,
                f"with --wear, no {what} may be called *{found[0]}",
                "rename it, or leave out --wear",
            )

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

    def holds(
        self,
        path: str,
        size: int,
        checksum: int | None = None,
        kind: str = PICTURE,
        series: str = CLEAN,
    ) -> bool:
        """Whether there is a file of `size` bytes, with that CRC-32 if one is given.

        What cannot be read is not there: drawing it again will show what is wrong.
        """
        return matches(f"{self._out}/{self._spec.beside(path, kind, series)}", size, checksum)

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
        stem = f"{self._out}/{self._stem(recording)}"
        if self._spec.one_picture:
            if recording.endswith(self._taken) or (self._worn and self._worn.search(recording)):
                # Nothing there is its own: see `put`.
                return
            pictures = [f"{stem}{ending}" for ending in self._all_endings]
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
