"""One recording from its file: choose the format by the first bytes, and have it read.

If several formats fit, the extension decides.
"""

from __future__ import annotations

import os
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
from .containers import file_of, split_address
from .file_names import divided
from .gzipped import inflated, is_gzip
from .hints import NO_HINTS, ReadHints
from .registry import FORMATS, Format
from .source import HEAD_BYTES, Source
from .unrecognised import unrecognised
from .wording import missing


def preload(paths: Iterable[str]) -> None:
    """Import what most likely reads the files at `paths`, for processes that are forked later.

    Goes by the names alone: no file is opened. What cannot be imported is left to whoever reads.
    """
    for ending in {divided(file_of(path))[1] for path in paths}:
        likely = next((format for format in FORMATS if ending in format.extensions), None)
        if likely is not None:
            # A broken package fails the recordings that need it, each by its row.
            with suppress(Exception):
                likely.preload()


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
