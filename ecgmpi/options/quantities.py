"""Quantities as people type them: a time, a number or share of failures, a part of a job."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_CLOCK = re.compile(r"(?:(\d+)-)?(\d+):([0-5]?\d):([0-5]?\d)")
_COUNT = re.compile(r"(\d+(?:\.\d*)?|\.\d+) *([a-z]*)")


class Seconds(float):
    """A time, s."""

    @classmethod
    def parse(cls, given: Any) -> Seconds:
        """Parse a number, s, or ``90``, ``90s``, ``30m``, ``2h``, ``1:30:00``, ``1-12:00:00``.

        Raises
        ------
        TypeError, ValueError
            It is none of these. ``1:30`` is refused: it may mean minutes or hours.
        """
        if isinstance(given, bool):
            raise TypeError
        if not isinstance(given, str):
            return cls(given)
        text = given.strip().lower()
        if clock := _CLOCK.fullmatch(text):
            days, hours, minutes, seconds = (int(part or 0) for part in clock.groups())
            return cls(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
        count = _COUNT.fullmatch(text)
        if count is None or count[2] not in _UNITS:
            raise ValueError(given)
        return cls(float(count[1]) * _UNITS[count[2]])


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many of some recordings may fail: a number of them, or a percentage."""

    amount: float
    percent: bool

    @classmethod
    def parse(cls, given: Any) -> Allowance:
        """Parse a whole number, or text such as ``10`` or ``5%``.

        Raises
        ------
        TypeError, ValueError
            It is neither, or is out of range.
        """
        if isinstance(given, cls):
            return given
        if isinstance(given, bool):
            raise TypeError
        text = str(given).strip()
        percent = text.endswith("%")
        amount = float(text.removesuffix("%")) if percent else int(text)
        if not 0 <= amount < (100 if percent else float("inf")):
            raise ValueError(given)
        return cls(amount, percent)

    def of(self, recordings: int) -> float:
        """How many of `recordings` may fail."""
        return self.amount / 100 * recordings if self.percent else self.amount

    def __str__(self) -> str:
        return f"{self.amount:g}{'%' if self.percent else ''}"


@dataclass(frozen=True, slots=True)
class Part:
    """One of `of` parts of a job: every `of`-th chunk, so that all parts are alike."""

    number: int
    of: int

    @classmethod
    def parse(cls, given: Any) -> Part:
        """Parse text such as ``3/8``, the third of eight.

        Raises
        ------
        TypeError, ValueError
            It is not of that form, or there is no such part.
        """
        if isinstance(given, cls):
            return given
        if not isinstance(given, str):
            raise TypeError
        number, of = (int(word) for word in given.split("/"))
        if not 1 <= number <= of:
            raise ValueError(given)
        return cls(number, of)

    def has(self, chunk: int) -> bool:
        """Whether `chunk`, from 0, belongs to this part."""
        return chunk % self.of == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


ALL = Part(1, 1)
"""The only part of a job that is not divided."""
