"""Files in, `Record` out: one module and one line in `registry` per format. Start at `read`.

The first bytes of a file decide its format; if they fit more than one, the extension
decides. Nothing heavier than numpy is imported before a file needs it.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ecgmpi.ecg.leads import with_canonical_leads
from ecgmpi.ecg.record import Assumption, Record
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.names import written

from . import signatures
from .file_names import CLAIMED, GZIP, divided
from .gzipped import inflated, is_gzip
from .hints import ReadHints
from .registry import FORMATS, Format
from .source import HEAD_BYTES, Source
from .unrecognised import unrecognised
from .wording import missing

__all__ = [
    "FORMATS",
    "NO_HINTS",
    "Format",
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

NO_HINTS = ReadHints()
"""No hints: what each format and the defaults say applies."""


_MANY = frozenset().union(*(format.extensions for format in FORMATS if format.many))


def claimed_extensions() -> frozenset[str]:
    """Return the endings that a walk of a folder accepts: lower case, with the dot.

    It also accepts them followed by ``.gz`` (see `divided`).
    """
    return CLAIMED


def sidecars() -> dict[str, str]:
    """Return endings of files that are not recordings if a header lies beside them.

    Ending of the file -> ending of its header, both lower case with the dot.
    """
    return {
        sidecar: header
        for format in FORMATS
        for sidecar in format.sidecars
        for header in format.extensions
    }


def sample_extensions() -> dict[str, tuple[str, ...]]:
    """Return the usual endings of the sample files that a header describes.

    Ending of the header -> those of files with its stem, most usual first, then the same
    with ``.gz``.
    """
    return {
        header: (*format.signals, *(ending + GZIP for ending in format.signals))
        for format in FORMATS
        if format.signals
        for header in format.extensions
    }


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


_ADDRESS = re.compile(r"(?P<file>.+)#(?P<member>[0-9]{1,12})", re.DOTALL)


def split_address(path: str | Path) -> tuple[Path, int | None]:
    """Divide ``file.h5#17`` into the file and the number of the recording in it.

    A path without a number does not change, nor does the name of an existing file.
    """
    if "#" not in os.fspath(path):
        return Path(path), None
    path = Path(path)
    found = _ADDRESS.fullmatch(path.name)
    if found is None or divided(found["file"])[1] not in _MANY or os.path.lexists(path):
        return path, None
    return path.with_name(found["file"]), int(found["member"])


def preload(paths: Iterable[str]) -> None:
    """Import what most likely reads the files at `paths`, for processes that are forked later.

    Goes by the names alone: no file is opened. What cannot be imported is left to whoever reads.
    """
    found = ((path, _ADDRESS.fullmatch(path)) for path in paths)
    for ending in {divided(whole["file"] if whole else path)[1] for path, whole in found}:
        likely = next((format for format in FORMATS if ending in format.extensions), None)
        if likely is not None:
            # A broken package fails the recordings that need it, each by its row.
            with suppress(Exception):
                likely.preload()


def may_hold_many(path: str | Path) -> bool:
    """Whether a file may hold many recordings that a walk finds, by its extension.

    A gzip file may not: each recording would inflate all of it.
    """
    return os.path.splitext(path)[1].lower() in _MANY  # noqa: PTH122 - hot path


def count_recordings(path: str | Path, hints: ReadHints = NO_HINTS) -> int | None:
    """Count the recordings in a file that may hold many, by its header alone.

    Returns
    -------
    int or None
        None if the file holds one recording, or none that can be read.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    for format in FORMATS:
        if format.many and suffix in format.extensions:
            return format.count(path, hints)
    return None


def entries_of(path: str | Path, name: str) -> list[str] | None:
    """Read what a file of many recordings says of each of them, in the dataset called `name`.

    CODE-15% so names its recordings: ``exam_id`` has an entry for each.

    Returns
    -------
    list of str or None
        Whole numbers and text, as text; None if the file has no such dataset of one axis.
    """
    path = Path(path)
    for format in FORMATS:
        if format.names_many and path.suffix.lower() in format.extensions:
            return format.entries(path, name)
    return None


