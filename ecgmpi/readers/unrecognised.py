"""What is wrong with a file that no format accepts: damaged, or of another kind.

A damaged file of a format that can be read is not to be converted to that format, but to be
copied again. No message quotes the text of a file: a header may begin with a patient's name.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.names import written

from . import signatures
from .file_names import CLAIMED, GZIP
from .registry import FORMATS
from .wording import corrupt, truncated


@dataclass(frozen=True, slots=True)
class _Header:
    """A header that begins with the same bytes in every file of a format.

    Attributes
    ----------
    what
        The file in words.
    begins
        Its possible first bytes.
    size
        Length of the header, bytes.
    extensions
        Endings of files in which fewer bytes than `begins` count as such a header.
    telling
        First byte, and the one after the last, of the part that says which format it is, if it
        is not in `begins`.
    unique
        Whether no other kind of file begins so, whatever its extension.
    """

    what: str
    begins: tuple[bytes, ...]
    size: int
    extensions: tuple[str, ...]
    telling: tuple[int, int] | None = None
    unique: bool = True

    def damage(self, head: bytes, size: int, suffix: str) -> RecordingError | None:
        """What is wrong with a file that begins as this header does; None if it does not."""
        extension = suffix in self.extensions
        cut = extension and any(one.startswith(head) for one in self.begins)
        if not cut and not (head.startswith(self.begins) and (extension or self.unique)):
            return None
        if size < self.size:
            return truncated(
                f"the file begins as {self.what} does, but it ends after {size:,} of the "
                f"{self.size} bytes of its header"
            )
        if self.telling is None:
            return None
        first, end = self.telling
        return corrupt(
            f"the file begins as {self.what} does, but its header is damaged: bytes {first} to "
            f"{end - 1} are {head[first:end].hex(' ')} (the file has {size:,} bytes)"
        )


_HEADERS = (
    _Header("a MATLAB file", (b"MATLAB 5.0 MAT", b"MATLAB 7.3 MAT"), 128, (".mat",), (124, 128)),
    _Header("an EDF recording", (b"0       ",), 256, (".edf",), (252, 256)),
    _Header("a BDF recording", (b"\xffBIOSEMI",), 256, (".bdf",), (252, 256)),
    _Header("a DICOM file", (bytes(128),), 132, (".dcm",), (128, 132), unique=False),
    _Header("an HDF5 file", (signatures.HDF5_SIGNATURE,), 8, (".h5", ".hdf5")),
    _Header("an ISHNE recording", (b"ISHNE1.0",), 8, (".ecg",)),
    _Header("a NumPy array", (b"\x93NUMPY",), 6, (".npy",)),
    _Header("a NumPy archive", (b"PK\x03\x04",), 30, (".npz",), unique=False),
)

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
"""Bytes that no text in an 8-bit encoding or UTF-8 holds."""


def unrecognised(head: bytes, size: int, path: Path) -> RecordingError:
    """Make the error for a file that no format accepts.

    Parameters
    ----------
    head
        The first bytes of the file.
    size
        Its length in bytes.
    path
        The file; its extension says what it is meant to be.

    Returns
    -------
    RecordingError
        ``truncated`` or ``corrupt`` if it is surely a damaged file of a format that can be
        read, else ``not-recognised``.
    """
    suffix = path.suffix.lower()
    remedy = _header_instead(path)
    if remedy is None and (found := _damage(head, size, suffix)):
        return found
    if remedy is None and signatures.archive(head):
        remedy = "unpack it and name the files inside"
    if remedy is None:
        readable = ", ".join(format.name for format in FORMATS)
        remedy = f"convert it to one of {readable}, or leave it out"
        if (suffix in CLAIMED or suffix == GZIP) and not signatures.known(head):
            remedy = (
                f"if it was a {suffix} file, it is damaged ({size:,} bytes are left): copy it "
                f"again; if it is another kind of file, {remedy}"
            )
    return RecordingError(
        FailureKind.NOT_RECOGNISED,
        f"not a recording in a known format: {signatures.describe(head)}",
        remedy,
    )


def _header_instead(path: Path) -> str | None:
    header = path.with_suffix(".hea")
    # Not by Path, which raises where a name is too long.
    if path.suffix and path != header and os.path.exists(header):  # noqa: PTH110
        return f"name its header, {written(header.name)}, instead"
    return None


def _damage(head: bytes, size: int, suffix: str) -> RecordingError | None:
    """What is wrong with a file that surely is a damaged one of a format that can be read."""
    for header in _HEADERS:
        if found := header.damage(head, size, suffix):
            return found
    if suffix in CLAIMED and not head.strip(b"\0"):
        return corrupt(f"the file is damaged: {_zeros(head, size)}")
    if head.startswith(b"<?xml") and signatures.xml_root(head) is None:
        if size <= len(head):
            return truncated(f"the XML ends after {size:,} bytes, before its first element")
        return corrupt(f"the XML has no element in its first {len(head):,} of {size:,} bytes")
    tables = frozenset().union(*(format.extensions for format in FORMATS if format.any_text))
    if suffix in tables and (byte := _CONTROL.search(head)) and not signatures.known(head):
        return corrupt(
            f"the file is damaged: a {suffix} file is text, but byte {byte.start():,} is "
            f"{byte[0].hex()} (the file has {size:,} bytes)"
        )
    return None


def _zeros(head: bytes, size: int) -> str:
    if size == len(head):
        return f"its {size:,} bytes are all zero"
    return f"its first {len(head):,} of {size:,} bytes are all zero"
