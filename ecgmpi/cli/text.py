"""Numbers as people read them, and file names that are not text."""

from __future__ import annotations

import codecs
import io
import sys

from ecgmpi.names import readable

_ESCAPED = "ecgmpi.escaped"
"""The name of the error handler that `spell_out_any_path` registers."""

_DEFAULTS = ("strict", "surrogateescape", "backslashreplace")
"""Error handlers that Python gives standard output and standard error by itself."""


def count(n: int, what: str) -> str:
    """``1 picture``, ``480 pictures``, ``24,000 pictures``."""
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def spell_out_any_path() -> None:
    """Make the standard streams escape what is not text in their encoding, with backslashes."""
    codecs.register_error(_ESCAPED, _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in _DEFAULTS:
            stream.reconfigure(errors=_ESCAPED)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = readable(error.object[error.start : error.end])
    return text.encode("ascii", "backslashreplace").decode("ascii"), error.end


def size(n_bytes: float) -> str:
    """``532 B``, ``28.6 MB``: decimal units, as disks are sold."""
    for unit in ("B", "kB", "MB", "GB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} B" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} TB"
