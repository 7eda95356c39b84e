"""Shared memory that MPICH leaves in /dev/shm where a rank is killed: 3 MB a rank, for ever."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_PREFIX = "/dev/shm/mpich_"
"""Of the files in which MPICH 4 keeps its segments."""


def segments_of(pid: int) -> frozenset[Path]:
    """The segments of MPICH that process `pid` has mapped; none if that cannot be seen."""
    try:
        maps = Path(f"/proc/{pid}/maps").read_text(errors="replace")
    except OSError:
        return frozenset()
    # address, permissions, offset, device, inode, path
    paths = (line.split(maxsplit=5)[-1] for line in maps.splitlines())
    return frozenset(Path(path) for path in paths if path.startswith(_PREFIX))


def remove_segments(segments: Iterable[Path]) -> None:
    """Remove segments: processes that have mapped them keep them."""
    for segment in segments:
        with suppress(OSError):
            segment.unlink()
