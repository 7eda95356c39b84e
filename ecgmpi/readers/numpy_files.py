"""NumPy's ``.npy`` and ``.npz``, without pickle: an array, or several with names.

By NEP 1 and `numpy.lib.format`. An ``.npz`` may say the rate and the lead names in arrays
called as in `RATE_NAMES` and `LEAD_NAMES`.
"""

from __future__ import annotations

import zipfile
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.record import Record

from .array import orient, record_from_array
from .base import (
    DEFAULT_KEYS,
    RATE_NAMES,
    ReadHints,
    Source,
    Variable,
    corrupt,
    no_variable,
    plausible,
    plausible_rate,
    printable,
    truncated,
)
from .checks import check_size, check_type

LEAD_NAMES = ("leads", "lead_names", "sig_name", "sig_names", "channels", "channel_names")
"""What programs call the array of lead names."""

_SMALL = 65536
"""Bytes that a rate or names take at the most."""

MAX_MEMBERS = 10_000
"""Arrays in an ``.npz`` beyond which it is none."""

_OURS = (RecordingError, MemoryError)


def load(source: Source, hints: ReadHints) -> Record:
    """Read an array as a recording.

    Parameters
    ----------
    source
        The open file.
    hints
        In an ``.npz``, its key names the array; where it is None, see `DEFAULT_KEYS`.

    Raises
    ------
    RecordingError
        The file is damaged, needs pickle, or holds no recording.
    """
    try:
        if source.head.startswith(b"PK"):
            return _archive(source, hints)
        shape, _, _ = _header(source.file, "the array", from_start=True)
        _check(shape[0], shape[1], hints, "the array")
        source.file.seek(0)
        array = _array(source.file)
    except _OURS:
        raise
    except Exception as error:
        raise _damaged(source.size) from error
    return record_from_array(array, hints, name=source.name, format="npy", what="the array")


_Head = tuple[tuple[tuple[int, ...], np.dtype[Any]], bool, int]


def _header(file: IO[bytes], what: str, from_start: bool = False) -> _Head:
    """Shape and type of an array, whether it is in Fortran order, and bytes of its values."""
    if from_start:
        file.seek(0)
    version = np.lib.format.read_magic(file)
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(version)
    if read is None:
        raise RecordingError(
            FailureKind.NOT_SUPPORTED,
            f"{what} is in version {version[0]}.{version[1]} of the format",
            "save it anew with numpy.save",
        )
    shape, fortran, dtype = read(file)
    size = int(np.prod(shape, dtype=object)) * dtype.itemsize
    return (shape, dtype), fortran, size


def _check(shape: tuple[int, ...], dtype: np.dtype[Any], hints: ReadHints, what: str) -> None:
    if dtype.hasobject:
        raise RecordingError(
            FailureKind.NOT_SUPPORTED,
            f"{what} holds Python objects, which only pickle can read, and pickle runs programs",
            "save it as a plain array of numbers",
        )
    check_type(dtype, what)
    if any(n < 0 for n in shape):
        raise corrupt(f"{what} has a negative dimension")
    orient(shape, what)
    check_size(shape, dtype.itemsize, hints, what)


def _array(file: IO[bytes]) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    return array


def _archive(source: Source, hints: ReadHints) -> Record:
    """Read one array of an ``.npz``."""
    with zipfile.ZipFile(source.file) as archive:
        entries = archive.infolist()
        if len(entries) > MAX_MEMBERS:
            raise corrupt(f"the archive holds {len(entries):,} files")
        members = {
            entry.filename.removesuffix(".npy"): entry
            for entry in entries
            if entry.filename.endswith(".npy")
        }
        variables = []
        heads = {}
        for name, entry in members.items():
            what = f"array '{printable(name)}'"
            with archive.open(entry) as file:
                (shape, dtype), _, size = _header(file, what)
            heads[name] = (shape, dtype, size)
            variables.append(Variable(name, shape, dtype.name))
        wanted, notes = _wanted(hints.key, variables)
        shape, dtype, size = heads[wanted]
        what = f"array '{printable(wanted)}'"
        _check(shape, dtype, hints, what)
        if size > members[wanted].file_size:
            raise truncated(f"{what} ends after {members[wanted].file_size:,} of {size:,} bytes")
        with archive.open(members[wanted]) as file:
            array = _array(file)
        said = {}
        for name in (*RATE_NAMES, *LEAD_NAMES):
            if name in heads and heads[name][2] < _SMALL and not heads[name][1].hasobject:
                with archive.open(members[name]) as file:
                    said[name] = _array(file)
    rate = None
    for name in RATE_NAMES:
        if name in said and rate is None:
            rate = plausible_rate(said[name])
            notes += [f"rate {rate:g} Hz from array '{name}'"] if rate else []
    return record_from_array(
        array,
        hints,
        name=source.name,
        format="npz",
        what=what,
        names=_names(said, array.shape),
        rate=rate,
        notes=notes,
    )


def _wanted(key: str | None, variables: list[Variable]) -> tuple[str, list[str]]:
    """Choose the array to read, and what to tell of it."""
    names = {variable.name for variable in variables}
    for name in (key,) if key else DEFAULT_KEYS:
        if name in names:
            return name, []
    likely = plausible(variables)
    if key is None and len(likely) == 1:
        name = likely[0].name
        note = f"array '{printable(name)}' taken, the only one that may be a recording"
        return name, [note]
    raise no_variable(key, variables)


def _names(said: dict[str, npt.NDArray[Any]], shape: tuple[int, ...]) -> tuple[str, ...] | None:
    """Lead names, where an array of as many texts as there are leads says them."""
    for name in LEAD_NAMES:
        texts = said.get(name)
        if texts is not None and texts.dtype.kind == "U" and texts.shape == (min(shape),):
            return tuple(map(str, texts))
    return None


def _damaged(size: int) -> RecordingError:
    return corrupt(f"the {size:,} bytes of the file do not make an array")
