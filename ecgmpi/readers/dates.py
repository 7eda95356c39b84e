"""The day on which a recording was made, as the file states it; only on request."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime

from .hints import ReadHints

COMPACT = "%Y%m%d"
"""As DICOM (DT and DA, PS3.5) and HL7 (TS) write it; a time may follow."""

ISO = "%Y-%m-%d"
"""As ISO 8601 writes it."""

_DIGITS = re.compile(r"[0-9]{8}(?=[0-9.+-]*$)")

_EARLIEST = 1880
"""No ECG was recorded before: an earlier year means that there is none."""


def dated(hints: ReadHints, written: object, pattern: str = ISO) -> tuple[tuple[str, str], ...]:
    """Make the `Record.identity` of a recording from its day alone.

    Parameters
    ----------
    hints
        `identify` says whether the date may be kept at all.
    written
        What the file says, text or an object shown as text; a time may follow the day.
    pattern
        How the day is written, as `datetime.strptime` has it.

    Returns
    -------
    tuple
        ``(("date", "YYYY-MM-DD"),)``, or empty if it was not asked for or `written` is not
        a day.

    Examples
    --------
    >>> dated(ReadHints(identify=True), "20030102091000.000-0700", COMPACT)
    (('date', '2003-01-02'),)
    >>> dated(ReadHints(identify=True), "XX-XX-2020"), dated(ReadHints(), "2003-01-02")
    ((), ())
    """
    if not hints.identify or written is None:
        return ()
    first = next(iter(re.split(r"[\sT]", str(written).strip(), maxsplit=1)))
    if pattern == COMPACT:
        digits = _DIGITS.match(first)
        first = digits[0] if digits else ""
    with suppress(ValueError):
        day = datetime.strptime(first, pattern).date()
        if day.year >= _EARLIEST:
            return (("date", day.isoformat()),)
    return ()
