"""Totals over the records of many chunks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ecgmpi.ecg.assumptions import assumptions

from .result import Result
from .tables import Tables


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
        widths = dict(self.widths)
        for name, width in other.widths.items():
            widths[name] = max(width, widths.get(name, 0))
        return Totals(
            self.recordings + other.recordings,
            self.failed + other.failed,
            self.pictures + other.pictures,
            self.bytes + other.bytes,
            dict(Counter(self.failures) + Counter(other.failures)),
            dict(Counter(self.assumed) + Counter(other.assumed)),
            self.shard_files + other.shard_files,
            widths,
        )


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
