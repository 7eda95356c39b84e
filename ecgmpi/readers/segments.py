"""Recordings that are joined from several files, by a header that names them."""

from __future__ import annotations

from pathlib import Path

from ecgmpi.errors import RecordingError

from .file_names import GZIP, divided
from .registry import FORMATS

_SEGMENTED = tuple(format for format in FORMATS if format.segment_name)


def parent_header(name: str) -> str | None:
    """Name of the header that would join a file with others, by the file name alone.

    A compressed header has ``.gz`` after that name.

    Examples
    --------
    >>> parent_header("3000003_0012.hea"), parent_header("00001_lr.hea")
    ('3000003.hea', None)
    """
    if name.lower().endswith(GZIP):
        name = name[: -len(GZIP)]
    for format in _SEGMENTED:
        if format.segment_name and (found := format.segment_name.fullmatch(name)):
            return found["whole"] + found["ending"]
    return None


def segment_files(path: Path) -> list[Path]:
    """Every file that a recording is joined from, by its header; none if it is not joined.

    The header names them; they may be missing.
    """
    for format in _SEGMENTED:
        if divided(path.name)[1] in format.extensions:
            try:
                return format.segments(path)
            except (OSError, RecordingError):
                # Reading it reports what is wrong.
                return []
    return []
