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

from ecgmpi.ecg.record import Record
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.array_record import count_of, n_leads_of, one_of, orient, record_from_array
from ecgmpi.readers.entries import texts_of
from ecgmpi.readers.hints import ReadHints
from ecgmpi.readers.lead_arrays import Leads, check_leads, record_from_leads
from ecgmpi.readers.signatures import HDF5_SIGNATURE, matlab73
from ecgmpi.readers.source import Source
from ecgmpi.readers.stated import Stated, named_so, settle
from ecgmpi.readers.statements import Fact
from ecgmpi.readers.validate import check_size, check_type, not_numeric
from ecgmpi.readers.variables import MATLAB_HELD
from ecgmpi.readers.wording import corrupt, printable, truncated

from .items import CODE_KEY, Wanted, choose, find, kind_of, matlab_class
from .statements import beside, own_statements, statements
from .values import Values

_USERBLOCK = 512
"""Bytes before the HDF5 data of a MATLAB 7.3 file."""

CODE_RATE = 400.0
"""Samples per second (Hz) of CODE and CODE-15% (Ribeiro et al. 2020, Nat Commun 11:1760)."""

_OURS = (RecordingError, MemoryError)


def load(source: Source, hints: ReadHints) -> Record:
    """Read one dataset of a MATLAB 7.3 or plain HDF5 file as a recording.

    Parameters
    ----------
    source
        The file, which the HDF5 library opens itself.
    hints
        Its key is the dataset's name or path in the file; where it is None, see `DEFAULT_KEYS`.

    Raises
    ------
    RecordingError
        The file is damaged, has no such dataset, or the dataset is not a recording.
    """
    matlab = matlab73(source.head)
    if HDF5_SIGNATURE not in source.head:
        if source.size < _USERBLOCK + len(HDF5_SIGNATURE):
            raise truncated(f"the file is {source.size} bytes long and ends before its HDF5 data")
        raise corrupt("the header says MATLAB 7.3, but no HDF5 data follows it")
    try:
        # A lock is of no use to a reader, and fails on some shared filesystems.
        with h5py.File(source.for_library, "r", locking=False) as file:
            wanted = choose(file, hints.key, matlab)
            if wanted.leads is not None:
                return _a_dataset_a_lead(source, wanted, wanted.leads, hints, matlab)
            values, member = _values(wanted, hints, matlab, source.member)
            stated = _stated(wanted, values, hints, matlab)
    except _OURS:
        raise
    except Exception as error:
        raise _damaged(error, source.size) from error
    first = 0
    notes = list(wanted.notes)
    if member is not None:
        values, first, found = _without_padding(values)
        notes += found
    of_code = wanted.what == f"dataset '{CODE_KEY}'"
    by_convention = of_code and stated.rate is None and hints.rate is None
    if by_convention:
        stated.rate = CODE_RATE
        notes.append(f"rate {CODE_RATE:g} Hz assumed, as '{CODE_KEY}' is the name CODE-15% uses")
    record = record_from_array(
        values,
        hints,
        name=source.name,
        format=_format(matlab),
        what=wanted.what,
        stated=stated,
        rate_assumed=by_convention,
        notes=notes,
    )
    return replace(record, start=first / record.rate) if first else record


def _format(matlab: bool) -> str:
    return "matlab-7.3" if matlab else "hdf5"


def _stated(wanted: Wanted, values: npt.NDArray[Any], hints: ReadHints, matlab: bool) -> Stated:
    """Settle what the file says of a dataset."""
    said = statements(wanted.place, matlab)
    n_leads = n_leads_of(values.shape, wanted.what)
    if n_leads == 1 and (name := named_so(wanted.place.item.name or "", wanted.what)) is not None:
        said.append(name)
    return settle(said, n_leads, hints, values.dtype.kind in "iu")