def read(path: str | Path, hints: ReadHints = NO_HINTS, name: str | None = None) -> Record:
    """Read one recording.

    Parameters
    ----------
    path
        A file of any format in `FORMATS`, or a gzip file that holds one; ``file.h5#17`` is
        the recording 17, from 0, of one that holds many.
    hints
        What the file does not state itself.
    name
        What to call the recording; None is the file's name without its extension, as
        `ecgmpi.names.written` writes it.

    Returns
    -------
    Record
        Samples in mV, float32, shape (n_leads, n_samples); rate in Hz; lead names in
        canonical spelling, however the file spells them.

    Raises
    ------
    RecordingError
        The file cannot be read or is not a recording; nothing else is raised for
        whatever the file holds.
    """
    path, member = split_address(path)
    if name is None:
        stem, _ = divided(path.name)
        name = written(stem if member is None else f"{stem}#{member}")
    try:
        # Checked before it is opened: opening a named pipe would block forever.
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            what = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
            raise RecordingError(
                FailureKind.UNREADABLE, f"this is {what}", "name a file that holds a recording"
            )
        with path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(HEAD_BYTES)
            source = Source(name, path, file, head, size, member)
            if is_gzip(head):
                source = inflated(source, hints)
            format = choose(source.head, source.size, source.path)
            if member is not None and not format.many:
                raise RecordingError(
                    FailureKind.NO_VARIABLE,
                    f"a {format.name} file holds one recording",
                    f"leave out #{member}",
                )
            record = with_canonical_leads(format.load(source, hints))
            if record.assumed and not hints.assume:
                raise _refused_to_assume(record.assumed)
            # Whatever a reader does, no identity is kept unless it was asked for.
            identified = record.identity and not hints.identify
            return replace(record, identity=()) if identified else record
    except (FileNotFoundError, NotADirectoryError) as error:
        raise missing("the file, or the file that it links to, is not there") from error
    except OSError as error:
        raise RecordingError(
            FailureKind.UNREADABLE,
            f"the file cannot be read: {error.strerror or 'input/output error'}",
            "check that it is there and that you may read it",
        ) from error
    except MemoryError as error:
        raise RecordingError(
            FailureKind.MEMORY,
            "the recording does not fit into free memory",
            "give each worker more memory, or use fewer workers",
        ) from error


_UNSTATED = {
    Assumption.RATE: ("its rate", "--rate"),
    Assumption.UNIT: ("its unit", "--units or --adc-gain"),
    Assumption.LEADS: ("which lead is which", "--lead-names"),
}


def _refused_to_assume(assumed: tuple[Assumption, ...]) -> RecordingError:
    """Make the error for a file that does not state what ``--no-assume`` requires."""
    missing = " or ".join(_UNSTATED[fact][0] for fact in assumed)
    options = ", and ".join(_UNSTATED[fact][1] for fact in assumed)
    return RecordingError(
        FailureKind.ASSUMED,
        f"the file does not state {missing}, and --no-assume allows no default",
        f"set {options}, or leave out --no-assume",
    )


def choose(head: bytes, size: int, path: Path) -> Format:
    """Choose the format of a file from its first bytes.

    Parameters
    ----------
    head
        The first bytes of the file.
    size
        Its length in bytes, for messages.
    path
        The file; its extension decides if several formats fit.

    Raises
    ------
    RecordingError
        No format fits, or there are no bytes.
    """
    if not head:
        raise RecordingError(
            FailureKind.EMPTY_FILE, "the file holds no bytes", "copy it again or leave it out"
        )
    suffix = path.suffix.lower()
    # Formats that claim the extension come first: if several fit, one of them wins.
    for claims in (True, False):
        for format in FORMATS:
            if (suffix in format.extensions) is claims and format.sniff(head):
                return format
    if signatures.text_of(head):
        for format in FORMATS:
            if format.any_text and suffix in format.extensions:
                return format
    raise unrecognised(head, size, path)
