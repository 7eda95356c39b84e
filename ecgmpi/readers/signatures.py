"""The format of a file by its first bytes, without any library."""

from __future__ import annotations

import codecs
import re
import struct

from .text_dialect import Kind, find_dialect, sample_of, samples_of

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"

_MATLAB_VERSIONS = {b"\x00\x01IM": 5, b"\x01\x00MI": 5, b"\x00\x02IM": 73, b"\x02\x00MI": 73}

_ARCHIVES = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
)

_KNOWN = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"%PDF", "a PDF document"),
    (b"\x80\x04", "a Python pickle"),
    (b"<?xml", "XML of another kind"),
    (b"\x7fELF", "a program"),
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
    """HDF5: the signature at 0, or after a userblock of 512 bytes times a power of two."""
    places = (0, 512, 1024, 2048)
    return not matlab73(head) and any(head.startswith(HDF5_SIGNATURE, at) for at in places)


def matlab4(head: bytes) -> bool:
    """MATLAB 4: no signature, but a 20-byte header whose fields all make sense."""
    return matlab4_order(head) is not None


def matlab4_order(head: bytes) -> str | None:
    """Byte order of a MATLAB 4 header, ``<`` or ``>``; None if it is no such header.

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


_WHITE = dict.fromkeys(map(ord, "\r\n\t\f"))
"""Non-printing characters that occur in text."""

_PLAIN = bytes(range(32, 127)) + b"\r\n\t\f"
"""Bytes of ASCII text."""

_WFDB_RECORD = re.compile(
    rb"(?:[A-Za-z]:)?[^\s#:=,;\"']+[ \t]+[0-9]+"
    rb"(?:[ \t]+[0-9.eE+-]+(?:/[^ \t]+)?(?:[ \t]+[0-9]+(?:[ \t][^,;]*)?)?)?"
)


_WFDB_FORMATS = frozenset(
    (
        *(b"0", b"8", b"16", b"24", b"32", b"61", b"80", b"160", b"212", b"310", b"311"),
        *(b"508", b"516", b"524"),
    )
)
"""Storage formats that a signal line may name, signal(5)."""


_MOST_LINES = 10
"""Lines that distinguish a table of whole numbers from a header."""


def wfdb(head: bytes) -> bool:
    """WFDB header: text whose first line that is not a comment is a record line, header(5).

    A folder may precede the name of the record, contrary to header(5).

    A table of whole numbers may begin in the same way, but its second line has as many
    numbers as the first, while that of a header names a file and a format. The same is true
    of a table whose first line numbers its columns.
    """
    texts = (line.strip() for line in head.removeprefix(codecs.BOM_UTF8).split(b"\n"))
    lines = [text for text in texts if text and not text.startswith(b"#")][:_MOST_LINES]
    if not lines or not _WFDB_RECORD.fullmatch(lines[0]):
        return False
    if len(lines) < 2:
        return True
    first, second, *more = (line.split() for line in lines)
    if len(first) > 2 and first == [b"%d" % number for number in range(len(first))]:
        return False
    alike = [len(cells) == len(first) and all(map(is_number, cells)) for cells in (second, *more)]
    if more and all(alike):
        # A header states how many signal lines follow.
        return int(first[1].partition(b"/")[0]) == len(alike)
    return not (alike[0] and second[1] not in _WFDB_FORMATS)


def edf(head: bytes) -> bool:
    """EDF or BDF: the version, and the number of signals where a number must be."""
    if not head.startswith((b"0       ", b"\xffBIOSEMI")):
        return False
    return len(head) < 256 or head[252:256].strip().isdigit()


def dicom(head: bytes) -> bool:
    """DICOM: ``DICM`` behind a preamble of 128 bytes, or a first group of 2 or 8 without."""
    if head[128:132] == b"DICM":
        return True
    # Group and element of a first element, then its type (explicit VR) or a small length.
    first = {b"\x02\0\0\0", b"\x02\0\x01\0", b"\x02\0\x10\0", b"\x08\0\0\0", b"\x08\0\x05\0"}
    if head[:4] not in first | {b"\x08\0\x12\0", b"\x08\0\x16\0"}:
        return False
    (length,) = struct.unpack("<I", head[4:8].ljust(4, b"\xff"))
    return (head[4:6].isalpha() and head[4:6].isupper()) or length <= 64


def scp(head: bytes) -> bool:
    """SCP-ECG: a section 0 that begins with a pointer to itself, EN 1064, 5.2 and 5.3."""
    if len(head) < 32:
        return False
    section, length = struct.unpack_from("<HI", head, 8)
    if section != 0 or not 16 + 12 * 10 <= length <= 0xFFFF or (length - 16) % 10:
        return False
    # Version 1.0 left the word in the header of section 0 empty.
    return head[16:22] == b"SCPECG" or struct.unpack_from("<HII", head, 22) == (0, length, 7)


def ishne(head: bytes) -> bool:
    """ISHNE Holter: its magic number."""
    return head.startswith(b"ISHNE1.0")


def aecg(head: bytes) -> bool:
    """HL7 annotated ECG: XML whose root is ``AnnotatedECG``."""
    return xml_root(head) == "annotatedecg"


def muse(head: bytes) -> bool:
    """GE MUSE: XML whose root is ``RestingECG``."""
    return xml_root(head) == "restingecg"


def cardiosoft(head: bytes) -> bool:
    """GE CardioSoft: XML whose root is ``CardiologyXML``."""
    return xml_root(head) == "cardiologyxml"


def sierra(head: bytes) -> bool:
    """Philips Sierra: XML whose root is ``restingecgdata``."""
    return xml_root(head) == "restingecgdata"


# Possessive: backtracking over consecutive comments would take forever.
_ROOT = re.compile(
    r"(?>\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^<>\[]*>)*+"
    r"(?:<(?:[\w.-]+:)?(?P<root>[\w.-]+)(?=[\s/>])|<!DOCTYPE\s+(?P<named>[\w.-]+)[^<>\[]*\[)",
    re.S,
)


def xml_root(head: bytes) -> str | None:
    """Name of the root of an XML file, lower case without prefix; None if it is not XML.

    If the document type declares more than a name, it is the name in that declaration.
    """
    if not head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
        return None
    codec = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1"
    if head[:2] in (b"<\0", b"\0<"):
        codec = "utf-16-le" if head[0] else "utf-16-be"
    text = head.removeprefix(codecs.BOM_UTF8).decode(codec, "replace")
    found = _ROOT.match(text)
    return (found["root"] or found["named"]).lower() if found else None


def npy(head: bytes) -> bool:
    """NumPy array: its magic string."""
    return head.startswith(b"\x93NUMPY")


def npz(head: bytes) -> bool:
    """NumPy archive: a ZIP whose first file is an array."""
    if not head.startswith(b"PK\x03\x04") or len(head) < 30:
        return False
    (length,) = struct.unpack_from("<H", head, 26)
    return head[30 : 30 + length].endswith(b".npy")


def table(head: bytes) -> bool:
    """Text with lines of nothing but numbers and times below the very first line."""
    text = text_of(head)
    if text is None or text.lstrip()[:1] in ("", "<", "{", "["):
        return False
    lines = text.splitlines()
    # The last line may continue past the head.
    if len(head) >= 4096 and len(lines) > 1:
        lines.pop()
    samples = samples_of(lines)
    found = find_dialect(sample_of(samples)) if samples else None
    if found is None:
        return False
    dialect, kinds = found
    if Kind.TEXT in kinds:
        # A column of text may be beside numbers, but prose contains numbers, too.
        return dialect.delimiter is not None and kinds.count(Kind.NUMBER) > kinds.count(Kind.TEXT)
    return len(samples) > 1


def is_number(cell: bytes) -> bool:
    """Whether a word is a number in Python syntax."""
    try:
        float(cell.replace(b",", b"."))
    except ValueError:
        return False
    return True


def text_of(raw: bytes) -> str | None:
    """Decode text of one line or many; None if the bytes are not text.

    UTF-8, UTF-16 with a byte order mark, or a Western encoding; it may end inside a
    character.
    """
    if not raw.translate(None, _PLAIN):
        return raw.decode("ascii")
    wide = raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    for codec in ("utf-16",) if wide else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            text = codecs.getincrementaldecoder(codec)().decode(raw)
        except UnicodeDecodeError:
            continue
        if text.translate(_WHITE).isprintable():
            return text
    return None


def archive(head: bytes) -> str | None:
    """Name the kind of archive or compressed file; None if it is neither."""
    if head[257:262] == b"ustar":
        return "a tar archive"
    return next((what for signature, what in _ARCHIVES if head.startswith(signature)), None)


def known(head: bytes) -> str | None:
    """Name the kind of a file that is no recording; None if its first bytes do not say it."""
    found = next((what for signature, what in _KNOWN if head.startswith(signature)), None)
    return found or archive(head)


def describe(head: bytes) -> str:
    """Describe a file that no format accepts.

    It never quotes the text: a header may begin with a patient's name.
    """
    if what := known(head):
        return f"its first bytes are those of {what}"
    if not head.strip(b"\0"):
        return f"its first {len(head):,} bytes are all zero"
    if head.isascii() and text_of(head):
        return "it is plain text"
    return f"it begins with the bytes {head[:8].hex(' ')}"
