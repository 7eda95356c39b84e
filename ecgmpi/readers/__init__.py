"""Files in, `Record` out: one module and one line in `registry` per format. Start at `reading`.

The first bytes of a file decide its format; if they fit more than one, the extension
decides. Nothing heavier than numpy is imported before a file needs it.
"""

from .containers import count_recordings, entries_of, may_hold_many, split_address
from .file_names import claimed_extensions, divided, sample_extensions, sidecars
from .hints import NO_HINTS, ReadHints
from .reading import preload, read
from .registry import FORMATS
from .segments import parent_header, segment_files

__all__ = [
    "FORMATS",
    "NO_HINTS",
    "ReadHints",
    "claimed_extensions",
    "count_recordings",
    "divided",
    "entries_of",
    "may_hold_many",
    "parent_header",
    "preload",
    "read",
    "sample_extensions",
    "segment_files",
    "sidecars",
    "split_address",
]
