"""From an array of numbers, with little or no metadata, to a `Record`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.ecg.record import STANDARD_LEADS, Record
from ecgmpi.errors import FailureKind, RecordingError

from .channel import Channel
from .channels import record_from_channels
from .hints import ReadHints
from .stated import NOTHING_STATED, Stated
from .validate import MAX_LEADS, check_type

_CONVENTION: dict[int, tuple[str, ...]] = {
    1: ("I",),
    2: ("I", "II"),
    3: ("I", "II", "III"),
    8: ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6"),
}


def conventional_leads(count: int) -> tuple[str, ...]:
    """Give lead names for a file without any: the usual ones for 1, 2, 3, 8 or 12 rows.

    More than 12 rows are the 12 and ``ch13`` onwards; any other count is ``ch1`` onwards.
    """
    if count >= len(STANDARD_LEADS):
        extra = range(len(STANDARD_LEADS) + 1, count + 1)
        return STANDARD_LEADS + tuple(f"ch{row}" for row in extra)
    if count in _CONVENTION:
        return _CONVENTION[count]
    return tuple(f"ch{row}" for row in range(1, count + 1))


def unstated_leads(count: int, hints: ReadHints) -> tuple[tuple[str, ...], str, bool]:
    """Name the leads of a file that does not: as the user states, else by convention.

    Parameters
    ----------
    count
        How many leads there are.
    hints
        The names that the user gives, if any.

    Returns
    -------
    tuple
        The names, a note of their origin, and whether they were assumed. Names such as
        ``ch1`` claim nothing, so they are not an assumption.

    Raises
    ------
    RecordingError
        The user gives a different number of names.
    """
    if hints.lead_names is None:
        leads = conventional_leads(count)
        return leads, "lead names by convention", not leads[0].startswith("ch")
    if len(hints.lead_names) != count:
        raise RecordingError(
            FailureKind.WRONG_SHAPE,
            f"the file holds {count} unnamed leads, and --lead-names gives "
            f"{len(hints.lead_names)} names",
            f"give {count} names, in the order of the file",
        )
    return hints.lead_names, "lead names as given by --lead-names", False


def orient(shape: tuple[int, ...], what: str) -> bool:
    """Check the shape of an array and find its leads, before any value is read.

    Parameters
    ----------
    shape
        The shape of the array; one axis is a single lead.
    what
        The array in words, for messages, such as ``variable 'data'``.

    Returns
    -------
    bool
        Whether the leads are the second axis: only that axis has length 12, or neither has
        and it is the shorter.

    Raises
    ------
    RecordingError
        No samples, not two axes, or more leads than `MAX_LEADS`.
    """
    words = "x".join(map(str, shape)) or "a single number"
    if 0 in shape:
        raise RecordingError(
            FailureKind.NO_SAMPLES,
            f"{what} is empty ({words})",
            "leave the file out, or name another variable with --key",
        )
    if len(shape) == 1:
        return False
    if len(shape) != 2:
        raise RecordingError(
            FailureKind.WRONG_SHAPE,
            f"{what} has {len(shape)} axes ({words}); leads by samples needs two",
            "save one recording per file as leads by samples, or name another variable with --key",
        )
    rows, columns = shape
    transposed = rows != 12 if columns == 12 else rows != 12 and columns < rows
    leads = columns if transposed else rows
    if leads > MAX_LEADS:
        raise RecordingError(
            FailureKind.WRONG_SHAPE,
            f"{what} is {words}: at least {leads} leads; the limit is {MAX_LEADS}",
            "save one recording as leads by samples, or name the variable that holds it with --key",
        )
    return transposed


def one_of(shape: tuple[int, ...], what: str, member: int | None) -> tuple[int, ...]:
    """Give the shape of one recording in an array of one or many.

    Three axes are many recordings, (n_recordings, ...), each with an address, ``FILE#17``. An
    array of a single one, (1, ...), needs no number.

    Raises
    ------
    RecordingError
        The address is wrong, or is missing.
    """
    if len(shape) != 3:
        if member is None:
            return shape
        raise RecordingError(
            FailureKind.NO_VARIABLE, f"{what} is one recording", f"leave out #{member}"
        )
    if member is None and 0 not in shape and shape[0] != 1:
        raise RecordingError(
            FailureKind.WRONG_SHAPE,
            f"{what} holds {shape[0]:,} recordings ({'x'.join(map(str, shape))})",
            f"name one of them: FILE#0 to FILE#{shape[0] - 1}",
        )
    if member is not None and member >= shape[0]:
        raise RecordingError(
            FailureKind.NO_VARIABLE,
            f"no recording {member}; {what} holds {shape[0]:,}, numbered from 0",
            f"name one of them: FILE#0 to FILE#{max(shape[0] - 1, 0)}",
        )
    return shape[1:]


def count_of(shape: tuple[int, ...], size: int) -> int | None:
    """Count the recordings of an array in a file of `size` bytes; None if it is not many.

    A header may claim anything, but no recording takes less than eight bytes.
    """
    many = len(shape) == 3 and 1 < shape[0] <= size // 8
    return int(shape[0]) if many else None


def n_leads_of(shape: tuple[int, ...], what: str) -> int:
    """Number of leads in an array of one recording; raises as `orient` does."""
    if orient(shape, what):
        return shape[1]
    return shape[0] if len(shape) == 2 else 1


def record_from_array(
    array: npt.NDArray[Any],
    hints: ReadHints,
    *,
    name: str,
    format: str,
    what: str,
    stated: Stated = NOTHING_STATED,
    rate_assumed: bool = False,
    notes: Iterable[str] = (),
) -> Record:
    """Make a `Record` of an array of numbers.

    Parameters
    ----------
    array
        Real numbers, shape (n_leads, n_samples), (n_samples, n_leads) or (n_samples,), in
        the unit of `hints`.
    hints
        Rate and unit.
    name, format
        Passed on to the `Record`.
    what
        The array in words, for messages, such as ``variable 'data'``.
    stated
        What the file states of it. Leads that it does not name get the names that the user
        gives, else those by convention.
    rate_assumed
        Whether the rate is a convention, not a statement of the file.
    notes
        Notes of the reader itself; they come before those of `stated`.

    Raises
    ------
    RecordingError
        The array is not a recording: its type, shape or values.
    """
    check_type(array.dtype, what)
    if orient(array.shape, what):
        array = array.T
    array = np.atleast_2d(array)
    leads = stated.names
    said = [*notes, *stated.notes]
    assumed = False
    if leads is None:
        leads, note, assumed = unstated_leads(len(array), hints)
        said.append(note)
    n_leads = len(array)
    columns = zip(
        leads,
        array,
        stated.units or [""] * n_leads,
        stated.gains or [1.0] * n_leads,
        stated.zeros or [0.0] * n_leads,
        strict=True,
    )
    channels = [
        Channel(lead, row, stated.rate, unit, gain=gain, baseline=zero)
        for lead, row, unit, gain, zero in columns
    ]
    return record_from_channels(
        channels,
        hints,
        name=name,
        format=format,
        notes=said,
        leads_assumed=assumed,
        rate_assumed=rate_assumed,
        unused=stated.unused,
        block=array,
    )
