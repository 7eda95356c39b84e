"""What each worker has in hand, on disk: so that what takes a whole node down is found out.

A crew keeps a small file with a slot for each of its workers, and writes there which
recording the worker is given before it gets it. The kernel keeps that when processes die.
A run that ends by itself, or is told to stop, takes its files away; what a run that died
left behind are the recordings that were in hand then. Being in hand is an attempt, being
in the queue is not.

At the first two deaths a recording had others beside it, and any may be to blame; so it
is tried as usual the first two times and the third time with nothing else in hand in the
whole job. Who dies then is to blame, and is not tried again.
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
"""A recording that was in hand so many times when its run died has failed."""

SLOW = 1.0
"""Seconds in hand after which an attempt is brought to the disk: most take a fraction."""

_SUFFIX = ".attempts"

_DIED = "died"
"""A file of this name says that some run has: a node takes what is not on disk with it."""

# Index of the recording plus one, 0 being none, and its CRC-32.
_SLOT = struct.Struct("<II")


class Attempts:
    """The file of one crew in one run; made with the first recording that is given out.

    Parameters
    ----------
    folder
        Where the files of all crews are; None to write nothing. Where it says that a run
        has died, every attempt is brought to the disk before it starts.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._careful = False
        self._path: Path | None = None
        self._handle = -1

    def begin(self, slot: int, index: int) -> None:
        """Note that the worker of `slot` is about to be given recording `index`.

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
        """Note that the worker of `slot` has nothing in hand any more."""
        if self._handle >= 0:
            os.pwrite(self._handle, bytes(_SLOT.size), slot * _SLOT.size)

    def sync(self) -> None:
        """Bring what is noted to the disk."""
        if self._handle >= 0:
            os.fdatasync(self._handle)

    def give_back(self) -> None:
        """Take the file away: whatever is in hand, nobody shall hold that against it."""
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
        # Not what it lies in: an OUT that was moved away must not come back empty.
        folder.mkdir(exist_ok=True)
        self._careful = (folder / _DIED).exists()
        self._path = folder / f"{uuid.uuid4().hex}{_SUFFIX}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._handle = os.open(self._path, flags, 0o666)
        # Its name reaches the disk once: the next run sees at least that this one died.
        entry = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            # Some filesystems do not do that for folders.
            with suppress(OSError):
                os.fsync(entry)
        finally:
            os.close(entry)


class InterruptedRuns:
    """What runs that died have left in `folder` or, where that is of the whole job, its parts.

    Attributes
    ----------
    attempts
        Index of a recording -> at how many deaths it was in hand.
    """

    def __init__(self, folder: Path) -> None:
        self._held = {path: _held(path) for path in folder.rglob(f"*{_SUFFIX}")}
        if self._held:
            (folder / _DIED).touch()
        self.attempts = Counter(index for held in self._held.values() for index in held)

    def forget(self, is_done: Callable[[int], bool]) -> None:
        """Take away every note of which all recordings are done, by their index."""
        for path, held in self._held.items():
            if all(map(is_done, held)):
                with suppress(OSError):
                    path.unlink()


def clear(folder: Path) -> None:
    """Take away every note: the job is complete.

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
