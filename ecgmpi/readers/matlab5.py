"""MATLAB 5 to 7 files (``-v6``, ``-v7``): uncompressed and compressed arrays of numbers.

The layout is that of MathWorks, "MAT-File Format" (R2024a), level 5: a 128-byte header,
then elements, each a type and a length and that many bytes. A variable is an element of
elements: flags, dimensions, name, values; a compressed one is such an element in zlib.

Only the head of each variable is looked at until the one asked for is found, and its
values are then read in one go. So a file that promises more than it holds is known before
anything is allocated or inflated, and a file that lies costs no more than its own size.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import RecordingError
from ecgmpi.record import Record

from .array import check_size, check_type, not_numeric, orient, record_from_array
from .base import (
    DEFAULT_KEY,
    ReadHints,
    Source,
    Variable,
    corrupt,
    no_variable,
    printable,
    truncated,
)
from .stream import Inflated, Stored, inflate_head

FORMAT = "matlab-5"

_MATRIX, _COMPRESSED = 14, 15

_STORAGE = {
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
"""Type of an element -> how a number is stored, less the byte order."""

_CLASSES = {
    1: "cell",
    2: "struct",
    3: "object",
    4: "char",
    5: "sparse",
    6: "double",
    7: "single",
    8: "int8",
    9: "uint8",
    10: "int16",
    11: "uint16",
    12: "int32",
    13: "uint32",
    14: "int64",
    15: "uint64",
    16: "function handle",
    17: "opaque object",
}

_HELD = {
    "cell": "a cell array",
    "struct": "a struct",
    "object": "an object",
    "char": "text",
    "sparse": "a sparse matrix",
    "function handle": "a function handle",
    "opaque object": "an object of a class (a table, string or the like)",
}

_HEAD = 1024
"""Bytes of a variable that hold its flags, dimensions and name with room to spare."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A variable in the file: what it is, and how to get at its values."""

    variable: Variable
    numeric: bool
    is_complex: bool
    logical: bool
    order: str
    data: int
    """Offset of the values' element in the variable."""
    body: int
    """Offset in the file of the variable, or of its zlib stream."""
    length: int
    """Bytes from there on that are its own."""
    compressed: bool


def load(source: Source, hints: ReadHints) -> Record:
    """Read one variable of a MATLAB 5 file as a recording.

    Parameters
    ----------
    source
        The open file.
    hints
        Its key is the variable's name, ``data`` where it is None.

    Raises
    ------
    RecordingError
        The file is damaged, or has no such variable, or that is not a recording.
    """
    key = hints.key or DEFAULT_KEY
    seen: list[Variable] = []
    for found in variables(source):
        if found.variable.name == key:
            values = _values(source, found, hints)
            what = f"variable '{printable(key)}'"
            return record_from_array(values, hints, name=source.name, format=FORMAT, what=what)
        if found.variable.name:
            seen.append(found.variable)
    raise no_variable(key, seen)


def variables(source: Source) -> Iterator[_Found]:
    """Walk over the variables of a file, reading no more than the head of each.

    Raises
    ------
    RecordingError
        The file ends inside its header or a variable, or a head makes no sense.
    """
    if source.size < 128 or len(source.head) < 128:
        raise truncated(f"the file is {source.size} bytes long, less than its own 128-byte header")
    order = "<" if source.head[126:128] == b"IM" else ">"
    offset = 128
    while offset < source.size:
        tag = source.at(offset, 8)
        if len(tag) < 8:
            raise truncated(f"the file ends {len(tag)} bytes into the tag of a variable")
        kind, length = struct.unpack(order + "II", tag)
        if kind not in (_MATRIX, _COMPRESSED):
            raise corrupt(f"byte {offset} is where a variable should begin, and none does")
        body = offset + 8
        if length > source.size - body:
            raise _short(source, body, length, kind == _COMPRESSED)
        yield _look(source, order, body, length, kind == _COMPRESSED)
        offset = body + length


def _short(source: Source, body: int, length: int, compressed: bool) -> RecordingError:
    """Make the error for a variable of which the file holds only a part."""
    have = source.size - body
    if compressed and have <= 0:
        return truncated("the file ends before the values of its last variable")
    return truncated(
        f"the file ends after {have:,} of the {length:,} bytes that its header promises for "
        "a variable"
    )


