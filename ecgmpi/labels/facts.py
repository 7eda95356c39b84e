"""How a table of labels matched the recordings, and how these are divided into splits: counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ecgmpi.options.splits import NO_SPLIT


@dataclass(frozen=True, slots=True)
class TableFacts:
    """How one table matched the recordings.

    Attributes
    ----------
    table
        Name of its file, without folders.
    sha256
        Of its bytes; empty where the table is the headers of the recordings.
    key
        The column of its keys, and what they are.
    columns
        Those that were copied, as they are called in the manifest.
    rows, unused
        How many rows it has, and how many of them match no recording.
    recordings, matched
        How many recordings the job has, and how many of them have a row.
    """

    table: str
    sha256: str
    key: str
    columns: tuple[str, ...]
    rows: int
    unused: int
    recordings: int
    matched: int

    def line(self, listed: str = "") -> str:
        """What it says in one line; `listed` is where the recordings without a row are named."""
        # The key of headers is none that anybody gave.
        by = f" by {self.key}" if self.sha256 else ""
        without = self.recordings - self.matched
        parts = [f"{self.table}: {self.matched:,} of {self.recordings:,} recordings have a row{by}"]
        if without:
            where = f" (see {listed})" if listed else ""
            parts.append(f"{without:,} {'has' if without == 1 else 'have'} none{where}")
        if self.unused:
            verb = "matches" if self.unused == 1 else "match"
            parts.append(f"{self.unused:,} of {self.rows:,} rows {verb} no recording")
        return "; ".join(parts)

    @property
    def identity(self) -> list[Any]:
        """What decides which labels come of it."""
        return [self.sha256, self.key, list(self.columns)]


@dataclass(frozen=True, slots=True)
class SplitFacts:
    """How the recordings are divided into splits.

    Attributes
    ----------
    rule
        As it is typed.
    by
        What decides it: a column of a table, or the recording.
    recordings
        Each split and how many recordings are in it, in the order of the splits.
    none
        How many recordings are in no split.
    """

    rule: str
    by: str
    recordings: dict[str, int]
    none: int

    @property
    def line(self) -> str:
        """What it says in one line."""
        counts = [f"{name} {n:,}" for name, n in self.recordings.items()]
        if self.none:
            counts.append(f"{NO_SPLIT} {self.none:,}")
        return f"split: {', '.join(counts)}; by {self.by}"

    @property
    def identity(self) -> list[Any]:
        """What decides which splits come of it."""
        return [self.rule, self.by]
