"""Age, sex and diagnosis from the comments of WFDB headers, as a table of labels.

The Challenges of 2020 and 2021, and Chapman-Shaoxing-Ningbo, state them so: ``#Age: 74``,
``#Sex: Male``, ``#Dx: 426177001,164934002``. Nothing else of a header is looked at.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from ecgmpi.errors import RecordingError
from ecgmpi.options.labels import HEADER
from ecgmpi.readers import divided
from ecgmpi.readers.gzipped import is_gzip
from ecgmpi.readers.source import HEAD_BYTES
from ecgmpi.readers.wfdb.files import read_header

from .column_types import Kind
from .join import Recordings
from .keys import Recording
from .table import BLOCK, Values

KEY = "path"
"""The column of its keys."""

_FACTS = ("Dx", "Age", "Sex")
_COMMENT = re.compile(rf"#\s*({'|'.join(_FACTS)})\s*:\s*(.*?)\s*", re.IGNORECASE)
_MOST_BYTES = 1 << 16
"""Of a header that are read: comments are few, and stand behind a line for each signal."""


class HeaderTable:
    """The headers of all recordings of a job that have one: a row each.

    Parameters
    ----------
    recordings
        Of the job.
    check
        Called now and then; what it raises ends the work.
    """

    def __init__(self, recordings: Recordings, check: Callable[[], None]) -> None:
        self._recordings = recordings
        self._check = check
        self.path = Path(HEADER)
        self.columns: tuple[str, ...] = (KEY, *_FACTS)
        self.kinds: Mapping[str, Kind] = {}
        self.unit = "header"

    def blocks(self, names: Sequence[str]) -> Iterator[list[Values]]:
        """Read the named facts of every header; see `Table.blocks`."""
        of_headers = filter(_has_header, self._recordings(paths=True))
        while block := list(islice(of_headers, BLOCK)):
            self._check()
            facts = (_facts(recording) for recording in block)
            yield [tuple(row[name] for name in names) for row in facts]

    def numbers(self) -> Iterator[int]:
        """Count the headers, from 1; see `Table.numbers`."""
        yield from (n for n, _ in enumerate(filter(_has_header, self._recordings(paths=True)), 1))


def _has_header(recording: Recording) -> bool:
    return divided(recording[2])[1] == ".hea"


def _facts(recording: Recording) -> dict[str, str]:
    _, _, source, path = recording
    facts = dict.fromkeys(_FACTS, "")
    text = b""
    # What is wrong with a file is told in its row.
    with suppress(OSError, RecordingError):
        text = _text_of(Path(os.fsdecode(path)))
    for line in text.decode("utf-8", "replace").splitlines():
        if found := _COMMENT.fullmatch(line.strip()):
            name = next(one for one in _FACTS if one.lower() == found[1].lower())
            facts[name] = facts[name] or found[2].replace("\0", "")
    return {KEY: source, **facts}


def _text_of(path: Path) -> bytes:
    # Checked before it is opened: opening a named pipe would block forever.
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        text = file.read(_MOST_BYTES)
    return read_header(path) if is_gzip(text[:HEAD_BYTES]) else text
