"""Units of voltage, in any spelling, and their factor to millivolts."""

from __future__ import annotations

UNITS = {"mV": (1.0, 1.0), "uV": (1.0, 1e3), "V": (1e3, 1.0), "nV": (1.0, 1e6)}
"""Unit -> (multiplier, divisor) to millivolts; whole numbers, so that neither is rounded."""

_SPELLINGS = {
    "mv": "mV",
    "uv": "uV",
    "\N{MICRO SIGN}v": "uV",
    "\N{GREEK SMALL LETTER MU}v": "uV",
    "v": "V",
    "nv": "nV",
    "millivolt": "mV",
    "millivolts": "mV",
    "microvolt": "uV",
    "microvolts": "uV",
    "volt": "V",
    "volts": "V",
    "nanovolt": "nV",
    "nanovolts": "nV",
}


def voltage(unit: str) -> str | None:
    """The key of `UNITS` that a spelling of a unit means; None if it is no voltage."""
    # str.lower, because casefold turns the micro sign into the Greek letter.
    return _SPELLINGS.get(unit.strip().lower())
