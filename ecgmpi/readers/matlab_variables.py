"""The variables of a MATLAB file before 7.3: where each begins, its head, members of structs.

By the layout in MathWorks, "MAT-File Format". No values are read here, and of a variable no
more than its head, unless it is a struct.
"""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from isal import isal_zlib

from ecgmpi.errors import FailureKind, RecordingError

from .base import HEAD_BYTES, MAX_BYTES, Source, Variable, corrupt, printable, truncated
from .checks import not_numeric
from .sniff import matlab4_order, matlab5

_UINT32, _MATRIX, _COMPRESSED, _OPAQUE = 6, 14, 15, 17

_ITEMSIZE = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8}
"""Type of the values in a MATLAB 5 file -> bytes of each."""

_TYPES4 = (("double", 8), ("single", 4), ("int32", 4), ("int16", 2), ("uint16", 2), ("uint8", 1))
"""The same of a MATLAB 4 file, with its name."""

MAX_NAMES = 1 << 20
"""Bytes that the names of the members of a struct may take."""

HEAD = 1024
"""Bytes of a variable that hold its flags, dimensions and name with room to spare."""

_DAMAGED = cast("type[Exception]", isal_zlib.error)


@dataclass(frozen=True, slots=True)
class Found:
    """A variable in the file, and where it is: `length` bytes from `begin`, or deflated there.

    Its values are `size` bytes, each number `itemsize` (0: of no known type), and end at
    `end` bytes from its beginning when inflated.
    """

    variable: Variable
    itemsize: int
    size: int
    end: int
    begin: int
    length: int
    deflated: bool = False


