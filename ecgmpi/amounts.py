"""Amounts as people read them: counts, sizes, durations, shares, times."""

from __future__ import annotations

_STEPS = ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s"))


def count(n: int, what: str) -> str:
    """``1 picture``, ``480 pictures``, ``24,000 pictures``."""
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def size(n_bytes: float) -> str:
    """``532 B``, ``28.6 MB``: decimal units, as disks are sold."""
    for unit in ("B", "kB", "MB", "GB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} B" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} TB"


def duration(seconds: float) -> str:
    """How long something takes or took, in two units at most.

    Examples
    --------
    >>> [duration(s) for s in (0.4, 59.6, 200, 7500, 273600)]
    ['0 s', '1 min', '3 min 20 s', '2 h 5 min', '3 d 4 h']
    """
    whole = round(seconds)
    for size, large, below, small in _STEPS:
        if whole >= size:
            first, rest = whole // size, whole % size // below
            return f"{first:,} {large} {rest} {small}" if rest else f"{first:,} {large}"
    return f"{whole} s"


def percent(part: float, whole: float = 1.0) -> str:
    """A share of a whole; never ``0 %`` or ``100 %`` where that is not quite true.

    Examples
    --------
    >>> percent(1, 8), percent(1, 100_000), percent(99_999, 100_000), percent(0, 5), percent(0, 0)
    ('12.5 %', 'under 0.1 %', 'over 99.9 %', '0.0 %', '-')
    """
    if not whole:
        return "-"
    share = 100 * part / whole
    if 0 < share < 0.1:
        return "under 0.1 %"
    if 99.9 < share < 100:
        return "over 99.9 %"
    return f"{share:.1f} %" if share < 99.95 else "100 %"


def utc(time: str) -> str:
    """A time in UTC, as `datetime.isoformat` spells it to the second.

    Examples
    --------
    >>> utc("2026-11-29T13:57:47+00:00")
    '2026-11-29 13:57:47 UTC'
    """
    return time.replace("T", " ").replace("+00:00", " UTC")
