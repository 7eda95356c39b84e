"""The recordings in flight, on disk, to identify one that takes a whole node down.

A supervisor keeps a small file with a slot for each of its workers. It writes the number of a
recording there before the worker gets it, and the kernel keeps that when processes die. A run
that ends by itself, or is stopped, removes its file. The files that a run leaves behind when
it dies thus hold the recordings that were in flight. Being in flight is an attempt; being
queued is not.

At the first two deaths other recordings were in flight too, and any may be to blame. So a
recording is tried as usual twice, and the third time with nothing else in flight in the whole
job. A recording that takes the job down then is to blame, and is not tried again.
"""

from __future__ import annotations

import os
import struct
import uuid
import zlib
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

MOST_ATTEMPTS = 3
"""A recording that was in flight at so many deaths of the job has failed."""

SLOW = 1.0
"""Seconds in flight after which an attempt is synced to disk: most recordings take less."""

_SUFFIX = ".attempts"

_DIED = "died"
"""Name of the file that notes that a run has died: a node loses what is not on disk."""

# Index of the recording plus one, 0 being none, and its CRC-32.
_SLOT = struct.Struct("<II")


class Attempts:
    """The file of one supervisor in one run; created with the first recording it dispatches.

    Parameters
    ----------
    folder
        Where the files of all supervisors are; None to write nothing. If it notes that a run
        has died, every attempt is synced to disk before it starts.
    name
        What the file is called: whoever starts another supervisor in place of one that was
        killed looks into it.
    """

    def __init__(self, folder: Path | None, name: str = "") -> None:
        self._folder = folder
        self._name = name or fresh_name()
        self._careful = False
        self._path: Path | None = None
        self._handle = -1

    def begin(self, slot: int, index: int) -> None:
        """Note that the worker of `slot` is about to get recording `index`.

        Raises
        ------
        OSError
            The disk is full or gone.
        """
        if self._folder is None:
            return
        fresh = self._handle < 0
        if fresh:
            self._open(self._folder)
        number = struct.pack("<I", index + 1)
        os.pwrite(self._handle, _SLOT.pack(index + 1, zlib.crc32(number)), slot * _SLOT.size)
        if self._careful or fresh:
            self.sync()

    def end(self, slot: int) -> None:
        """Note that the worker of `slot` is idle."""
        if self._handle >= 0:
            os.pwrite(self._handle, bytes(_SLOT.size), slot * _SLOT.size)

    def sync(self) -> None:
        """Sync the file to disk."""
        if self._handle >= 0:
            os.fdatasync(self._handle)

    def withdraw(self) -> None:
        """Remove the file: whatever is in flight now does not count as an attempt."""
        self._folder = None
        self.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file; it stays."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _open(self, folder: Path) -> None:
        # Without parents: an OUT that was moved away must not reappear empty.
        folder.mkdir(exist_ok=True)
        self._careful = (folder / _DIED).exists()
        self._path = folder / self._name
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._handle = os.open(self._path, flags, 0o666)
        # Its name is synced once: the next run sees at least that this one died.
        entry = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            # Some filesystems cannot sync folders.
            with suppress(OSError):
                os.fsync(entry)
        finally:
            os.close(entry)


def fresh_name() -> str:
    """A name for the file of a supervisor that no other has."""
    return f"{uuid.uuid4().hex}{_SUFFIX}"


def taken_from(path: Path) -> set[int]:
    """The recordings that a killed supervisor had in flight, whose file at `path` is removed.

    The run continues, so this does not count as an attempt.
    """
    try:
        held = _held(path)
        path.unlink()
    except FileNotFoundError:
        return set()
    return held


class InterruptedRuns:
    """What runs that died left in `folder`, and below it in the folders of parts.

    Attributes
    ----------
    attempts
        Index of a recording -> at how many deaths it was in flight.
    """

    def __init__(self, folder: Path) -> None:
        self._held = {path: _held(path) for path in folder.rglob(f"*{_SUFFIX}")}
        if self._held:
            (folder / _DIED).touch()
        self.attempts = Counter(index for held in self._held.values() for index in held)

    def forget(self, is_done: Callable[[int], bool]) -> None:
        """Remove every file whose recordings are all done, by their index."""
        for path, held in self._held.items():
            if all(map(is_done, held)):
                with suppress(OSError):
                    path.unlink()


def clear(folder: Path) -> None:
    """Remove every file: the job is complete.

    Raises
    ------
    OSError
        They cannot be removed.
    """
    for path in (*folder.rglob(f"*{_SUFFIX}"), folder / _DIED):
        path.unlink(missing_ok=True)


def _held(path: Path) -> set[int]:
    """The recordings in the slots of a file; a slot that is torn counts as empty."""
    data = path.read_bytes()
    slots = _SLOT.iter_unpack(data[: len(data) // _SLOT.size * _SLOT.size])
    return {
        number - 1
        for number, checksum in slots
        if number and zlib.crc32(struct.pack("<I", number)) == checksum
    }
