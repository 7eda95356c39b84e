"""Words that all readers share: printable text, truncated and corrupt files."""

from __future__ import annotations

from functools import lru_cache

from ecgmpi.errors import FailureKind, RecordingError


@lru_cache(maxsize=1024)
def printable(text: str, limit: int = 60) -> str:
    """Put `text` on one line, whatever it holds, cut at `limit` characters."""
    shown = "".join(c if c.isprintable() else "?" for c in text[:limit])
    return shown if len(text) <= limit else shown + "..."


def truncated(found: str) -> RecordingError:
    """Make the error for a file that ends before what its own header promises."""
    return RecordingError(
        FailureKind.TRUNCATED, found, "copy the file again from where it came from"
    )


def corrupt(found: str) -> RecordingError:
    """Make the error for a file whose bytes contradict themselves."""
    return RecordingError(
        FailureKind.CORRUPT, found, "copy the file again, or save it again from the original"
    )


def missing(found: str) -> RecordingError:
    """Make the error for a file that is not there, or a link to one.

    In a container, a file may only be invisible. The remedy is the same everywhere, as the
    manifest must not depend on where the job runs.
    """
    return RecordingError(
        FailureKind.MISSING,
        found,
        "put the file there or, if it is and the job runs in a container, make its folder visible "
        "with --bind; the same command tries it again",
    )
