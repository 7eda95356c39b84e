"""Times of day and dates in words: ``12:00:01.234``, ``2024-01-01T12:00:01Z``, ``0:00.004``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

_DATE = r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}"
_CLOCK = re.compile(
    rf"\[?(?:(?P<before>{_DATE})[T ] *)?"
    r"(?P<time>[0-9]{1,6}(?::[0-9]{1,2}){1,2})(?:[.,:](?P<fraction>[0-9]{1,12}))?"
    r" ?(?P<half>[AaPp][Mm])?(?P<zone>Z| ?[+-][0-9]{2}:?[0-9]{2})?"
    rf"(?: +(?P<after>{_DATE}))?\]?"
)
_ISO_DATE = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")

LONGEST = 60
"""Longest time, characters."""

DAY = 86_400.0


def is_clock(cell: str) -> bool:
    """Whether a cell is a time of day, with or without a date.

    Examples
    --------
    >>> [is_clock(cell) for cell in ("12:00:01.5", "2024-01-01 12:00:01+01:00", "0:00.004")]
    [True, True, True]
    >>> [is_clock(cell) for cell in ("12.5", "2024-01-01", "ECG: 5")]
    [False, False, False]
    """
    return len(cell) <= LONGEST and bool(_CLOCK.fullmatch(cell))


def seconds_of(cells: Sequence[str]) -> tuple[npt.NDArray[np.float64], float, int | None]:
    """Turn a column of times into seconds.

    Parameters
    ----------
    cells
        One time for each sample.

    Returns
    -------
    tuple
        Seconds from midnight of the first day, float64, shape (n_samples,); one unit of
        their last digit, s; and the place of the first cell that is not a time, None where
        there is none. Where a date is not in the order of ISO 8601, a day has passed where
        the date changes and the time of day begins again.
    """
    times = np.empty(len(cells))
    digits = 0
    first_day: int | None = None
    last_date: str | None = None
    passed = 0
    before = 0.0
    for place, cell in enumerate(cells):
        found = _CLOCK.fullmatch(cell) if len(cell) <= LONGEST else None
        if found is None:
            return times, 1.0, place
        written = found["fraction"] or ""
        digits = max(digits, len(written))
        seconds = _of_day(found["time"], written, found["half"]) - _zone(found["zone"])
        day = found["before"] or found["after"]
        if day and (iso := _ISO_DATE.fullmatch(day)):
            number = _ordinal(*map(int, iso.groups()))
            if number is None:
                return times, 1.0, place
            first_day = number if first_day is None else first_day
            seconds += (number - first_day) * DAY
        else:
            # A recording without dates, or with dates whose order is not known.
            midnight = (seconds + passed * DAY < before - DAY / 2) - (
                passed > 0 and seconds + passed * DAY > before + DAY / 2
            )
            if last_date is not None and day != last_date and not _next_day(last_date, day):
                return times, 1.0, place
            passed += midnight if day is None else day != (last_date or day)
            last_date = day
            seconds += passed * DAY
        before = times[place] = seconds
    return times, 10.0**-digits, None


def _next_day(one: str, other: str | None) -> bool:
    """Whether `other` follows `one` whichever number is the day; the end of a month does not."""
    numbers = [re.split("[-/.]", day) for day in (one, other or "")]
    if len(numbers[1]) != 3:
        return False
    changes = [int(b) - int(a) for a, b in zip(*numbers, strict=True)]
    return sorted(changes) == [0, 0, 1]


def _of_day(time: str, fraction: str, half: str | None) -> float:
    """Seconds since midnight; of two numbers, minutes and seconds where there is a fraction."""
    parts = [int(part) for part in time.split(":")]
    if len(parts) == 2:
        parts = [0, *parts] if fraction else [*parts, 0]
    hours, minutes, seconds = parts
    if half:
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    return hours * 3600 + minutes * 60 + float(f"{seconds}.{fraction or 0}")


def _zone(zone: str | None) -> float:
    """Seconds that a time zone is ahead of UTC."""
    if not zone or zone == "Z":
        return 0.0
    digits = zone.strip().replace(":", "")
    ahead = int(digits[1:3]) * 3600 + int(digits[3:5]) * 60
    return float(-ahead if digits[0] == "-" else ahead)


def _ordinal(year: int, month: int, day: int) -> int | None:
    try:
        return date(year, month, day).toordinal()
    except ValueError:
        return None