def _look(source: Source, order: str, body: int, length: int, compressed: bool) -> _Found:
    """Make out the head of one variable."""
    head = source.at(body, min(length, _HEAD))
    start = 0
    if compressed:
        head = inflate_head(head, _HEAD)
        if len(head) < 8 or struct.unpack_from(order + "I", head)[0] != _MATRIX:
            raise corrupt("a compressed variable does not begin as a variable does")
        start = 8
    if len(head) == start:
        # MATLAB writes an empty field so; as a variable it is nothing.
        nothing = Variable("", (0, 0), "double")
        return _Found(nothing, True, False, False, order, 0, body, length, compressed)
    try:
        flags_kind, flags_size, place, after = _element(head, start, order)
        if flags_kind != 6 or flags_size != 8:
            raise corrupt("the flags of a variable make no sense")
        (flags,) = struct.unpack_from(order + "I", head, place)
        kind = _CLASSES.get(flags & 0xFF)
        if kind is None:
            raise corrupt("a variable is of a class that does not exist")
        shape: tuple[int, ...] = ()
        # An opaque object (a table, a string) has no dimensions of its own.
        if kind != "opaque object":
            shape, after = _dimensions(head, after, order)
        name_kind, name_size, place, after = _element(head, after, order)
        if name_kind not in (1, 2, 16) or place + name_size > len(head):
            raise corrupt("the name of a variable makes no sense")
    except struct.error:
        raise corrupt("a variable ends inside its own head") from None
    name = head[place : place + name_size].decode("utf-8", errors="replace")
    is_complex, logical = bool(flags & 0x0800), bool(flags & 0x0200)
    numeric = 6 <= flags & 0xFF <= 15
    shown = "logical" if logical and numeric else kind + (" complex" if is_complex else "")
    variable = Variable(name, shape, shown)
    return _Found(variable, numeric, is_complex, logical, order, after, body, length, compressed)


def _dimensions(head: bytes, at: int, order: str) -> tuple[tuple[int, ...], int]:
    """Read the dimensions of a variable; return them and the place of the next element."""
    kind, size, place, after = _element(head, at, order)
    if kind not in (5, 6) or size % 4 or not 8 <= size <= 128:
        raise corrupt("the dimensions of a variable make no sense")
    shape = struct.unpack_from(f"{order}{size // 4}i", head, place)
    if min(shape) < 0:
        raise corrupt(f"a variable has a dimension of {min(shape)}")
    return shape, after


def _element(head: bytes, at: int, order: str) -> tuple[int, int, int, int]:
    """Type, length, place of the bytes, and place of the next element."""
    kind, length = struct.unpack_from(order + "II", head, at)
    if kind >> 16:
        # Up to four bytes are kept within the tag itself.
        return kind & 0xFFFF, min(kind >> 16, 4), at + 4, at + 8
    return kind, length, at + 8, at + 8 + length + -length % 8


def _values(source: Source, found: _Found, hints: ReadHints) -> npt.NDArray[Any]:
    """Read the values of a variable, in the shape that MATLAB shows."""
    variable = found.variable
    what = f"variable '{printable(variable.name)}'"
    if not found.numeric:
        raise not_numeric(what, _HELD[variable.kind.removesuffix(" complex")])
    if found.logical:
        check_type(np.dtype(bool), what)
    if found.is_complex:
        check_type(np.dtype(complex), what)
    orient(variable.shape, what)
    count = math.prod(variable.shape)
    check_size(variable.shape, 1, hints, what)
    stream: Inflated | Stored
    if found.compressed:
        # Deflate adds little to what it cannot shrink: nothing past this can be values.
        most = min(found.length, 16 * count + (1 << 16))
        stream = Inflated(source.at(found.body, most))
    else:
        stream = Stored(source, found.body, found.length)
    tag = stream.take(found.data, 8)
    try:
        kind, size, place, _ = _element(tag, 0, found.order)
    except struct.error:
        raise corrupt(f"{what} ends before its values") from None
    code = _STORAGE.get(kind)
    if code is None:
        raise corrupt(f"{what} keeps its values as a type that does not exist")
    dtype = np.dtype(found.order + code)
    check_size(variable.shape, dtype.itemsize, hints, what)
    if size != count * dtype.itemsize:
        raise corrupt(
            f"{what} is {'x'.join(map(str, variable.shape))} by its dimensions, which is "
            f"{count * dtype.itemsize:,} bytes, but keeps {size:,} bytes of values"
        )
    raw = tag[place : place + size] if place == 4 else stream.take(found.data + 8, size)
    if len(raw) != size:
        raise corrupt(f"{what} ends after {len(raw):,} of its {size:,} bytes of values")
    stream.finish()
    return np.frombuffer(raw, dtype=dtype).reshape(variable.shape, order="F")
