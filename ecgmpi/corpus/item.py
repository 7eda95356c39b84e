"""One recording to draw, as the catalogue hands it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ecgmpi.errors import RecordingError


@dataclass(frozen=True, slots=True)
class Item:
    """One recording to draw: all that a worker learns about it.

    Attributes
    ----------
    index
        Its place in the catalogue, from 0.
    name, source
        What it is called in OUT, and the file it comes from, below INPUT; both as
        `ecgmpi.names.written` writes them.
    path
        The file, for opening: as `os.fsdecode` gives it.
    problem
        Why it cannot be read at all; None where a reader is to try.
    chunk
        Which chunk of the catalogue it belongs to, from 0.
    labels
        Its labels by their names, as the JSON of a sample has them.
    """

    index: int
    name: str
    source: str
    path: str
    problem: RecordingError | None = None
    chunk: int = 0
    labels: Mapping[str, Any] = field(default_factory=dict)
