"""Files that hold many recordings -> a catalogue entry for each, by their headers alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from ecgmpi.errors import RecordingError
from ecgmpi.readers import may_hold_many

from .discover import Found

Count = Callable[[str], int | None]
"""Counts the recordings that the file at a path holds, see `ecgmpi.readers.count_recordings`."""


def each_recording(found: Iterable[Found], count: Count) -> Iterator[Found]:
    """Replace a file of many recordings by one entry for each, ``file.h5#17``, from 0.

    Only files whose extension says that they may hold many are counted. What is wrong with
    a file is left to its reader.

    Parameters
    ----------
    found
        What the walk found.
    count
        Counts the recordings in a file. Where it raises a `RecordingError`, the file is one
        entry with that problem.
    """
    for entry in found:
        if entry.name is None or entry.problem or not may_hold_many(entry.path):
            yield entry
            continue
        try:
            n_recordings = count(entry.path)
        except RecordingError as error:
            yield replace(entry, problem=error)
            continue
        if n_recordings is None:
            yield entry
            continue
        for number in range(n_recordings):
            yield replace(
                entry,
                name=f"{entry.name}#{number}",
                source=f"{entry.source}#{number}",
                path=f"{entry.path}#{number}",
                size=entry.size // n_recordings,
            )
