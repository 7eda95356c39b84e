"""The split of a recording, from a value of its row or from its name.

By shares it is a hash of the value alone: neither the order of recordings nor any other recording
has a say in it. What is kept is the name of the split, never the value.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate

from ecgmpi.errors import UsageError
from ecgmpi.names import written
from ecgmpi.options.labels import Labelling
from ecgmpi.options.splits import SPLIT, ByShare, ByValue, comparable

from .column_types import Kind, LabelColumn
from .facts import SplitFacts
from .join import KeyedTable, Recordings
from .stored import LabelWriter

_BITS = 64
_MOST_REMEMBERED = 1 << 16
_MOST_LISTED = 20
"""Values that a message lists."""


class Splitter:
    """Gives the splits of values.

    Parameters
    ----------
    options
        Among them the rule of a split.
    """

    def __init__(self, options: Labelling) -> None:
        self.given, rule = options.split, options.split_rule
        assert rule is not None
        self.by_share = isinstance(rule, ByShare)
        self.named = rule.named if isinstance(rule, ByValue) else ()
        split = _by_value(rule) if isinstance(rule, ByValue) else _by_share(rule)
        # A value stands in many rows.
        self._split = lru_cache(_MOST_REMEMBERED)(split)

    def of(self, value: str) -> str:
        """The split of a value; empty where that is empty, or ``NaN``."""
        value = value.strip()
        return self._split(value) if value and value.lower() != "nan" else ""

    def of_all(self, values: Iterable[str]) -> list[str]:
        """The split of each value."""
        return list(map(self.of, values))


def _by_value(rule: ByValue) -> Callable[[str], str]:
    splits = {comparable(value): split for value, split in rule.named}
    return lambda value: splits.get(comparable(value), rule.others)


def _by_share(rule: ByShare) -> Callable[[str], str]:
    """By the first 64 bits of SHA-256, as a fraction, among the shares one after another."""
    total = sum(rule.shares)
    # A hash h is below s of n shares where h / 2^64 < s / n: where h is below this, exactly.
    ends = [-(-(end << _BITS) // total) for end in accumulate(rule.shares)]

    def split(value: str) -> str:
        digest = hashlib.sha256(value.encode()).digest()
        return rule.names[bisect_right(ends, int.from_bytes(digest[: _BITS // 8], "big"))]

    return split


class NamedValues:
    """Looks whether the values that a split names stand in its column; see `TypeFinder`.

    Parameters
    ----------
    splitter
        What names them.
    called
        The column, in messages.
    """

    def __init__(self, splitter: Splitter, called: str) -> None:
        self._left = {comparable(value): value for value, _ in splitter.named}
        self._given = splitter.given
        self._called = called
        self._seen: dict[str, None] = {}

    def see(self, values: Iterable[str]) -> None:
        """Look at some values."""
        if not self._left:
            return
        for value in dict.fromkeys(map(str.strip, values)):
            self._left.pop(comparable(value), None)
            if value and len(self._seen) <= _MOST_LISTED:
                self._seen[value] = None

    def found(self, gaps: bool) -> tuple[Kind, bool]:
        """The type of the column of splits, and whether it has gaps.

        Raises
        ------
        UsageError
            No row has a value that is named.
        """
        if self._left:
            raise UsageError(
                f"--split {self._given}: {self._called} has no value "
                f"{' or '.join(map(written, self._left.values()))}; it has {_listed([*self._seen])}"
            )
        return Kind.TEXT, gaps


class OneSpelling:
    """Looks whether ids are numbers in two spellings, 12 and 12.0; see `TypeFinder`.

    Each would be a patient of its own, and one patient could be on two sides of a split.

    Parameters
    ----------
    called
        The column, in messages.
    """

    def __init__(self, called: str) -> None:
        self._called = called
        self._whole = self._fraction = ""

    def see(self, values: Iterable[str]) -> None:
        """Look at some values."""
        if self._whole and self._fraction:
            return
        for value in map(str.strip, values):
            if value.isdecimal():
                self._whole = self._whole or value
            elif value.endswith(".0") and value[:-2].isdecimal():
                self._fraction = self._fraction or value

    def found(self, gaps: bool) -> tuple[Kind, bool]:
        """The type of the column of splits, and whether it has gaps.

        Raises
        ------
        UsageError
            There are numbers of both spellings.
        """
        if self._whole and self._fraction:
            raise UsageError(
                f"{self._called} has ids like {self._whole} and like {self._fraction}: ids are "
                "compared as text, so a patient written in both ways could be on two sides of a "
                "split; write all of them in one way"
            )
        return Kind.TEXT, gaps


def _listed(values: Sequence[str]) -> str:
    if not values:
        return "none at all"
    more = ", and others" if len(values) > _MOST_LISTED else ""
    listed = sorted(values[:_MOST_LISTED], key=_as_sorted)
    return f"{', '.join(map(written, listed))}{more}"


def _as_sorted(value: str) -> tuple[bool, str | Decimal]:
    """Numbers by size, and before text."""
    compared = comparable(value)
    return isinstance(compared, str), compared


def write_split(
    writer: LabelWriter,
    options: Labelling,
    sources: Sequence[KeyedTable],
    recordings: Recordings,
    n_recordings: int,
) -> SplitFacts | None:
    """Say how recordings are divided into splits, and divide them where no column did.

    Parameters
    ----------
    writer
        Writes labels; it has those of all tables.
    options, sources
        The rule of the split, and the tables.
    recordings, n_recordings
        Those of the catalogue, and how many there are.

    Returns
    -------
    SplitFacts or None
        None where there are no splits.
    """
    rule, name = options.split_rule, options.split_column
    if rule is None or options.split is None:
        return None
    if name is None:
        by = "recording, as no --split-by names a column of patients"
        splitter = Splitter(options)
        column = LabelColumn(SPLIT, Kind.TEXT, about="split, by the name of the recording")
        writer.add([column], ((index, splitter.of(name)) for index, name, *_ in recordings()))
    else:
        source = next(one.table for one in sources if name in one.table.columns)
        by = f"{name} of {written(source.path.name)}"
    counts = writer.in_splits()
    found = {split: counts.get(split, 0) for split in rule.names}
    return SplitFacts(options.split, by, found, n_recordings - sum(found.values()))
