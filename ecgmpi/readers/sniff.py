"""What the first bytes of a file say of its format; no library is needed for it."""

from __future__ import annotations

import codecs
import re
import struct

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"

_MATLAB_VERSIONS = {b"\x00\x01IM": 5, b"\x01\x00MI": 5, b"\x00\x02IM": 73, b"\x02\x00MI": 73}

_KNOWN = (
    (HDF5_SIGNATURE, "an HDF5 file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x80\x04", "a Python pickle"),
    (b"<?xml", "XML"),
    (b"\x7fELF", "a program"),
    (b"0       ", "an EDF recording"),
    (b"ISHNE", "an ISHNE recording"),
    (b"fLaC", "FLAC audio or a WFDB signal"),
)


def matlab5(head: bytes) -> bool:
    """MATLAB 5 to 7: a 128-byte header that ends in version 0x0100 and the byte order."""
    if len(head) < 128:
        return head.startswith(b"MATLAB 5.0 MAT-file")
    return _MATLAB_VERSIONS.get(head[124:128]) == 5


def matlab73(head: bytes) -> bool:
    """MATLAB 7.3: the header of MATLAB 5 with version 0x0200, and HDF5 after it."""
    if len(head) < 128:
        return head.startswith(b"MATLAB 7.3 MAT-file")
    return _MATLAB_VERSIONS.get(head[124:128]) == 73


def hdf5(head: bytes) -> bool:
    """HDF5: the signature at 0 or behind a userblock of 512 bytes or a power of two more."""
    places = (0, 512, 1024, 2048)
    return not matlab73(head) and any(head.startswith(HDF5_SIGNATURE, at) for at in places)


def matlab4(head: bytes) -> bool:
    """MATLAB 4: no signature, but a 20-byte header whose fields all make sense."""
    return matlab4_order(head) is not None


def matlab4_order(head: bytes) -> str | None:
    """Byte order of a MATLAB 4 header, ``<`` or ``>``; None where it is no such header.

    The first number is MOPT in decimal: M is the machine (0 little endian, 1 big), O is 0,
    P the number type (0 to 5), T the kind of matrix (0 full, 1 text, 2 sparse).
    """
    if len(head) < 20:
        return None
    for order, machine in (("<", 0), (">", 1)):
        mopt, rows, columns, imaginary, length = struct.unpack_from(order + "5i", head)
        digits = (mopt // 1000, mopt // 100 % 10, mopt // 10 % 10, mopt % 10)
        if (
            digits[0] == machine
            and digits[1] == 0
            and digits[2] <= 5
            and digits[3] <= 2
            and rows >= 0
            and columns >= 0
            and imaginary in (0, 1)
            and 2 <= length <= 256
            and _is_name(head[20 : 20 + length], length)
        ):
            return order
    return None


def _is_name(raw: bytes, length: int) -> bool:
    """Whether `raw` is the beginning of a MATLAB name that ends in a NUL byte."""
    if len(raw) == length and not raw.endswith(b"\0"):
        return False
    return raw.rstrip(b"\0").replace(b"_", b"a").isalnum()


_WFDB_RECORD = re.compile(
    rb"[^\s/#]+(?:/[0-9]+)?[ \t]+[0-9]+"
    rb"(?:[ \t]+[0-9.eE+-]+(?:/[^ \t]+)?(?:[ \t]+[0-9]+(?:[ \t][^,;]*)?)?)?"
)


def wfdb(head: bytes) -> bool:
    """WFDB header: text whose first line that is no comment is a record line, header(5)."""
    for line in head.split(b"\n"):
        text = line.strip()
        if text and not text.startswith(b"#"):
            return bool(_WFDB_RECORD.fullmatch(text))
    return False


def describe(head: bytes) -> str:
    """Say what a file that no format takes looks like.

    Never a piece of its text: a header may begin with a patient's name.
    """
    for signature, what in _KNOWN:
        if head.startswith(signature):
            return f"its first bytes are those of {what}"
    if head[128:132] == b"DICM":
        return "it is a DICOM file"
    if not head.strip(b"\0"):
        return f"its first {len(head):,} bytes are all zero"
    try:
        # The head may end inside a character, which final=True would not forgive.
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        text = ""
    if text and all(c.isprintable() or c in "\r\n\t" for c in text):
        return "it is plain text"
    return f"it begins with the bytes {head[:8].hex(' ')}"
