"""What type a column of labels has, by all its values; and its values in that type.

A column is of integers, of floats, of booleans, or else of text. A number with a leading zero, as
in ``00123``, is a code: it makes the column text. Nothing is lost on the way: what no float64 or
int64 can hold makes it text, too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ecgmpi.errors import UsageError

Value = str | int | float | bool | None
"""A label; None where a number has no value."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SMALL_INTEGERS = re.compile(r"(?:(?:-?(?:0|[1-9][0-9]{0,14}))?(?:\n|$))*")
_BOOLEANS = {"true": True, "false": False}
_NAN = "nan"
_MOST_INTEGER = 2**63 - 1
_MOST_EXACT = 2**53
"""Up to here, float64 holds every integer."""
_MOST_REMEMBERED = 4096


class Kind(StrEnum):
    """The type of a column, as the manifest calls it."""

    INTEGER = "i8"
    FLOAT = "f8"
    BOOLEAN = "b1"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class LabelColumn:
    """A column of labels, as it stands in the manifest.

    Attributes
    ----------
    name
        What it is called there.
    kind
        Its type.
    gaps
        Whether some recording of the job has no value: NaN where it is of floats, which a column
        of integers or booleans is, too, if it has gaps; empty where it is text.
    width
        Bytes of the longest text, UTF-8.
    about
        What it is.
    """

    name: str
    kind: Kind
    gaps: bool = False
    width: int = 1
    about: str = ""

    @property
    def nothing(self) -> Value:
        """What a recording has that has no value."""
        return "" if self.kind is Kind.TEXT else None

    def as_json(self, value: Value) -> Any:
        """A value with the type that it has in the JSON of every sample.

        A float is text where the column has gaps, ``nan`` for one, so that ``float`` reads it
        either way: JSON has no NaN, and null would be another type.
        """
        if self.kind is Kind.FLOAT and self.gaps:
            return _NAN if value is None else spelled(value)
        return value


def spelled(value: Any) -> str:
    """A number as short as it can be read back."""
    return repr(value).removesuffix(".0")


class TypeFinder:
    """Finds the type of a column from its values, as text.

    Parameters
    ----------
    declared
        The type that the file states; None if it states none.
    called
        The column, in messages.
    """

    def __init__(self, declared: Kind | None, called: str) -> None:
        self._declared = declared
        self._called = called
        self._seen: set[str] = set()
        self._possible = {Kind.INTEGER, Kind.FLOAT, Kind.BOOLEAN}
        self._most = 0.0
        self._nan = False
        self.gaps = False

    def see(self, values: Iterable[str]) -> None:
        """Look at some values.

        Raises
        ------
        UsageError
            One holds a zero byte, which no column of text can hold.
        """
        new = set(values) - self._seen
        if not new:
            return
        if len(self._seen) < _MOST_REMEMBERED:
            self._seen |= new
        lines = "\n".join(new)
        if "\0" in lines:
            raise UsageError(f"{self._called} holds a zero byte; take it out of the table")
        if not self.gaps and any(map(is_nothing, new)):
            self.gaps = True
        # Floats that their file states may be infinite, which decides nothing of gaps.
        undecided = self._possible or self._declared is Kind.FLOAT
        if undecided and not self._are_small_integers(new, lines):
            for value in new:
                self._narrow(value)

    def _are_small_integers(self, values: set[str], lines: str) -> bool:
        """Whether all are integers of few digits, or nothing; then that is noted."""
        # Looked at all at once, which is ten times as fast.
        if lines.count("\n") != len(values) - 1 or not _SMALL_INTEGERS.fullmatch(lines):
            return False
        if values != {""}:
            self._possible &= {Kind.INTEGER, Kind.FLOAT}
        return True

    def _narrow(self, value: str) -> None:
        value = value.strip()
        if not value:
            return
        if value.lower() in _BOOLEANS:
            self._possible &= {Kind.BOOLEAN}
        elif _INTEGER.fullmatch(value):
            size = abs(int(value)) if len(value) < 40 else math.inf
            self._possible &= {Kind.INTEGER, Kind.FLOAT} if size <= _MOST_INTEGER else set()
            self._most = max(self._most, size)
        elif value.lower() == _NAN:
            self._possible &= {Kind.INTEGER, Kind.FLOAT}
            self._nan = True
        elif _FLOAT.fullmatch(value) and math.isfinite(float(value)):
            self._possible &= {Kind.FLOAT}
        else:
            self._possible.clear()

    def found(self, gaps: bool) -> tuple[Kind, bool]:
        """The type, and whether the column has gaps, where some recordings have no row or none."""
        kind = self._declared or self._best()
        # Among text, "nan" is a word like any other.
        gaps = gaps or self.gaps or (self._nan and kind is not Kind.TEXT)
        if kind is Kind.TEXT or not gaps:
            return kind, gaps
        if kind is Kind.INTEGER and self._most > _MOST_EXACT:
            return Kind.TEXT, gaps
        return Kind.FLOAT, gaps

    def _best(self) -> Kind:
        if len(self._possible) == 3:
            # Nothing but gaps.
            return Kind.TEXT
        for kind in (Kind.BOOLEAN, Kind.INTEGER):
            if kind in self._possible:
                return kind
        if Kind.FLOAT in self._possible and self._most <= _MOST_EXACT:
            return Kind.FLOAT
        return Kind.TEXT


def is_nothing(value: str) -> bool:
    """Whether a field of a table is without a value."""
    return not value or value.isspace()


def converted(kind: Kind, texts: Sequence[str]) -> Sequence[Value]:
    """Make labels of the text in a table, by the type of its column.

    Raises
    ------
    ValueError
        One is not of that type.
    """
    if kind is Kind.TEXT:
        return ["" if text.isspace() else text for text in texts]
    if kind is Kind.INTEGER:
        return list(map(int, texts))
    if kind is Kind.BOOLEAN:
        return [_BOOLEANS[text.strip().lower()] for text in texts]
    try:
        return [float(text) if text else None for text in texts]
    except ValueError:
        return list(map(_number, texts))


def _number(text: str) -> Value:
    text = text.strip().lower()
    return float(_BOOLEANS.get(text, text)) if text else None
