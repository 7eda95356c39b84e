"""From any array of numbers to a `Record`, with every check on the way."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.record import STANDARD_LEADS, Record

from .base import DEFAULT_RATE, DEFAULT_UNITS, UNITS, ReadHints, printable

MAX_LEADS = 64
"""More rows than this are not leads, but samples, recordings or a picture."""

_CONVENTION: dict[int, tuple[str, ...]] = {
    1: ("I",),
    2: ("I", "II"),
    3: ("I", "II", "III"),
    8: ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6"),
}


def conventional_leads(count: int) -> tuple[str, ...]:
    """Lead names for a file that has none: the usual ones for 1, 2, 3, 8 or 12 rows.

    More than 12 rows are the 12 and ``ch13`` onwards; any other count is ``ch1`` onwards.
    """
    if count >= len(STANDARD_LEADS):
        extra = range(len(STANDARD_LEADS) + 1, count + 1)
        return STANDARD_LEADS + tuple(f"ch{row}" for row in extra)
    if count in _CONVENTION:
        return _CONVENTION[count]
    return tuple(f"ch{row}" for row in range(1, count + 1))


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
        Whether the leads are the second axis: that axis alone is 12 long, or neither is
        and it is the shorter.

    Raises
    ------
    RecordingError
        No samples, other than two axes, or more leads than `MAX_LEADS`.
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
            f"{what} has {len(shape)} axes ({words}) where leads by samples is two",
            "save one recording a file as leads by samples, or name another variable with --key",
        )
    rows, columns = shape
    transposed = rows != 12 if columns == 12 else rows != 12 and columns < rows
    leads = columns if transposed else rows
    if leads > MAX_LEADS:
        raise RecordingError(
            FailureKind.WRONG_SHAPE,
            f"{what} is {words}: {leads} leads at the least, where {MAX_LEADS} is the most",
            "name the variable that holds leads by samples with --key",
        )
    return transposed


def check_size(shape: tuple[int, ...], itemsize: int, hints: ReadHints, what: str) -> None:
    """Refuse an array whose values would take too much memory, before they are read.

    Parameters
    ----------
    shape, itemsize
        What its header says; `itemsize` in bytes. Counted at four bytes a value at the
        least, for that is what a `Record` keeps.
    hints
        Its ``max_bytes`` is the limit.
    what
        The array in words, for messages.

    Raises
    ------
    RecordingError
        The array is larger than that.
    """
    needed = math.prod(shape) * max(itemsize, 4)
    if needed > hints.max_bytes:
        raise RecordingError(
            FailureKind.TOO_LARGE,
            f"{what} is {'x'.join(map(str, shape))}, {needed / 2**20:,.0f} MiB when decoded, "
            f"where {hints.max_bytes / 2**20:,.0f} MiB is the most",
            "split the recording into shorter files",
        )


def record_from_array(
    array: npt.NDArray[Any], hints: ReadHints, *, name: str, format: str, what: str
) -> Record:
    """Make a `Record` of an array of numbers that says nothing of itself.

    Parameters
    ----------
    array
        Real numbers, shape (n_leads, n_samples), (n_samples, n_leads) or (n_samples,), in
        the unit of `hints`.
    hints
        Rate and unit.
    name, format
        Handed on to the `Record`.
    what
        The array in words, for messages, such as ``variable 'data'``.

    Raises
    ------
    RecordingError
        The array is not a recording: its type, shape or values.
    """
    check_type(array.dtype, what)
    if orient(array.shape, what):
        array = array.T
    array = np.atleast_2d(array)
    units = hints.units or DEFAULT_UNITS
    rate = hints.rate or DEFAULT_RATE
    leads = conventional_leads(array.shape[0])
    signal = to_millivolts(array, units, leads)
    notes = (
        "lead names by convention",
        f"rate {rate:g} Hz {'assumed' if hints.rate is None else 'as told'}",
        f"units {units} {'assumed' if hints.units is None else 'as told'}",
    )
    return Record(name=name, signal=signal, rate=rate, leads=leads, format=format, notes=notes)


def check_type(dtype: np.dtype[Any], what: str) -> None:
    """Refuse what is not real numbers: float or integer of any width.

    Raises
    ------
    RecordingError
        Complex numbers, or no numbers at all.
    """
    if dtype.kind == "c":
        raise RecordingError(
            FailureKind.COMPLEX,
            f"{what} holds complex numbers",
            "save its real part, or name another variable with --key",
        )
    if dtype.kind not in "fiu":
        kinds = {"b": "true and false", "S": "text", "U": "text", "O": "references or text"}
        held = kinds.get(dtype.kind, "a compound of fields" if dtype.names else "no numbers")
        raise not_numeric(what, held)


def not_numeric(what: str, held: str) -> RecordingError:
    """Make the error for a variable of which no trace can be drawn."""
    return RecordingError(
        FailureKind.NOT_NUMERIC,
        f"{what} holds {printable(held, 300)}, not an array of numbers",
        "save the samples as a plain array, or name another variable with --key",
    )


def to_millivolts(
    array: npt.NDArray[Any], units: str, leads: tuple[str, ...]
) -> npt.NDArray[np.float32]:
    """Convert samples to float32 millivolts and check every value.

    Parameters
    ----------
    array
        Real numbers, shape (n_leads, n_samples), in `units`.
    units
        A key of `UNITS`. The factor is applied in float64, so that a value is rounded to
        float32 once.
    leads
        A name for each row, for messages.

    Returns
    -------
    numpy.ndarray
        float32, the same shape, C-contiguous, mV.

    Raises
    ------
    RecordingError
        All values are NaN, or one is infinite or beyond what float32 holds.
    """
    multiplier, divisor = UNITS[units]
    # A corrupt file can hold any bit pattern; the checks below see what comes of it.
    with np.errstate(all="ignore"):
        scaled = array
        if multiplier != 1.0:
            scaled = array.astype(np.float64, copy=False) * multiplier
        if divisor != 1.0:
            scaled = array.astype(np.float64, copy=False) / divisor
        signal = np.array(scaled, dtype=np.float32, order="C")
    if not np.isfinite(signal).all():
        _explain_not_finite(array, signal, leads)
    return signal


def _explain_not_finite(
    array: npt.NDArray[Any], signal: npt.NDArray[np.float32], leads: tuple[str, ...]
) -> None:
    """Tell NaN, which is a gap, from values that cannot be drawn."""
    if np.isnan(signal).all():
        raise RecordingError(
            FailureKind.ALL_NAN,
            f"all {signal.size:,} samples are NaN: nothing was recorded",
            "leave the file out",
        )
    places = np.argwhere(np.isinf(signal))
    if not len(places):
        return
    row, sample = places[0]
    value = array[row, sample]
    found = "infinite" if np.isinf(value) else f"{float(value):.3g}, beyond the range of float32"
    count = "1 sample is" if len(places) == 1 else f"{len(places):,} samples are"
    raise RecordingError(
        FailureKind.INFINITE,
        f"{count} not finite: lead {leads[row]}, sample {sample} is {found}",
        "save NaN where nothing was recorded",
    )
