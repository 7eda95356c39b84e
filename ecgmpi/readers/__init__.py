"""Files in, `Record` out: one module a format, one line a format here.

A format is chosen by what the file's first bytes are; where those fit more than one,
the extension decides. Nothing heavier than numpy is imported before a file needs it.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import cast

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.leads import with_canonical_leads
from ecgmpi.record import Record

from . import sniff
from .base import HEAD_BYTES, ReadHints, Source

__all__ = [
    "FORMATS",
    "NO_HINTS",
    "Format",
    "ReadHints",
    "address",
    "claimed_extensions",
    "may_hold_many",
    "members",
    "parts",
    "read",
    "sidecars",
    "whole_of",
]

NO_HINTS = ReadHints()
"""Nothing is said of the files: what each format and the defaults say holds."""


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file that can be read.

    Attributes
    ----------
    name
        What `Record.format` says.
    extensions
        Endings, lower case with the dot, that a walk of a folder takes for it.
    sniff
        Whether the first bytes of a file are of this format.
    module
        The module of this package that has ``load(source, hints) -> Record``, imported
        when the first such file is read.
    sidecars
        Endings of files that other formats claim, too, but that are part of a recording of
        this one where a file of the same name with its (only) extension lies beside them.
    any_text
        Whether text that nobody knows is offered to it if it has one of its extensions: it
        can say what is wrong with it.
    many
        Whether such a file may hold many recordings, each with an address, ``file.h5#17``:
        its module has ``count(path, hints) -> int | None``.
    names_others
        Whether such a file may name others that are read with it: its module has
        ``named(path) -> list[Path]``.
    part
        What files are called that may be parts of a recording, with the name of the header
        that joins them as group ``whole``: its module has ``parts(path) -> list[Path]``.
    """

    name: str
    extensions: frozenset[str]
    sniff: Callable[[bytes], bool]
    module: str
    sidecars: frozenset[str] = frozenset()
    any_text: bool = False
    many: bool = False
    names_others: bool = False
    part: re.Pattern[str] | None = None

    def preload(self) -> None:
        """Import the format's own module, so that processes forked later have it."""
        import_module(f".{self.module}", __name__)

    def load(self, source: Source, hints: ReadHints) -> Record:
        """Read the file with the format's own module."""
        module = import_module(f".{self.module}", __name__)
        load = cast(Callable[[Source, ReadHints], Record], module.load)
        return load(source, hints)


FORMATS = (
    Format(
        "wfdb",
        frozenset({".hea"}),
        sniff.wfdb,
        "wfdb",
        sidecars=frozenset({".mat"}),
        names_others=True,
        part=re.compile(r"(?P<whole>.+)_(?:[0-9]{4}|layout)(?P<ending>\.hea)", re.I),
    ),
    Format("matlab-5", frozenset({".mat"}), sniff.matlab5, "matlab"),
    Format("matlab-7.3", frozenset({".mat"}), sniff.matlab73, "matlab73"),
    Format("matlab-4", frozenset({".mat"}), sniff.matlab4, "matlab"),
    Format("hdf5", frozenset({".h5", ".hdf5"}), sniff.hdf5, "matlab73", many=True),
    Format("edf", frozenset({".edf", ".bdf"}), sniff.edf, "edf"),
    Format("dicom", frozenset({".dcm"}), sniff.dicom, "dicom"),
    Format("scp", frozenset({".scp"}), sniff.scp, "scp"),
    Format("ishne", frozenset({".ecg"}), sniff.ishne, "ishne"),
    Format("aecg", frozenset({".xml"}), sniff.aecg, "aecg"),
    Format("muse", frozenset({".xml"}), sniff.muse, "muse"),
    Format("cardiosoft", frozenset({".xml"}), sniff.cardiosoft, "cardiosoft"),
    Format("sierra", frozenset({".xml"}), sniff.sierra, "sierra"),
    Format("npy", frozenset({".npy"}), sniff.npy, "numpy_files"),
    Format("npz", frozenset({".npz"}), sniff.npz, "numpy_files"),
    Format("csv", frozenset({".csv", ".tsv"}), sniff.table, "text_table", any_text=True),
)
"""Every format, in the order in which they are asked."""


_MANY = frozenset().union(*(format.extensions for format in FORMATS if format.many))


def claimed_extensions() -> frozenset[str]:
    """Return the endings that a walk of a folder takes: lower case, with the dot."""
    return frozenset().union(*(format.extensions for format in FORMATS))


