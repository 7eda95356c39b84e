"""NumPy's ``.npz``, without pickle: several arrays with names.

Other arrays beside the one that is read may state facts about it. In an array of three axes,
which holds many recordings, those before the requested one are inflated as well.
"""

from __future__ import annotations

import math
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt

from ecgmpi.ecg.record import Record
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.array_record import count_of, n_leads_of, record_from_array
from ecgmpi.readers.entries import texts_of
from ecgmpi.readers.hints import ReadHints
from ecgmpi.readers.lead_arrays import Leads, check_leads, leads_among, record_from_leads
from ecgmpi.readers.source import Source
from ecgmpi.readers.stated import named_so, settle
from ecgmpi.readers.statements import (
    MANY,
    MOST_BYTES,
    UNKNOWN,
    Fact,
    Statement,
    Unread,
    Value,
    statement,
    word_of,
)
from ecgmpi.readers.validate import MAX_LISTED
from ecgmpi.readers.variables import DEFAULT_KEYS, Variable, no_variable, plausible
from ecgmpi.readers.wording import corrupt, printable, truncated

from .npy import Head, check, damaged, header, read_values

MAX_MEMBERS = 10_000
"""Most arrays in an ``.npz`` that is read."""


def load(source: Source, hints: ReadHints) -> Record:
    """Read one array of an archive, or one per lead, as a recording.

    Parameters
    ----------
    source
        The open file.
    hints
        Its key names the array; if it is None, see `DEFAULT_KEYS`.

    Raises
    ------
    RecordingError
        The file is damaged, needs pickle, or holds no recording.
    """
    try:
        return _record(source, hints)
    except (RecordingError, MemoryError):
        raise
    except Exception as error:
        raise damaged(source.size) from error


def count(path: Path, hints: ReadHints) -> int | None:
    """Count the recordings in a file by its headers; None if it holds one, or none."""
    try:
        with path.open("rb", buffering=0) as file, zipfile.ZipFile(file) as archive:
            held = _held(archive)
            shape = held[_wanted(hints.key, held).name].head.shape
        return count_of(shape, path.stat().st_size)
    except Exception:
        # Reading it reports what is wrong.
        return None


def entries(path: Path, name: str) -> list[str] | None:
    """Read the array called `name`, of one axis, as text; None if there is none."""
    try:
        with path.open("rb", buffering=0) as file, zipfile.ZipFile(file) as archive:
            array = _held(archive).get(name)
            # Of more than it holds, numpy would make room for all before it reads.
            if array is None or len(array.head.shape) != 1 or not array.whole:
                return None
            with archive.open(array.entry) as member:
                return texts_of(read_values(member, header(member, array.what), None))
    except Exception:
        # Reading a recording of it reports what is wrong.
        return None


@dataclass(frozen=True, slots=True)
class _Array:
    """An array of an archive: its name, header and entry."""

    name: str
    head: Head
    entry: zipfile.ZipInfo

    @property
    def what(self) -> str:
        """The array in words."""
        return f"array '{printable(self.name)}'"

    @property
    def whole(self) -> bool:
        """Whether the archive has as many bytes of it as its header promises."""
        return self.head.size <= self.entry.file_size

    @property
    def variable(self) -> Variable:
        """Its description in a list of arrays."""
        return Variable(self.name, self.head.shape, self.head.dtype.name)


def _held(archive: zipfile.ZipFile) -> dict[str, _Array]:
    """Read the header of each array."""
    entries = archive.infolist()
    if len(entries) > MAX_MEMBERS:
        raise corrupt(f"the archive holds {len(entries):,} files")
    held = {}
    for entry in entries:
        if entry.filename.endswith(".npy"):
            name = entry.filename.removesuffix(".npy")
            with archive.open(entry) as file:
                head = header(file, f"array '{printable(name)}'")
            held[name] = _Array(name, head, entry)
    return held


def _record(source: Source, hints: ReadHints) -> Record:
    with zipfile.ZipFile(source.file) as archive:
        held = _held(archive)
        wanted = _wanted(hints.key, held)
        if wanted.leads is not None:
            return _an_array_a_lead(source, archive, held, wanted.leads, hints)
        chosen = held[wanted.name]
        array = _member(archive, chosen, hints, source.member)
        said = _statements(archive, held, chosen.name)
    n_leads = n_leads_of(array.shape, chosen.what)
    if n_leads == 1 and (name := named_so(chosen.name, chosen.what)) is not None:
        said.append(name)
    return record_from_array(
        array,
        hints,
        name=source.name,
        format="npz",
        what=chosen.what,
        stated=settle(said, n_leads, hints, array.dtype.kind in "iu"),
        notes=wanted.notes,
    )


def _member(
    archive: zipfile.ZipFile, array: _Array, hints: ReadHints, member: int | None
) -> npt.NDArray[Any]:
    """Read one recording of an array in an archive."""
    check(array.head, hints, array.what, member)
    if not array.whole:
        raise truncated(
            f"{array.what} ends after {array.entry.file_size:,} of {array.head.size:,} bytes"
        )
    with archive.open(array.entry) as file:
        return read_values(file, header(file, array.what), member)


def _an_array_a_lead(
    source: Source,
    archive: zipfile.ZipFile,
    held: dict[str, _Array],
    leads: Leads,
    hints: ReadHints,
) -> Record:
    """Read the arrays that are named like leads as one recording."""
    if source.member is not None:
        raise RecordingError(
            FailureKind.NO_VARIABLE, "the file is one recording", f"leave out #{source.member}"
        )
    chosen = [held[variable.name] for variable in leads.variables]
    check_leads(leads, max(array.head.dtype.itemsize for array in chosen), hints)
    arrays = [_member(archive, array, hints, None) for array in chosen]
    said = [one for one in _statements(archive, held, "") if one.word.fact is not Fact.NAMES]
    stated = [settle(said, 1, hints, array.dtype.kind in "iu") for array in arrays]
    return record_from_leads(
        arrays, leads, stated, hints, name=source.name, format="npz", kind="array"
    )


def _statements(archive: zipfile.ZipFile, held: dict[str, _Array], wanted: str) -> list[Statement]:
    """What the other arrays state about the requested one."""
    said = []
    for array in held.values():
        if word_of(array.name) is None or array.name == wanted:
            continue
        count, head = math.prod(array.head.shape), array.head
        value: Value = UNKNOWN
        if head.dtype.hasobject:
            value = Unread("Python objects, which only pickle can read")
        elif head.dtype.kind in "fiu" and count > MAX_LISTED:
            value = MANY
        elif 0 < head.size <= MOST_BYTES and len(head.shape) < 3:
            with archive.open(array.entry) as file:
                value = read_values(file, header(file, array.what), None)
        said.append(statement(array.name, array.what, value))
    return said


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What to read: the name of an array, or the arrays of its leads; and notes."""

    name: str
    leads: Leads | None = None
    notes: tuple[str, ...] = ()


def _wanted(key: str | None, held: dict[str, _Array]) -> _Wanted:
    """Choose the array to read, or those that are named like leads."""
    for name in (key,) if key else DEFAULT_KEYS:
        if name in held:
            return _Wanted(name)
    variables = [array.variable for array in held.values()]
    if key is None and (leads := leads_among(variables)):
        return _Wanted("", leads)
    likely = plausible(variables, 3)
    if key is None and len(likely) == 1:
        what = f"array '{printable(likely[0].name)}'"
        return _Wanted(
            likely[0].name, None, (f"{what} taken, the only one that may be a recording",)
        )
    raise no_variable(key, variables, most_axes=3)
