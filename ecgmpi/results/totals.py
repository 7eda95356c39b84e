"""Totals over the records of many chunks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ecgmpi.ecg.assumptions import assumptions

from .columns import PICTURE_COLUMNS, RECORDING_COLUMNS
from .result import Result


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals over the record of one chunk, or of many."""

    recordings: int
    failed: int
    pictures: int
    bytes: int
    failures: dict[str, int]
    assumed: dict[str, int]
    widths: dict[str, int]

    @classmethod
    def none(cls) -> Totals:
        """The totals of no chunk."""
        return cls(0, 0, 0, 0, {}, {}, {})

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
            widths,
        )


def summarise(results: Iterable[Result]) -> Totals:
    """The totals of the `results` of a chunk."""
    results = list(results)
    recordings = [result.recording for result in results]
    pictures = [row for result in results for row in result.pictures]
    widths: dict[str, int] = {}
    for table, columns, rows in (
        ("recordings", RECORDING_COLUMNS, recordings),
        ("pictures", PICTURE_COLUMNS, pictures),
    ):
        for column in columns:
            if column.dtype == "text":
                widths[f"{table}/{column.name}"] = max(
                    (len(encode(row[column.name])) for row in rows), default=0
                )
    return Totals(
        recordings=len(results),
        failed=sum(result.failed for result in results),
        pictures=len(pictures),
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
        widths=widths,
    )


def encode(text: str) -> bytes:
    """`text` as the UTF-8 that the manifest holds."""
    # Rows that an older version journaled may hold bytes that are not UTF-8: each becomes "?".
    return text.encode("utf-8", "replace")
