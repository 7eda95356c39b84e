"""The standard streams, which file names may not fit that are not text."""

from __future__ import annotations

import codecs
import io
import sys

from ecgmpi.names import readable

_ESCAPED = "ecgmpi.escaped"
"""The name of the error handler that `spell_out_any_path` registers."""

_DEFAULTS = ("strict", "surrogateescape", "backslashreplace")
"""Error handlers that Python gives standard output and standard error by itself."""


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
