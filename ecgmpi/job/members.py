"""Files that hold many recordings -> a catalogue entry for each, by their headers alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ecgmpi.readers import ReadHints, members

from .walk import Found


def each_recording(found: Iterable[Found], hints: ReadHints) -> Iterator[Found]:
    """Put in place of a file of many recordings one entry each, ``file.h5#17``, from 0.

    Only headers are read, and only of files whose extension says that they may hold many;
    what is wrong with one is left to whoever reads it.
    """
    for entry in found:
        count = None
        if entry.name is not None and not entry.problem:
            count = members(entry.path, hints)
        if count is None:
            yield entry
            continue
        for number in range(count):
            yield replace(
                entry,
                name=f"{entry.name}#{number}",
                source=f"{entry.source}#{number}",
                path=f"{entry.path}#{number}",
                size=entry.size // count,
            )
