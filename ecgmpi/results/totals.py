"""Totals over the records of many chunks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ecgmpi.ecg.assumptions import assumptions

from .result import Result
from .tables import Tables

_MOST_KNOWN = 1024


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals over the record of one chunk, or of many."""

    recordings: int
    failed: int
    pictures: int
    bytes: int
    failures: dict[str, int]
    assumed: dict[str, int]
    shard_files: int
    widths: dict[str, int]

    @classmethod
    def none(cls) -> Totals:
        """The totals of no chunk."""
        return cls(0, 0, 0, 0, {}, {}, 0, {})

    def plus(self, other: Totals) -> Totals:
        """The sum of both."""
        return sum_of((self, other))


class RunningTotals:
    """The sum of many totals, changed in place: a new object for each would take seconds."""

    def __init__(self) -> None:
        self._recordings = self._failed = self._pictures = self._bytes = self._shard_files = 0
        self._failures: dict[str, int] = {}
        self._assumed: dict[str, int] = {}
        self._widths: dict[str, int] = {}
        self._known: dict[int, dict[str, int]] = {}

    def add(self, other: Totals) -> None:
        """Add the totals of a chunk, or of many."""
        self._recordings += other.recordings
        self._failed += other.failed
        self._pictures += other.pictures
        self._bytes += other.bytes
        self._shard_files += other.shard_files
        for counts, more in ((self._failures, other.failures), (self._assumed, other.assumed)):
            for what, count in more.items():
                counts[what] = counts.get(what, 0) + count
        # Many chunks share one object: each is looked at once, and kept, so that none has its id.
        if self._known.get(id(other.widths)) is not other.widths:
            if len(self._known) < _MOST_KNOWN:
                self._known[id(other.widths)] = other.widths
            for name, width in other.widths.items():
                self._widths[name] = max(width, self._widths.get(name, 0))

    @property
    def total(self) -> Totals:
        """The sum so far."""
        return Totals(
            self._recordings,
            self._failed,
            self._pictures,
            self._bytes,
            dict(self._failures),
            dict(self._assumed),
            self._shard_files,
            dict(self._widths),
        )


def sum_of(some: Iterable[Totals]) -> Totals:
    """The sum of `some` totals."""
    running = RunningTotals()
    for totals in some:
        running.add(totals)
    return running.total


def summarise(results: Iterable[Result]) -> Totals:
    """The totals of the `results` of a chunk."""
    results = list(results)
    recordings = [result.recording for result in results]
    return Totals(
        recordings=len(results),
        failed=sum(result.failed for result in results),
        pictures=sum(len(result.pictures) for result in results),
        bytes=sum(row["bytes"] for row in recordings),
        failures=dict(Counter(row["class"] for row in recordings if row["class"])),
        assumed=dict(
            Counter(
                fact
                for row in recordings
                if row["assumed"]
                for fact in assumptions(row["assumed"].split(), row["rate_hz"])
            )
        ),
        shard_files=0,
        widths={},
    )


def totals_of(results: Iterable[Result], tables: Tables) -> Totals:
    """The totals of a chunk, whose rows are in `tables`, too."""
    widths = {
        f"{name}/{column}": values.itemsize
        for name, table in tables._asdict().items()
        for column, values in table.items()
        if values.dtype.kind == "S"
    }
    n_files = len(tables.shards["path"])
    return replace(summarise(results), shard_files=n_files, widths=widths)
