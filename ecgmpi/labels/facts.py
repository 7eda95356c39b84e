"""How a table of labels matched the recordings: counts, and what decides its labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


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
        said = f"{self.table}: {self.matched:,} of {self.recordings:,} recordings have a row by"
        without = self.recordings - self.matched
        parts = [f"{said} {self.key}"]
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
