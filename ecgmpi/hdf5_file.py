"""Write HDF5 to a disk that may be full, and read it beside whoever reads it, too.

Where HDF5 cannot write what it has to when it closes a file, it crashes the interpreter a little
later (h5py 3.16 with HDF5 2.0). So it writes through a file that never fails: the first error of
the system is kept, nothing that comes after it is written, and it is raised at the end.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py

LIBVER = ("v110", "v110")
"""The version of the format that files are written in: the same data make the same bytes."""


@contextmanager
def new_hdf5(path: Path, **options: Any) -> Iterator[h5py.File]:
    """Make a file of HDF5 for a block, which is whole when the block ends well.

    Parameters
    ----------
    path
        Where; what is there is replaced.
    **options
        As `h5py.File` takes them.

    Raises
    ------
    OSError
        The disk is full or gone, in the words of the system.
    """
    guarded = GuardedFile(path)
    try:
        with h5py.File(guarded, "w", libver=LIBVER, **options) as file:
            yield file
    except (OSError, RuntimeError, ValueError):
        # What HDF5 makes of a disk that is full is of no use to anyone.
        if guarded.error is None:
            raise
    finally:
        guarded.close()


_OTHER_LOCKING = "flag values don't match"
"""What HDF5 says of a file that this process has open with another kind of lock."""


def open_to_read(path: Path, **options: Any) -> h5py.File:
    """Open a file of HDF5 to read.

    It is not locked, as some shared filesystems refuse that. But all handles that one process has
    on a file must be of one kind: where another is open, such as that of a user who called
    `h5py.File`, this one is as that is.

    Parameters
    ----------
    path
        The file.
    **options
        As `h5py.File` takes them.

    Raises
    ------
    OSError
        It cannot be opened.
    """
    for locking in (False, "best-effort"):
        try:
            return h5py.File(path, "r", locking=locking, **options)
        except OSError as error:
            if _OTHER_LOCKING not in str(error):
                raise
    return h5py.File(path, "r", locking=True, **options)


class GuardedFile:
    """A new file to read and write at any place.

    Parameters
    ----------
    path
        Where; what is there is replaced.

    Attributes
    ----------
    error
        The first error of the system; None while there is none.

    Raises
    ------
    OSError
        It cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
        self._place = self._size = 0
        self.error: OSError | None = None

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place, as in any file."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        self._place = start + offset
        return self._place

    def tell(self) -> int:
        """Where it is."""
        return self._place

    def write(self, data: Any) -> int:
        """Write all of `data`, or seem to."""
        view = memoryview(data).cast("B")
        n, place = len(view), self._place
        try:
            while view and self.error is None:
                written = os.pwrite(self._handle, view, place)
                view, place = view[written:], place + written
        except OSError as error:
            self.error = error
        self._place += n
        self._size = max(self._size, self._place)
        return n

    def read(self, n: int = -1) -> bytes:
        """Read `n` bytes, or all that is left."""
        found = bytearray(max(0, self._size - self._place) if n < 0 else n)
        self.readinto(found)
        return bytes(found)

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer`; with zeros where nothing could be written."""
        view = memoryview(buffer).cast("B")
        found = b""
        try:
            found = os.pread(self._handle, len(view), self._place)
        except OSError as error:
            self.error = self.error or error
        view[: len(found)] = found
        view[len(found) :] = bytes(len(view) - len(found))
        self._place += len(view)
        return len(view)

    def truncate(self, size: int | None = None) -> int:
        """Set the size, or seem to."""
        self._size = self._place if size is None else size
        try:
            if self.error is None:
                os.ftruncate(self._handle, self._size)
        except OSError as error:
            self.error = error
        return self._size

    def flush(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """Close the file.

        Raises
        ------
        OSError
            The first error of the system, if there was one.
        """
        try:
            os.close(self._handle)
        except OSError as error:
            self.error = self.error or error
        if self.error is not None:
            raise self.error
