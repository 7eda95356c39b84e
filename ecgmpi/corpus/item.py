"""One recording to draw, as the catalogue hands it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecgmpi.errors import RecordingError

if TYPE_CHECKING:
    from ecgmpi.results.result import Result


@dataclass(frozen=True, slots=True)
class Item:
    """One recording to draw: all that a worker is told about it.

    Where it is `known` already what has become of it, no worker is told at all.
    """

    index: int
    name: str
    source: str
    path: str
    problem: RecordingError | None = None
    known: Result | None = None
