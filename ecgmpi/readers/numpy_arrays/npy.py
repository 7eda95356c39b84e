"""NumPy's ``.npy``, without pickle.

By NEP 1 and `numpy.lib.format`. An array of three axes holds many recordings; only the
requested one is read.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
import numpy.typing as npt

from ecgmpi.ecg.record import Record
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.array_record import count_of, one_of, orient, record_from_array
from ecgmpi.readers.hints import ReadHints
from ecgmpi.readers.source import Source
from ecgmpi.readers.validate import check_size, check_type
from ecgmpi.readers.wording import corrupt, truncated

_OURS = (RecordingError, MemoryError)


def load(source: Source, hints: ReadHints) -> Record:
    """Read an array as a recording.

    Parameters
    ----------
    source
        The open file.
    hints
        What the user states about it.

    Raises
    ------
    RecordingError
        The file is damaged, needs pickle, or holds no recording.
    """
    try:
        source.file.seek(0)
        head = header(source.file, "the array")
        begin = source.file.tell()
        check(head, hints, "the array", source.member)
        needed = head.size
        if source.member is not None and not head.fortran:
            # From a truncated array, complete recordings can be read.
            needed = head.size // head.shape[0] * (source.member + 1)
        if source.size < begin + needed:
            have = max(0, source.size - begin)
            raise truncated(f"the array ends after {have:,} of {head.size:,} bytes")
        array = read_values(source.file, head, source.member, begin)
    except _OURS:
        raise
    except Exception as error:
        raise damaged(source.size) from error
    return record_from_array(array, hints, name=source.name, format="npy", what="the array")


def count(path: Path, hints: ReadHints) -> int | None:  # noqa: ARG001 - as other readers
    """Count the recordings in a file by its header; None if it holds one, or none."""
    try:
        with path.open("rb", buffering=0) as file:
            return count_of(header(file, "the array").shape, path.stat().st_size)
    except Exception:
        # Reading it reports what is wrong.
        return None


@dataclass(frozen=True, slots=True)
class Head:
    """What the header of an array says."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool

    @property
    def size(self) -> int:
        """Bytes of its values."""
        return math.prod(self.shape) * self.dtype.itemsize


def header(file: IO[bytes], what: str) -> Head:
    """Read the header of an array, and no value."""
    version = np.lib.format.read_magic(file)
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if read is None:
        raise RecordingError(
            FailureKind.NOT_SUPPORTED,
            f"{what} is in version {version[0]}.{version[1]} of the format",
            "save it again with numpy.save",
        )
    shape, fortran, dtype = read(file)
    return Head(shape, dtype, fortran)


def check(head: Head, hints: ReadHints, what: str, member: int | None) -> None:
    """Refuse an array that is not a recording, before any value is read."""
    if head.dtype.hasobject:
        raise RecordingError(
            FailureKind.NOT_SUPPORTED,
            f"{what} holds Python objects, which only pickle can read, and pickle runs programs",
            "save it as a plain array of numbers",
        )
    check_type(head.dtype, what)
    if any(n < 0 for n in head.shape):
        raise corrupt(f"{what} has a negative dimension")
    shape = one_of(head.shape, what, member)
    orient(shape, what)
    check_size(shape, head.dtype.itemsize, hints, what)


def read_values(
    file: IO[bytes], head: Head, member: int | None, begin: int | None = None
) -> npt.NDArray[Any]:
    """Read the values of one recording.

    Parameters
    ----------
    file
        At the beginning of the values.
    head
        What its header says.
    member
        Which recording of an array of three axes; None is the only one.
    begin
        Offset of the values, bytes, in a file on disk; None in an archive.

    Returns
    -------
    ndarray
        The dtype of the header; its shape, or of three axes the last two. The unit is that
        of the file.
    """
    shape, itemsize = head.shape, head.dtype.itemsize
    if len(shape) != 3:
        return _values(file, math.prod(shape), head.dtype).reshape(
            shape, order="F" if head.fortran else "C"
        )
    member = member or 0
    count = math.prod(shape[1:])
    if not head.fortran or shape[0] == 1:
        if member:
            file.seek(file.tell() + member * count * itemsize)
        order: Literal["F", "C"] = "F" if head.fortran else "C"
        return _values(file, count, head.dtype).reshape(shape[1:], order=order)
    if begin is None:
        raise RecordingError(
            FailureKind.NOT_SUPPORTED,
            "the values of each recording are scattered over the whole array (Fortran order)",
            "save it with numpy.save(..., numpy.ascontiguousarray(array))",
        )
    mapped = np.memmap(file, head.dtype, "r", begin, shape, "F")
    return np.array(mapped[member])


def _values(file: IO[bytes], count: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    if isinstance(file, io.FileIO):
        return np.fromfile(file, dtype, count)
    # As much as one read may give, for an archive.
    content = file.read(count * dtype.itemsize)
    return np.frombuffer(content, dtype, count)


def damaged(size: int) -> RecordingError:
    """Make the error for a file that NumPy cannot parse."""
    return corrupt(f"the {size:,} bytes of the file do not make an array")