def sidecars() -> dict[str, str]:
    """Return endings of files that are no recording where a header lies beside them.

    Ending of the file -> ending of its header, both lower case with the dot.
    """
    return {
        sidecar: header
        for format in FORMATS
        for sidecar in format.sidecars
        for header in format.extensions
    }


_PARTS = tuple(format for format in FORMATS if format.part)


def whole_of(name: str) -> str | None:
    """What the header would be called that joins a file with others, by its name alone.

    Examples
    --------
    >>> whole_of("3000003_0012.hea"), whole_of("00001_lr.hea")
    ('3000003.hea', None)
    """
    for format in _PARTS:
        if format.part and (found := format.part.fullmatch(name)):
            return found["whole"] + found["ending"]
    return None


def parts(path: Path) -> list[Path]:
    """Every file that a recording is joined from, by its header; none where it is not joined."""
    for format in _PARTS:
        if path.suffix.lower() in format.extensions:
            module = import_module(f".{format.module}", __name__)
            try:
                return cast(Callable[[Path], list[Path]], module.parts)(path)
            except (OSError, RecordingError):
                # Whoever reads it says what is wrong with it.
                return []
    return []


_ADDRESS = re.compile(r"(?P<file>.+)#(?P<member>[0-9]{1,12})")


def address(path: str | Path) -> tuple[Path, int | None]:
    """Divide ``file.h5#17`` into the file and the number of the recording in it.

    A path without a number, and one of a file that is really called so, is left as it is.
    """
    path = Path(path)
    found = _ADDRESS.fullmatch(path.name)
    if found is None or Path(found["file"]).suffix.lower() not in _MANY or os.path.lexists(path):
        return path, None
    return path.with_name(found["file"]), int(found["member"])


def may_hold_many(path: str | Path) -> bool:
    """Whether a file may hold many recordings, by its extension."""
    return os.path.splitext(path)[1].lower() in _MANY  # noqa: PTH122 - hot path


def members(path: str | Path, hints: ReadHints = NO_HINTS) -> int | None:
    """Count the recordings in a file that may hold many, by its header alone.

    Returns
    -------
    int or None
        None where it is a file of one recording, or of none that can be read.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    for format in FORMATS:
        if format.many and suffix in format.extensions:
            count = cast(
                Callable[[Path, ReadHints], int | None],
                import_module(f".{format.module}", __name__).count,
            )
            return count(path, hints)
    return None


def read(path: str | Path, hints: ReadHints = NO_HINTS, name: str | None = None) -> Record:
    """Read one recording.

    Parameters
    ----------
    path
        A file of any format in `FORMATS`; ``file.h5#17`` is the recording 17, from 0, of
        one that holds many.
    hints
        What the file does not say itself.
    name
        What to call the recording; None is the file's name without its extension.

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
    path, member = address(path)
    if name is None:
        name = path.stem if member is None else f"{path.stem}#{member}"
    try:
        # Looked at before it is opened: opening a named pipe would wait for ever.
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
            format = choose(head, path)
            if member is not None and not format.many:
                raise RecordingError(
                    FailureKind.NO_VARIABLE,
                    f"a {format.name} file holds one recording",
                    f"leave out #{member}",
                )
            record = with_canonical_leads(format.load(source, hints))
            # Whatever the reader of a format does, nobody is identified unasked.
            identified = record.identity and not hints.identify
            return replace(record, identity=()) if identified else record
    except OSError as error:
        raise RecordingError(
            FailureKind.UNREADABLE,
            f"the file cannot be read: {error.strerror or 'input/output error'}",
            "check that it is there and that you may read it",
        ) from error
    except MemoryError as error:
        raise RecordingError(
            FailureKind.MEMORY,
            "the recording does not fit into the memory that is free",
            "give the job more memory a worker, or fewer workers",
        ) from error


def choose(head: bytes, path: Path) -> Format:
    """Choose the format of a file from its first bytes.

    Parameters
    ----------
    head
        The first bytes of the file.
    path
        The file; its extension decides where several formats fit.

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
    # Those that claim the extension first: of several that fit, one of them it is.
    for format in sorted(FORMATS, key=lambda format: suffix not in format.extensions):
        if format.sniff(head):
            return format
    if sniff.text_of(head):
        for format in FORMATS:
            if format.any_text and suffix in format.extensions:
                return format
    readable = ", ".join(format.name for format in FORMATS)
    remedy = f"convert it to one of {readable}, or leave it out"
    header = path.with_suffix(".hea")
    if path.suffix and path != header and header.exists():
        remedy = f"name its header, {header.name}, instead"
    raise RecordingError(
        FailureKind.NOT_RECOGNISED,
        f"not a recording in a known format: {sniff.describe(head)}",
        remedy,
    )
