"""Finds the files that a WFDB header names: beside it, whatever folder it states.

By header(5) of the WFDB Applications Guide, names have no folder. Some headers written
elsewhere have one, or spell a name differently from the file; so only the last part of a name
counts, and nothing outside the folder of the header is opened.
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
from ecgmpi.readers.wording import corrupt, missing, printable

HEADER = ".hea"
"""The ending of a header."""

SIGNALS = ".dat"
"""The ending of a signal file named without one."""

MAX_HEADER = 1 << 20
"""Largest header, bytes; real ones are far smaller."""


@dataclass(frozen=True, slots=True)
class SignalFile:
    """A file that holds signals.

    Attributes
    ----------
    path
        Where it lies.
    size
        Bytes of the signals and anything before them.
    content
        What it holds, where gzip has packed it; None if it is to be opened.
    as_named
        Whether its name and folder are those of the header; a ``.gz`` may follow.
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
    r"""Remove the folders before a name, as Unix or Windows write them.

    Raises
    ------
    RecordingError
        The rest is not a possible file name.

    Examples
    --------
    >>> last_part("../a.dat"), last_part("C:\\ecg\\a.dat")
    ('a.dat', 'a.dat')
    """
    last = re.split(r"[/\\]", named)[-1]
    if last in ("", ".", "..") or "\0" in named:
        raise corrupt(f"the header names a file '{printable(named)}', which is not a file name")
    return last


def places(header: Path, named: str, ending: str) -> Iterator[Path]:
    """Possible places of a file that a header names, most likely first.

    First as named, if that is below the folder of the header. Then, in that folder, its last
    part, also with `ending` appended and in other cases of letters. Each also with ``.gz``.
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
    """Read the bytes of a header, inflated if it is a gzip file.

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
    """Refuse an implausibly long header."""
    if len(content) > MAX_HEADER:
        raise corrupt(f"the header is longer than {MAX_HEADER:,} bytes")
    return content


def segment_file(header: Path, named: str) -> Path:
    """Find the header of a segment that a header names.

    Raises
    ------
    RecordingError
        It is missing.
    """
    for path in places(header, f"{named}{HEADER}", ""):
        if path.is_file():
            return path
    raise missing(f"its segment {printable(last_part(named))} is not beside the header")


def signal_file(header: Path, named: str, limit: int) -> SignalFile:
    """The signal file that a header names, with its content where gzip has packed it.

    Parameters
    ----------
    header
        The header, which need not exist.
    named
        The file as the header has it.
    limit
        Largest inflated size of a gzip file, bytes.

    Raises
    ------
    RecordingError
        It is missing, not a regular file, or too large or damaged when inflated.
    """
    found = signal_path(header, named)
    called = printable(last_part(named))
    try:
        information = (found or header.parent / last_part(named)).stat()
    except FileNotFoundError as error:
        raise missing(f"its signal file {called} is not beside the header") from error
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
