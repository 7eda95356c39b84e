"""Checks of an array of samples, before it is read if its header allows."""

from __future__ import annotations

import math
from collections.abc import Sequence, Sized
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import FailureKind, RecordingError

from .hints import ReadHints
from .wording import corrupt, printable

MAX_LEADS = 64
"""More rows than this are not leads, but samples, recordings or a picture."""

NO_ECG = (
    "the file is damaged, or its samples are of another type or byte order than it says: copy it "
    "again, or save it again from the original"
)
"""Remedy for values that no unit explains."""

MAX_LISTED = 4 * MAX_LEADS
"""Most leads that a file may list: some may not be ECG, or not requested."""


def check_type(dtype: np.dtype[Any], what: str) -> None:
    """Refuse anything but real numbers: float or integer of any width.

    Raises
    ------
    RecordingError
        The values are complex, or not numbers.
    """
    if dtype.kind == "c":
        raise RecordingError(
            FailureKind.COMPLEX,
            f"{what} holds complex numbers",
            "save its real part, or name another variable with --key",
        )
    if dtype.kind not in "fiu":
        kinds = {"b": "true and false", "S": "text", "U": "text", "O": "references or text"}
        held = kinds.get(
            dtype.kind, "a compound of fields" if dtype.names else "non-numeric values"
        )
        raise not_numeric(what, held)


def not_numeric(what: str, held: str) -> RecordingError:
    """Make the error for a variable that is not numeric."""
    return RecordingError(
        FailureKind.NOT_NUMERIC,
        f"{what} holds {printable(held, 300)}, not an array of numbers",
        "save the samples as a plain array, or name another variable with --key",
    )


def check_listed(leads: Sized, what: str) -> None:
    """Refuse a list of leads longer than any recording has, before reading any.

    Raises
    ------
    RecordingError
        There are more than `MAX_LISTED`.
    """
    if len(leads) > MAX_LISTED:
        raise corrupt(f"{what} of {len(leads):,} leads; the limit is {MAX_LISTED}")


def check_size(shape: tuple[int, ...], itemsize: int, hints: ReadHints, what: str) -> None:
    """Refuse an array whose values would take too much memory, before they are read.

    Parameters
    ----------
    shape, itemsize
        From its header; `itemsize` in bytes. Each value counts as at least four bytes, the
        size in a `Record`.
    hints
        Its ``max_bytes`` is the limit.
    what
        The array in words, for messages.

    Raises
    ------
    RecordingError
        The array is larger than the limit.
    """
    count = math.prod(shape)
    words = f"{what} is {'x'.join(map(str, shape))}"
    if hints.max_samples is not None:
        if count > hints.max_samples:
            raise RecordingError(
                FailureKind.TOO_LARGE,
                f"{words}, {count:,} samples; --max-samples allows {hints.max_samples:,}",
                "allow more, or split the recording into shorter files",
            )
        return
    needed = count * max(itemsize, 4)
    if needed > hints.max_bytes:
        raise RecordingError(
            FailureKind.TOO_LARGE,
            f"{words}, {needed / 2**20:,.0f} MiB when decoded; "
            f"the limit is {hints.max_bytes / 2**20:,.0f} MiB",
            "split the recording into shorter files, or allow more with --max-samples",
        )


def check_samples(n_leads: int, n_samples: int, itemsize: int, hints: ReadHints, what: str) -> None:
    """Refuse a recording that its header makes too large: `check_size` of leads by samples."""
    check_size((n_leads, n_samples), itemsize, hints, what)


def check_bytes(count: int, hints: ReadHints, what: str) -> None:
    """Refuse to read more than the limit of bytes into memory.

    Raises
    ------
    RecordingError
        `count` is more than a decoded recording may take.
    """
    if count > hints.max_bytes:
        raise RecordingError(
            FailureKind.TOO_LARGE,
            f"{what} takes {count / 2**20:,.0f} MiB; "
            f"the limit is {hints.max_bytes / 2**20:,.0f} MiB",
            "split the recording into shorter files",
        )


def refuse_not_finite(
    signal: npt.NDArray[np.float32], stored: Sequence[npt.NDArray[Any]], leads: tuple[str, ...]
) -> None:
    """Accept NaN, which is a gap, and refuse other values that cannot be drawn.

    Parameters
    ----------
    signal
        float32, shape (n_leads, n_samples), mV.
    stored
        The samples of each lead as the file has them, for messages.
    leads
        A name for each row, for messages.

    Raises
    ------
    RecordingError
        All values are NaN, or one is infinite or beyond the range of float32: the latter is no
        gap, but a damaged file, or one of another type or byte order.
    """
    if np.isfinite(signal).all():
        return
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
    value = stored[row][sample]
    place = f"lead {printable(leads[row])}, sample {sample} is"
    count = "1 sample is" if len(places) == 1 else f"{len(places):,} samples are"
    if not np.isinf(value):
        raise RecordingError(
            FailureKind.CORRUPT,
            f"{count} beyond the range of any ECG: {place} {float(value):.3g}",
            NO_ECG,
        )
    raise RecordingError(
        FailureKind.INFINITE,
        f"{count} not finite: {place} infinite",
        "save NaN where nothing was recorded",
    )
