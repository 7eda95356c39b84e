"""What is refused before it is drawn, whatever the layout."""

from __future__ import annotations

import math

from ecgmpi.errors import FailureKind, RecordingError

MOST_PIXELS = 100_000_000
MOST_MV = 1e6
"""Samples are kept to seven digits: further from zero nothing of a heart is left in them."""


def check_range(lead: str, low: float, high: float) -> None:
    """Refuse a lead by its extremes, mV.

    Raises
    ------
    RecordingError
        It holds an infinite value or one beyond a million millivolts.
    """
    if math.isinf(low) or math.isinf(high):
        raise RecordingError(
            FailureKind.INFINITE,
            f"lead {lead} holds an infinite value",
            "mend the file, or write NaN where nothing was recorded",
        )
    if max(-low, high) > MOST_MV:
        raise RecordingError(
            FailureKind.TOO_LARGE,
            f"lead {lead} goes from {low:g} to {high:g} mV, beyond {MOST_MV:,.0f} mV",
            "if those are not millivolts say what they are with --units",
        )