def alone(source: Source, content: bytes) -> Any:
    """Make a file of one variable for scipy, whose stubs know of paths alone.

    The header is our own, for scipy takes a file with a NUL among its first bytes for MATLAB 4.
    """
    if matlab5(source.head):
        header = b"MATLAB 5.0 MAT-file".ljust(124) + source.head[124:128]
        content = header + content + bytes(-len(content) % 8)
    return io.BytesIO(content)


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
    """Walk over the variables of a MATLAB 5 file, reading no more than the head of each.

    A head that makes no sense is an error once all others are seen: it may be the one wanted.
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
        if kind not in (_MATRIX, _COMPRESSED):
            raise corrupt(f"byte {offset} is where a variable should begin, and none does")
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


def _look5(source: Source, order: str, offset: int, length: int, deflated: bool) -> Found | None:
    """Make out the head of a variable; None for one without a name, which MATLAB may add."""
    from scipy.io import whosmat

    begin, length = (offset + 8, length) if deflated else (offset, length + 8)
    head = source.at(begin, min(length, HEAD))
    if deflated:
        head = inflate(head, HEAD)
        kind, inside = struct.unpack_from(order + "II", head) if len(head) >= 8 else (0, 0)
        if kind != _MATRIX:
            raise corrupt("a compressed variable does not begin as a variable does")
        head = head[: 8 + inside]
    if len(head) == 8:
        return None
    try:
        *sort, flags = struct.unpack_from(order + "III", head, 8)
        if sort != [_UINT32, 8]:
            raise corrupt("the flags of a variable make no sense")
        shape: tuple[int, ...] = ()
        if flags & 0xFF == _OPAQUE:
            # scipy stumbles over its having no dimensions.
            _, size, place, at = element(head, 24, order)
            name, words = head[place : place + size].decode("latin-1"), "opaque"
        else:
            ((name, shape, words),) = whosmat(alone(source, head), chars_as_strings=False)
            _, size, _, at = element(head, 24, order)
            _, _, _, at = element(head, at, order)
            if size % 4 or len(shape) < 2:
                raise corrupt("the dimensions of a variable make no sense")
            if min(shape) < 0:
                raise corrupt(f"a variable has a dimension of {min(shape)}")
        stored, size, place, _ = element(head + bytes(8), min(at, len(head)), order)
    except RecordingError:
        raise
    except Exception as error:
        raise corrupt("the head of a variable makes no sense") from error
    if words == "unknown":
        raise corrupt("a variable is of a class that does not exist")
    if name in ("", "__function_workspace__"):
        return None
    variable = Variable(name, shape, words + (" complex" if flags & 0x0800 else ""))
    itemsize = _ITEMSIZE.get(stored, 0)
    return Found(variable, itemsize, size, place + size, begin, length, deflated)


def element(head: bytes, at: int, order: str) -> tuple[int, int, int, int]:
    """Type, length, place of the bytes, and place of the next element."""
    kind, length = struct.unpack_from(order + "II", head, at)
    if kind >> 16:
        # Up to four bytes are kept within the tag itself.
        return kind & 0xFFFF, kind >> 16, at + 4, at + 8
    return kind, length, at + 8, at + 8 + length + -length % 8


def variables4(source: Source) -> Iterator[Found]:
    """Walk over the matrices of a MATLAB 4 file, reading no more than the head of each."""
    offset = 0
    while offset < source.size:
        head = source.at(offset, 20 + 256)
        order = matlab4_order(head)
        if order is None:
            if len(head) < 20:
                raise truncated(f"the file ends {len(head)} bytes into the head of a matrix")
            raise corrupt(f"byte {offset:,} is where a matrix should begin, and none does")
        mopt, rows, columns, imaginary, length = struct.unpack_from(order + "5i", head)
        kind, itemsize = _TYPES4[mopt // 10 % 10]
        kind = (kind + " complex" * imaginary, "char", "sparse")[mopt % 10]
        name = head[20 : 20 + length].split(b"\0")[0].decode("latin-1")
        size = rows * columns * itemsize
        end = 20 + length + size * (1 + imaginary)
        if offset + end > source.size:
            have = max(0, source.size - offset - 20 - length)
            raise _short(have, end - 20 - length, f"variable '{printable(name)}'")
        yield Found(Variable(name, (rows, columns), kind), itemsize, size, end, offset, end)
        offset += end


def _short(have: int, promised: int, what: str) -> RecordingError:
    """Make the error for a variable of which the file holds only a part."""
    return truncated(
        f"the file ends after {have:,} of the {promised:,} bytes that its header promises "
        f"for {what}"
    )


def member_of(source: Source, found: Found, name: str) -> Source:
    """Make a member of a 1x1 struct a file of its own, with that member as its variable."""
    what = f"struct '{printable(found.variable.name)}'"
    order = "<" if source.head[126:128] == b"IM" else ">"
    content = source.at(found.begin, min(found.length, MAX_BYTES))
    try:
        if found.deflated:
            kind, inside = struct.unpack_from(order + "II", inflate(content, 8))
            if inside > MAX_BYTES:
                raise corrupt(f"{what} is {inside:,} bytes long by its own account")
            content = inflate(content, 8 + inside)
        if math.prod(found.variable.shape) != 1:
            raise not_numeric(what, "several structs")
        at = 8
        for _ in range(3):
            _, _, _, at = element(content, at, order)
        _, _, place, at = element(content, at, order)
        (width,) = struct.unpack_from(order + "i", content, place)
        _, size, place, at = element(content, at, order)
        if not 0 < width <= size <= min(MAX_NAMES, len(content) - place):
            raise corrupt(f"the names of the members of {what} make no sense")
        names = [
            content[begin : begin + width].split(b"\0")[0].decode("latin-1")
            for begin in range(place, place + size, width)
        ]
        for member in names:
            kind, size, place, end = element(content, at, order)
            if kind != _MATRIX or place + size > len(content):
                raise corrupt(f"the members of {what} make no sense")
            if member == name:
                return _own_file(source, content[place : place + size], order)
            at = end
    except struct.error as error:
        raise corrupt(f"{what} ends before its members do") from error
    shown = ", ".join(map(printable, names[:8]))
    raise RecordingError(
        FailureKind.NO_VARIABLE,
        f"{what} has no member '{printable(name)}'; it has {shown}",
        "name one that holds leads by samples, as in --key NAME.MEMBER",
    )


def _own_file(source: Source, matrix: bytes, order: str) -> Source:
    """Make a file of a matrix without a name, giving it one."""
    _, _, _, at = element(matrix, 0, order)
    _, _, _, at = element(matrix, at, order)
    _, _, _, rest = element(matrix, at, order)
    name = struct.pack(order + "II", 1, 4) + b"data" + bytes(4)
    body = matrix[:at] + name + matrix[rest:]
    tag = struct.pack(order + "II", _MATRIX, len(body))
    content = source.head[:128] + tag + body
    return Source(
        name=source.name,
        path=source.path,
        file=io.BytesIO(content),
        head=content[:HEAD_BYTES],
        size=len(content),
    )
