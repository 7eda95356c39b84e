"""Where the files lie that a WFDB header names: beside it, whatever folder it puts before them.

By header(5) of the WFDB Applications Guide, names have no folder. Headers that were written
elsewhere have one all the same, or a name that is spelled otherwise than the file; so of
what is named the last part counts, and nothing outside the folder of the header is opened.
"""

from __future__ import annotations

import io
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.file_names import GZIP, divided
from ecgmpi.readers.gzipped import inflate, is_gzip
from ecgmpi.readers.source import HEAD_BYTES
from ecgmpi.readers.wording import corrupt, printable

HEADER = ".hea"
"""The ending of a header."""

SIGNALS = ".dat"
"""The ending of a signal file that is named without one."""

MAX_HEADER = 1 << 20
"""Bytes; no header comes near it."""


@dataclass(frozen=True, slots=True)
class SignalFile:
    """A file that holds signals.

    Attributes
    ----------
    path
        Where it lies.
    size
        Bytes of signals and what stands before them.
    content
        What it holds, where gzip has packed it; None if it is to be opened.
    as_named
        Whether it is called, and lies, as the header says; there may be a ``.gz`` behind it.
    """

    path: Path
    size: int
    content: io.BytesIO | None
    as_named: bool

    def read(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes from `offset`: fewer only where the file ends."""
        if self.content is not None:
            self.content.seek(offset)
            return self.content.read(count)
        with self.path.open("rb") as file:
            file.seek(offset)
            return file.read(count)


def last_part(named: str) -> str:
    r"""A name without the folders before it, as Unix or Windows write them.

    Raises
    ------
    RecordingError
        No file can be called what is left.

    Examples
    --------
    >>> last_part("../a.dat"), last_part("C:\\ecg\\a.dat")
    ('a.dat', 'a.dat')
    """
    last = re.split(r"[/\\]", named)[-1]
    if last in ("", ".", "..") or "\0" in last:
        raise corrupt(f"the header names a file '{printable(last)}', which is not a file name")
    return last


def places(header: Path, named: str, ending: str) -> Iterator[Path]:
    """Where a file may lie that a header names, most likely first.

    As it is named, if that is below the folder of the header; then in that folder: by its
    last part, with `ending` behind that, in other cases of letters. Each with ``.gz``, too.
    """
    folder, last = header.parent, last_part(named)
    inside = PurePosixPath(named)
    if last != named and not inside.is_absolute() and ".." not in inside.parts:
        yield folder / inside
    stem, own = PurePosixPath(last).stem, PurePosixPath(last).suffix
    names = [last, last + ending, stem + own.lower(), stem + own.upper()]
    names += [last.lower(), last.upper(), last.lower() + ending]
    like, _ = divided(header.name)
    if stem.lower() == like.lower():
        own = own or ending
        names += [like + own, like + own.lower(), like + own.upper()]
    for name in dict.fromkeys(names):
        yield folder / name
        yield folder / (name + GZIP)


def read_header(path: Path) -> bytes:
    """The bytes of a header, packed by gzip or not.

    Raises
    ------
    RecordingError
        It is longer than `MAX_HEADER`, or its gzip stream is damaged.
    OSError
        It cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(MAX_HEADER + 1)
        if is_gzip(content[:HEAD_BYTES]):
            content = inflate(file, MAX_HEADER).getvalue()
    return checked_header(content)


def checked_header(content: bytes) -> bytes:
    """Refuse a header that is too long to be one."""
    if len(content) > MAX_HEADER:
        raise corrupt(f"the header is longer than {MAX_HEADER:,} bytes")
    return content


def segment_file(header: Path, named: str) -> Path:
    """The header of a segment that a header names.

    Raises
    ------
    RecordingError
        It is not there.
    """
    for path in places(header, f"{named}{HEADER}", ""):
        if path.is_file():
            return path
    raise RecordingError(
        FailureKind.UNREADABLE,
        f"its segment {printable(last_part(named))} is missing",
        "copy the segments beside the header",
    )


def signal_file(header: Path, named: str, limit: int) -> SignalFile:
    """The signal file that a header names, with its content where gzip has packed it.

    Parameters
    ----------
    header
        The header, which need not be there itself.
    named
        The file as the header has it.
    limit
        Bytes that may come of a file that is packed.

    Raises
    ------
    RecordingError
        It is not there, no regular file, or too large or damaged inside.
    """
    found = signal_path(header, named)
    called = printable(last_part(named))
    try:
        information = (found or header.parent / last_part(named)).stat()
    except OSError as error:
        raise RecordingError(
            FailureKind.UNREADABLE,
            f"its signal file {called} cannot be read: {error.strerror}",
            "copy the signal files beside the header",
        ) from error
    if found is None or not stat.S_ISREG(information.st_mode):
        raise RecordingError(
            FailureKind.UNREADABLE,
            f"its signal file {called} is not a regular file",
            "copy the signal files beside the header",
        )
    packed = found.suffix.lower() == GZIP
    as_named = header.parent / named in (found, found.with_suffix("") if packed else found)
    if packed:
        with found.open("rb") as file:
            if is_gzip(file.read(HEAD_BYTES)):
                content = inflate(file, limit)
                return SignalFile(found, content.getbuffer().nbytes, content, as_named)
    return SignalFile(found, information.st_size, None, as_named)


def signal_path(header: Path, named: str) -> Path | None:
    """Where a signal file lies that a header names; None if it is not there."""
    return next(filter(_is_there, places(header, named, SIGNALS)), None)


def _is_there(path: Path) -> bool:
    try:
        return not stat.S_ISDIR(path.stat().st_mode)
    except OSError:
        return False