def _a_dataset_a_lead(
    source: Source, wanted: Wanted, leads: Leads, hints: ReadHints, matlab: bool
) -> Record:
    """Read the datasets of a group that are named like leads as one recording."""
    if source.member is not None:
        raise RecordingError(
            FailureKind.NO_VARIABLE,
            f"{wanted.what} is one recording",
            f"leave out #{source.member}",
        )
    items = [(wanted.place.item[variable.name], variable) for variable in leads.variables]
    check_leads(leads, max(item.dtype.itemsize for item, _ in items), hints)
    places = [wanted.place.inside(item) for item, _ in items]
    small = Values(places[0].groups[0])
    shared = [one for one in beside(places[0], matlab, small) if one.word.fact is not Fact.NAMES]
    stated = []
    arrays = []
    for place, variable in zip(places, leads.variables, strict=True):
        what = f"{kind_of(matlab)} '{printable(variable.name)}'"
        values, _ = _values(Wanted(what, place), hints, matlab, None)
        own = [one for one in own_statements(place, small) if one.word.fact is not Fact.NAMES]
        stated.append(settle([*own, *shared], 1, hints, values.dtype.kind in "iu"))
        arrays.append(values)
    return record_from_leads(
        arrays,
        leads,
        stated,
        hints,
        name=source.name,
        format=_format(matlab),
        kind=kind_of(matlab),
        notes=wanted.notes,
    )


def count(path: Path, hints: ReadHints) -> int | None:
    """Count the recordings in a file by its header; None if it holds one, or none."""
    try:
        with h5py.File(path, "r", locking=False) as file:
            item = choose(file, hints.key, False).place.item
            if not isinstance(item, h5py.Dataset) or item.shape is None:
                return None
            return count_of(item.shape, path.stat().st_size)
    except Exception:
        # Reading it reports what is wrong.
        return None


def entries(path: Path, name: str) -> list[str] | None:
    """Read the dataset called `name`, of one axis, as text; None if there is none."""
    try:
        with h5py.File(path, "r", locking=False) as file:
            place = find(file, name)
            if place is None or not isinstance(place.item, h5py.Dataset):
                return None
            if place.item.ndim != 1:
                return None
            values = place.item[:]
    except Exception:
        # Reading a recording of it reports what is wrong.
        return None
    return texts_of(values)


def _without_padding(values: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], int, list[str]]:
    """Remove samples at both ends at which all leads are 0; also the number in front."""
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


def _damaged(error: Exception, size: int) -> RecordingError:
    """Translate an error of the HDF5 library."""
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
            "the dataset is compressed with an HDF5 filter that is not installed",
            "repack the file with gzip (h5repack -f GZIP=1 IN OUT)",
        )
    return corrupt("the HDF5 structure or the compressed data in the file is damaged")


def _values(
    wanted: Wanted, hints: ReadHints, matlab: bool, member: int | None
) -> tuple[npt.NDArray[Any], int | None]:
    """Read the requested dataset, its axes in the order that its writer saw.

    Also return the number of the recording if the dataset has an axis of recordings.
    """
    item, what = wanted.place.item, wanted.what
    kind = matlab_class(item)
    if isinstance(item, h5py.Group):
        sparse = "MATLAB_sparse" in item.attrs
        members = ", ".join(printable(str(name)) for name in list(item)[:8])
        held = "a sparse matrix" if sparse else MATLAB_HELD.get(kind, "a group") + f" of {members}"
        raise not_numeric(what, held)
    if not isinstance(item, h5py.Dataset):
        raise not_numeric(what, "a data type without values")
    if kind in MATLAB_HELD:
        raise not_numeric(what, MATLAB_HELD[kind])
    names = item.dtype.names
    check_type(np.dtype(complex) if names and set(names) == {"real", "imag"} else item.dtype, what)
    if item.shape is None or item.attrs.get("MATLAB_empty", 0):
        orient((0,), what)
    shape = item.shape[::-1] if matlab else item.shape
    if not matlab:
        member = 0 if len(shape) == 3 and shape[0] == 1 and member is None else member
        shape = one_of(shape, what, member)
    orient(shape, what)
    check_size(shape, item.dtype.itemsize, hints, what)
    # A dataset is inflated one whole chunk at a time, whatever its shape.
    check_size(item.chunks or (), item.dtype.itemsize, hints, f"a chunk of {what}")
    if item.external or item.is_virtual:
        raise RecordingError(
            FailureKind.NOT_SUPPORTED,
            f"{what} stores its values in other files",
            "save it as one file (h5repack)",
        )
    raw: npt.NDArray[Any] = item[() if member is None else member]
    return (raw.T if matlab else raw), member
