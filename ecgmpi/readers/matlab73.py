"""MATLAB 7.3 files, and HDF5 files with one recording in a plain dataset, or many.

A MATLAB 7.3 file is HDF5 behind a userblock of 512 bytes. Each variable is a dataset of
the root group, its axes in reverse order, with the attribute ``MATLAB_class``; an empty
one keeps its dimensions as values and has ``MATLAB_empty`` (MathWorks, "MAT-File
Versions"; seen in files that MATLAB wrote).
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.record import Record

from .array import orient, record_from_array
from .base import (
    DEFAULT_KEYS,
    MATLAB_HELD,
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
from .checks import check_size, check_type, not_numeric
from .sniff import HDF5_SIGNATURE, matlab73

_USERBLOCK = 512
"""Bytes before the HDF5 data of a MATLAB 7.3 file."""

CODE_KEY = "tracings"
"""The dataset of CODE and CODE-15%: recordings by samples by leads."""

CODE_RATE = 400.0
"""Samples per second (Hz) of CODE and CODE-15% (Ribeiro et al. 2020, Nat Commun 11:1760)."""

_OURS = (RecordingError, MemoryError)


def load(source: Source, hints: ReadHints) -> Record:
    """Read one dataset of a MATLAB 7.3 or plain HDF5 file as a recording.

    Parameters
    ----------
    source
        The file, which the HDF5 library opens for itself.
    hints
        Its key is the dataset's name or path in the file; where it is None, see `DEFAULT_KEYS`.

    Raises
    ------
    RecordingError
        The file is damaged, or has no such dataset, or that is not a recording.
    """
    matlab = matlab73(source.head)
    if HDF5_SIGNATURE not in source.head:
        if source.size < _USERBLOCK + len(HDF5_SIGNATURE):
            raise truncated(f"the file is {source.size} bytes long and ends before its HDF5 data")
        raise corrupt("the header says MATLAB 7.3, but no HDF5 data follows it")
    try:
        # A lock is of no use to a reader, and fails on some shared filesystems.
        with h5py.File(source.path, "r", locking=False) as file:
            what, notes, item = _wanted(file, hints.key, matlab)
            values = _values(item, what, hints, matlab, source.member)
            rate, told = _rate(file)
            notes += told
    except _OURS:
        raise
    except Exception as error:
        raise _damaged(error, source.size) from error
    form = "matlab-7.3" if matlab else "hdf5"
    first = 0
    if source.member is not None:
        values, first, told = _without_padding(values)
        notes += told
    # CODE and CODE-15% are recorded at 400 Hz, by their descriptions, and do not say so.
    if rate is None and hints.rate is None and what == f"dataset '{CODE_KEY}'":
        rate = CODE_RATE
        notes.append(f"rate {rate:g} Hz, for '{CODE_KEY}' is what CODE-15% calls its signals")
    record = record_from_array(
        values, hints, name=source.name, format=form, what=what, rate=rate, notes=notes
    )
    return replace(record, start=first / record.rate) if first else record


def _rate(file: h5py.File) -> tuple[float | None, list[str]]:
    """Samples per second, Hz, if a dataset says it; and what to tell of that."""
    for name in RATE_NAMES:
        if not isinstance(file.get(name, getlink=True), h5py.HardLink):
            continue
        item = file[name]
        if isinstance(item, h5py.Dataset) and item.size == 1:
            rate = plausible_rate(np.asarray(item[()]))
            if rate is not None:
                return rate, [f"rate {rate:g} Hz from '{name}'"]
    return None, []


def count(path: Path, hints: ReadHints) -> int | None:
    """Count the recordings in a file by its header; None where it holds one, or none."""
    try:
        with h5py.File(path, "r", locking=False) as file:
            _, _, item = _wanted(file, hints.key, False)
            if not isinstance(item, h5py.Dataset) or item.shape is None or len(item.shape) != 3:
                return None
            n_recordings = int(item.shape[0])
    except Exception:
        # Whoever reads it says what is wrong with it.
        return None
    # A header may claim anything; eight bytes a recording is less than it can take.
    return n_recordings if 0 < n_recordings <= path.stat().st_size // 8 else None


def _without_padding(values: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], int, list[str]]:
    """Take off samples at both ends at which all leads are 0; how many came off in front."""
    samples = 0 if orient(values.shape, "the recording") else 1
    there = np.flatnonzero((values != 0).any(axis=1 - samples))
    if not there.size or there.size == values.shape[samples]:
        return values, 0, []
    first, last = int(there[0]), int(there[-1]) + 1
    kept = values[first:last] if samples == 0 else values[:, first:last]
    after = values.shape[samples] - last
    if not (first or after):
        return values, 0, []
    return kept, first, [f"padding taken off: {first:,} zeros in front, {after:,} behind"]


def _wanted(file: h5py.File, key: str | None, matlab: bool) -> tuple[str, list[str], Any]:
    """Find what to read: `key`, or one of `DEFAULT_KEYS`, or the only array that will do."""
    kind = "variable" if matlab else "dataset"
    for name in (key,) if key else (*DEFAULT_KEYS, CODE_KEY):
        # A member of a struct is a dataset in a group.
        item = _find(file, name)
        if item is None and "." in name:
            item = _find(file, name.replace(".", "/"))
        if item is not None:
            return f"{kind} '{printable(name)}'", [], item
    held = _listing(file, matlab)
    likely = plausible(held)
    if key is None and len(likely) == 1:
        what = f"{kind} '{printable(likely[0].name)}'"
        return what, [f"{what} taken, the only array that may be a recording"], file[likely[0].name]
    raise no_variable(key, held, most_axes=2 if matlab else 3)


def _damaged(error: Exception, size: int) -> RecordingError:
    """Say in our words what an error of the HDF5 library means."""
    said = str(error)
    promised = re.search(r"truncated file: .*stored_eof = (\d+)", said)
    if promised:
        return truncated(
            f"the file ends after {size:,} of the {int(promised[1]):,} bytes that its header "
            "promises"
        )
    if "filter" in said and ("not available" in said or "required" in said):
        return RecordingError(
            FailureKind.NOT_SUPPORTED,
            "the dataset is compressed by an HDF5 filter that is not installed",
            "repack the file with gzip (h5repack -f GZIP=1 IN OUT)",
        )
    return corrupt("the HDF5 structure or the compressed data in the file is damaged")


def _values(
    item: Any, what: str, hints: ReadHints, matlab: bool, member: int | None
) -> npt.NDArray[Any]:
    """Read the dataset asked for, its axes in the order that its writer saw."""
    kind = _matlab_class(item)
    if isinstance(item, h5py.Group):
        sparse = "MATLAB_sparse" in item.attrs
        members = ", ".join(printable(str(name)) for name in list(item)[:8])
        held = "a sparse matrix" if sparse else MATLAB_HELD.get(kind, "a group") + f" of {members}"
        raise not_numeric(what, held)
    if not isinstance(item, h5py.Dataset):
        raise not_numeric(what, "a type and no values")
    if kind in MATLAB_HELD:
        raise not_numeric(what, MATLAB_HELD[kind])
    names = item.dtype.names
    check_type(np.dtype(complex) if names and set(names) == {"real", "imag"} else item.dtype, what)
    if item.shape is None or item.attrs.get("MATLAB_empty", 0):
        orient((0,), what)
    shape = item.shape[::-1] if matlab else item.shape
    if not matlab:
        shape = _of_one(shape, what, member)
    orient(shape, what)
    check_size(shape, item.dtype.itemsize, hints, what)
    # A dataset is inflated a whole chunk at a time, whatever its own shape is.
    check_size(item.chunks or (), item.dtype.itemsize, hints, f"a chunk of {what}")
    if item.external or item.is_virtual:
        raise RecordingError(
            FailureKind.NOT_SUPPORTED,
            f"{what} keeps its values in other files",
            "save it as one file (h5repack)",
        )
    raw: npt.NDArray[Any] = item[() if member is None else member]
    return raw.T if matlab else raw


def _of_one(shape: tuple[int, ...], what: str, member: int | None) -> tuple[int, ...]:
    """The shape of one recording in a dataset of one or of many."""
    if len(shape) != 3:
        if member is None:
            return shape
        raise RecordingError(
            FailureKind.NO_VARIABLE, f"{what} is one recording", f"leave out #{member}"
        )
    if member is None and 0 not in shape:
        raise RecordingError(
            FailureKind.WRONG_SHAPE,
            f"{what} holds {shape[0]:,} recordings ({'x'.join(map(str, shape))})",
            f"name one of them: FILE#0 to FILE#{shape[0] - 1}",
        )
    if member is not None and member >= shape[0]:
        raise RecordingError(
            FailureKind.NO_VARIABLE,
            f"no recording {member}; {what} holds {shape[0]:,}, the first of which is 0",
            f"name one of them: FILE#0 to FILE#{shape[0] - 1}",
        )
    return shape[1:]


def _find(file: h5py.File, key: str) -> Any:
    """Find the item at `key`, or None; links that lead out of the file are not followed."""
    place: Any = file
    for part in key.strip("/").split("/"):
        if not isinstance(place, h5py.Group) or part in ("", ".", ".."):
            return None
        link = place.get(part, getlink=True)
        if link is None:
            return None
        if isinstance(link, h5py.ExternalLink):
            raise RecordingError(
                FailureKind.NOT_SUPPORTED,
                f"'{printable(key)}' is a link to another file",
                "name that file instead",
            )
        if isinstance(link, h5py.SoftLink):
            # Its target may pass through a link of any kind, so it is walked as well.
            base = link.path if link.path.startswith("/") else f"{place.name}/{link.path}"
            place = _find(file, base) if base.strip("/") != key.strip("/") else None
        else:
            place = place[part]
    return place


def _matlab_class(item: Any) -> str:
    """Return what MATLAB called the type; empty where the file does not say."""
    value = item.attrs.get("MATLAB_class", b"")
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _listing(file: h5py.File, matlab: bool) -> list[Variable]:
    """List what the root group holds."""
    found = []
    for name in file:
        if name.startswith("#") or not isinstance(file.get(name, getlink=True), h5py.HardLink):
            continue
        item = file[name]
        kind = _matlab_class(item)
        if isinstance(item, h5py.Dataset):
            shape = item.shape or ()
            words = kind or item.dtype.name
            found.append(Variable(name, shape[::-1] if matlab else shape, words))
        else:
            found.append(Variable(name, (1, 1), kind or "group"))
        if len(found) >= 64:
            break
    return found
