"""The variables of a MATLAB file before 7.3: where each begins, and its head.

By the layout in MathWorks, "MAT-File Format". Only the head of each variable is read here, no
values.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from isal import isal_zlib

from ecgmpi.errors import RecordingError
from ecgmpi.readers.signatures import matlab4_order
from ecgmpi.readers.source import Source
from ecgmpi.readers.variables import Variable
from ecgmpi.readers.wording import corrupt, printable, truncated

_INT8, _INT32, _UINT32, MATRIX, _COMPRESSED, _OPAQUE = 1, 5, 6, 14, 15, 17

_CLASSES = (
    *("", "cell", "struct", "object", "char", "sparse", "double", "single", "int8", "uint8"),
    *("int16", "uint16", "int32", "uint32", "int64", "uint64", "function"),
)
"""Class of a variable in a MATLAB 5 file, by its number."""

_LOGICAL = 0x200
"""The flag of an array of truth values, whatever its class."""

STORED = {
    1: "i1",
    2: "u1",
    3: "i2",
    4: "u2",
    5: "i4",
    6: "u4",
    7: "f4",
    9: "f8",
    12: "i8",
    13: "u8",
}
"""Type of the values in a MATLAB 5 file -> that of numpy, without the byte order."""

_TYPES4 = (
    ("double", "f8"),
    ("single", "f4"),
    ("int32", "i4"),
    ("int16", "i2"),
    ("uint16", "u2"),
    ("uint8", "u1"),
)
"""The same of a MATLAB 4 file, with its name."""

HEAD = 1024
"""Bytes of a variable that hold its flags, dimensions and name with room to spare."""

_DAMAGED = cast("type[Exception]", isal_zlib.error)


@dataclass(frozen=True, slots=True)
class Found:
    """A variable in the file, and its place: `length` bytes from `begin`, perhaps deflated.

    Its values are `size` bytes of `dtype` (None: unknown type), and end `end` bytes from its
    beginning when inflated. Their type may differ from that of the variable: MATLAB stores
    whole numbers in the smallest type that holds them.
    """

    variable: Variable
    dtype: np.dtype[Any] | None
    size: int
    end: int
    begin: int
    length: int
    deflated: bool = False


def _alone(source: Source, content: bytes) -> Any:
    """Make a file of one variable for scipy, whose type stubs accept only paths.

    It gets a new header, since scipy takes a file with a NUL among its first bytes for MATLAB 4.
    """
    header = b"MATLAB 5.0 MAT-file".ljust(124) + source.head[124:128]
    return io.BytesIO(header + content + bytes(-len(content) % 8))


def inflate(raw: bytes, count: int, whole: bool = False) -> bytes:
    """Inflate the first `count` bytes of a zlib stream, which ends there if it is `whole`."""
    stream = isal_zlib.decompressobj()
    try:
        content: bytes = stream.decompress(raw, count)
        if whole:
            # The stream may end in padding; its checksum follows.
            stream.decompress(stream.unconsumed_tail, 64)
            if not stream.eof:
                raise corrupt("the compressed data of a variable does not end where its values do")
    except _DAMAGED:
        raise corrupt("the compressed data of a variable is damaged") from None
    return content


def variables5(source: Source) -> Iterator[Found]:
    """Iterate over the variables of a MATLAB 5 file, reading only the head of each.

    An invalid head raises an error only after all others, since one of them may be wanted.
    """
    if source.size < 128 or len(source.head) < 128:
        raise truncated(f"the file is {source.size} bytes long, less than its own 128-byte header")
    order = "<" if source.head[126:128] == b"IM" else ">"
    offset = 128
    damage: RecordingError | None = None
    while offset < source.size:
        tag = source.at(offset, 8)
        if len(tag) < 8:
            raise truncated(f"the file ends {len(tag)} bytes into the tag of a variable")
        kind, length = struct.unpack(order + "II", tag)
        if kind not in (MATRIX, _COMPRESSED):
            raise corrupt(f"no variable begins at byte {offset}, where one should")
        have = source.size - offset - 8
        if length > have:
            raise _short(have, length, "a variable")
        try:
            found = _look5(source, order, offset, length, kind == _COMPRESSED)
        except RecordingError as error:
            damage = damage or error
        else:
            if found is not None:
                yield found
        offset += 8 + length
    if damage is not None:
        raise damage


def usual_head(head: bytes, order: str, flags: int) -> tuple[str, tuple[int, ...], str] | None:
    """Parse the head of a variable, where it is as MATLAB writes it.

    scipy takes some thirty times as long.

    Parameters
    ----------
    head
        The variable from its tag on, as far as it was read.
    order
        ``<`` or ``>``.
    flags
        Its flags, with the number of its class.

    Returns
    -------
    tuple or None
        Its name, its shape and the name of its class, as scipy's `whosmat` gives them; None where
        there is anything unusual about it, which is left to scipy to judge.
    """
    number = flags & 0xFF
    if not 0 < number < len(_CLASSES) or len(head) < 48:
        return None
    (length,) = struct.unpack_from(order + "I", head, 4)
    if 8 + length < len(head) + -len(head) % 8:
        # scipy takes what follows for another variable.
        return None
    kind, size = struct.unpack_from(order + "II", head, 24)
    at = 32 + size + size % 8
    if kind != _INT32 or size % 4 or not 8 <= size <= 128 or len(head) < at + 8:
        return None
    shape = struct.unpack_from(f"{order}{size // 4}i", head, 32)
    kind, size, place, _ = element(head, at, order)
    name = head[place : place + size]
    if kind != _INT8 or not 0 < len(name) == size or (place == at + 4 and size > 4):
        return None
    return name.decode("latin-1"), shape, "logical" if flags & _LOGICAL else _CLASSES[number]


def _by_scipy(source: Source, head: bytes) -> tuple[str, tuple[int, ...], str]:
    """Let scipy parse the head of any variable."""
    # Not at the top: it takes 0.1 s and 12 MB to load, and few files need it.
    from scipy.io import whosmat

    ((name, shape, words),) = whosmat(_alone(source, head), chars_as_strings=False)
    return name, shape, words


def _look5(source: Source, order: str, offset: int, length: int, deflated: bool) -> Found | None:
    """Parse the head of a variable; None for one without a name, which MATLAB may add."""
    begin, length = (offset + 8, length) if deflated else (offset, length + 8)
    head = source.at(begin, min(length, HEAD))
    if deflated:
        head = inflate(head, HEAD)
        kind, inside = struct.unpack_from(order + "II", head) if len(head) >= 8 else (0, 0)
        if kind != MATRIX:
            raise corrupt("a compressed variable does not begin as a variable does")
        head = head[: 8 + inside]
    if len(head) == 8:
        return None
    try:
        *sort, flags = struct.unpack_from(order + "III", head, 8)
        if sort != [_UINT32, 8]:
            raise corrupt("the flags of a variable are invalid")
        shape: tuple[int, ...] = ()
        if flags & 0xFF == _OPAQUE:
            # scipy fails because it has no dimensions.
            _, size, place, at = element(head, 24, order)
            name, words = head[place : place + size].decode("latin-1"), "opaque"
        else:
            name, shape, words = usual_head(head, order, flags) or _by_scipy(source, head)
            _, size, _, at = element(head, 24, order)
            _, _, _, at = element(head, at, order)
            if size % 4 or len(shape) < 2:
                raise corrupt("the dimensions of a variable are invalid")
            if min(shape) < 0:
                raise corrupt(f"a variable has a dimension of {min(shape)}")
        stored, size, place, _ = element(head + bytes(8), min(at, len(head)), order)
    except RecordingError:
        raise
    except Exception as error:
        raise corrupt("the head of a variable is invalid") from error
    if words == "unknown":
        raise corrupt("a variable has an unknown class")
    if name in ("", "__function_workspace__"):
        return None
    variable = Variable(name, shape, words + (" complex" if flags & 0x0800 else ""))
    code = STORED.get(stored)
    dtype = np.dtype(order + code) if code else None
    return Found(variable, dtype, size, place + size, begin, length, deflated)


def element(head: bytes, at: int, order: str) -> tuple[int, int, int, int]:
    """Type, length, place of the bytes, and place of the next element."""
    kind, length = struct.unpack_from(order + "II", head, at)
    if kind >> 16:
        # Up to four bytes are stored in the tag itself.
        return kind & 0xFFFF, kind >> 16, at + 4, at + 8
    return kind, length, at + 8, at + 8 + length + -length % 8


def variables4(source: Source) -> Iterator[Found]:
    """Iterate over the matrices of a MATLAB 4 file, reading only the head of each."""
    offset = 0
    while offset < source.size:
        head = source.at(offset, 20 + 256)
        order = matlab4_order(head)
        if order is None:
            if len(head) < 20:
                raise truncated(f"the file ends {len(head)} bytes into the head of a matrix")
            raise corrupt(f"no matrix begins at byte {offset:,}, where one should")
        mopt, rows, columns, imaginary, length = struct.unpack_from(order + "5i", head)
        kind, code = _TYPES4[mopt // 10 % 10]
        dtype = np.dtype(order + code)
        kind = (kind + " complex" * imaginary, "char", "sparse")[mopt % 10]
        name = head[20 : 20 + length].split(b"\0")[0].decode("latin-1")
        size = rows * columns * dtype.itemsize
        end = 20 + length + size * (1 + imaginary)
        if offset + end > source.size:
            have = max(0, source.size - offset - 20 - length)
            raise _short(have, end - 20 - length, f"variable '{printable(name)}'")
        yield Found(Variable(name, (rows, columns), kind), dtype, size, end, offset, end)
        offset += end


def _short(have: int, promised: int, what: str) -> RecordingError:
    """Make the error for a variable that the file holds only in part."""
    return truncated(
        f"the file ends after {have:,} of the {promised:,} bytes that its header promises "
        f"for {what}"
    )
