"""MATLAB files up to 7.2 (``-v4``, ``-v6``, ``-v7``), decoded by `scipy.io`.

scipy decodes the heads of variables and the values. It is handed one variable at a time,
known to lie within the file, for to look at a head it inflates 128 KiB of the file, and it
dies of values of an unknown type. What is needed for that is looked up here, by the layout
in MathWorks, "MAT-File Format": where a variable begins and ends, and its values within it.
"""

from __future__ import annotations

import io
import math
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from isal import isal_zlib

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.record import Record

from .array import orient, record_from_array
from .base import (
    DEFAULT_KEYS,
    HEAD_BYTES,
    MATLAB_HELD,
    MAX_BYTES,
    RATE_NAMES,
    ReadHints,
    Source,
    Variable,
    corrupt,
    no_variable,
    plausible,
    plausible_rate,
    printable,
    truncated,
)
from .checks import check_size, check_type, not_numeric
from .sniff import matlab4_order, matlab5
from .wfdb import load_beside

_UINT32, _MATRIX, _COMPRESSED, _OPAQUE = 6, 14, 15, 17

_ITEMSIZE = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8}
"""Type of the values in a MATLAB 5 file -> bytes of each."""

_TYPES4 = (("double", 8), ("single", 4), ("int32", 4), ("int16", 2), ("uint16", 2), ("uint8", 1))
"""The same of a MATLAB 4 file, with its name."""

MAX_NAMES = 1 << 20
"""Bytes that the names of the members of a struct may take."""

_HEAD = 1024
"""Bytes of a variable that hold its flags, dimensions and name with room to spare."""

_DAMAGED = cast("type[Exception]", isal_zlib.error)


@dataclass(frozen=True, slots=True)
class _Found:
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


def load(source: Source, hints: ReadHints) -> Record:
    """Read one variable of a MATLAB file before 7.3 as a recording.

    Parameters
    ----------
    source
        The open file.
    hints
        Its key is the variable's name, or that of a member of a struct, ``ECG.data``. Where
        it is None, see `DEFAULT_KEYS`; and a file with a WFDB header beside it that names
        it is read through that.

    Raises
    ------
    RecordingError
        The file is damaged, or has no such variable, or that is not a recording.
    """
    record = load_beside(source, hints)
    if record is not None:
        return record
    five = matlab5(source.head)
    form = "matlab-5" if five else "matlab-4"
    found, what, notes, inside = _wanted(source, five, hints.key)
    array = _values(inside, found, hints, what)
    rate, told = (None, []) if _alone_in(source, found) else _rate(source, five, hints)
    return record_from_array(
        array,
        hints,
        name=source.name,
        format=form,
        what=what,
        rate=rate,
        notes=[*notes, *told],
    )


def _alone_in(source: Source, found: _Found) -> bool:
    """Whether a variable is all that its file holds."""
    return found.begin <= 136 and found.begin + found.length >= source.size


def _rate(source: Source, five: bool, hints: ReadHints) -> tuple[float | None, list[str]]:
    """Samples per second, Hz, if a variable says it; and what to tell of that."""
    try:
        for found in _variables5(source) if five else _variables4(source):
            name = found.variable.name
            if name in RATE_NAMES and math.prod(found.variable.shape) == 1:
                rate = plausible_rate(_values(source, found, hints, f"variable '{name}'"))
                if rate is not None:
                    return rate, [f"rate {rate:g} Hz from variable '{name}'"]
    except RecordingError:
        # What is damaged is not the recording.
        pass
    return None, []


def _wanted(source: Source, five: bool, key: str | None) -> tuple[_Found, str, list[str], Source]:
    """Find the variable to read, what to call it, what to tell of it, and where it is.

    That is `key`, which may name a member of a struct (``ECG.data``); or the first of
    `DEFAULT_KEYS`; or else the only variable that could be a recording.
    """
    seen: list[_Found] = []
    damage: RecordingError | None = None
    try:
        for found in _variables5(source) if five else _variables4(source):
            if found.variable.name == (key or DEFAULT_KEYS[0]):
                return found, f"variable '{printable(found.variable.name)}'", [], source
            seen.append(found)
    except RecordingError as error:
        damage = error
    named = {found.variable.name: found for found in seen}
    for wanted in (key,) if key else DEFAULT_KEYS:
        struct, _, member = wanted.partition(".")
        if wanted in named:
            return named[wanted], f"variable '{printable(wanted)}'", [], source
        if member and struct in named and named[struct].variable.kind == "struct":
            inside = _member(source, named[struct], member)
            return next(iter(_variables5(inside))), f"'{printable(wanted)}'", [], inside
    if damage is not None:
        raise damage
    likely = plausible([found.variable for found in seen])
    if key is None and len(likely) == 1:
        only = named[likely[0].name]
        what = f"variable '{printable(only.variable.name)}'"
        return only, what, [f"{what} taken, the only array that may be a recording"], source
    raise no_variable(key, [found.variable for found in seen])


def _member(source: Source, found: _Found, name: str) -> Source:
    """Make a member of a 1x1 struct a file of its own, with that member as its variable."""
    what = f"struct '{printable(found.variable.name)}'"
    order = "<" if source.head[126:128] == b"IM" else ">"
    content = source.at(found.begin, min(found.length, MAX_BYTES))
    try:
        if found.deflated:
            kind, inside = struct.unpack_from(order + "II", _inflate(content, 8))
            if inside > MAX_BYTES:
                raise corrupt(f"{what} is {inside:,} bytes long by its own account")
            content = _inflate(content, 8 + inside)
        if math.prod(found.variable.shape) != 1:
            raise not_numeric(what, "several structs")
        at = 8
        for _ in range(3):
            _, _, _, at = _element(content, at, order)
        _, _, place, at = _element(content, at, order)
        (width,) = struct.unpack_from(order + "i", content, place)
        _, size, place, at = _element(content, at, order)
        if not 0 < width <= size <= min(MAX_NAMES, len(content) - place):
            raise corrupt(f"the names of the members of {what} make no sense")
        names = [
            content[begin : begin + width].split(b"\0")[0].decode("latin-1")
            for begin in range(place, place + size, width)
        ]
        for member in names:
            kind, size, place, end = _element(content, at, order)
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
    _, _, _, at = _element(matrix, 0, order)
    _, _, _, at = _element(matrix, at, order)
    _, _, _, rest = _element(matrix, at, order)
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


def _values(source: Source, found: _Found, hints: ReadHints, what: str) -> npt.NDArray[Any]:
    """Read the values of a variable, in the shape that MATLAB shows."""
    from scipy.io import loadmat

    shape, kind = found.variable.shape, found.variable.kind
    if held := MATLAB_HELD.get(kind.removesuffix(" complex")):
        raise not_numeric(what, held)
    if kind.endswith("complex"):
        check_type(np.dtype(complex), what)
    orient(shape, what)
    check_size(shape, 1, hints, what)
    if not found.itemsize:
        raise corrupt(f"{what} keeps its values as a type that does not exist")
    check_size(shape, found.itemsize, hints, what)
    needed = math.prod(shape) * found.itemsize
    if found.size != needed:
        raise corrupt(
            f"{what} is {'x'.join(map(str, shape))} by its dimensions, which is "
            f"{needed:,} bytes, but keeps {found.size:,} bytes of values"
        )
    alone = _alone(source, _fetch(source, found, what))
    try:
        # It warns of a variable with the name of one of its own entries.
        with warnings.catch_warnings(action="ignore"):
            return cast(npt.NDArray[Any], loadmat(alone)[found.variable.name])
    except MemoryError:
        raise
    except Exception as error:
        raise corrupt(f"{what} makes no sense") from error


def _fetch(source: Source, found: _Found, what: str) -> bytes:
    """Read a variable as far as its values go."""
    # Deflate adds little to what it cannot shrink: nothing past this can be values.
    most = 2 * found.end + _HEAD if found.deflated else found.end
    content = source.at(found.begin, min(found.length, most))
    if found.deflated:
        content = _inflate(content, found.end, whole=True)
    if len(content) < found.end:
        have = max(0, len(content) - found.end + found.size)
        raise corrupt(f"{what} ends after {have:,} of its {found.size:,} bytes of values")
    return content


def _alone(source: Source, content: bytes) -> Any:
    """Make a file of one variable for scipy, whose stubs know of paths alone.

    The header is our own, for scipy takes a file with a NUL among its first bytes for MATLAB 4.
    """
    if matlab5(source.head):
        header = b"MATLAB 5.0 MAT-file".ljust(124) + source.head[124:128]
        content = header + content + bytes(-len(content) % 8)
    return io.BytesIO(content)


def _inflate(raw: bytes, count: int, whole: bool = False) -> bytes:
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


def _variables5(source: Source) -> Iterator[_Found]:
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


def _look5(source: Source, order: str, offset: int, length: int, deflated: bool) -> _Found | None:
    """Make out the head of a variable; None for one without a name, which MATLAB may add."""
    from scipy.io import whosmat

    begin, length = (offset + 8, length) if deflated else (offset, length + 8)
    head = source.at(begin, min(length, _HEAD))
    if deflated:
        head = _inflate(head, _HEAD)
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
            _, size, place, at = _element(head, 24, order)
            name, words = head[place : place + size].decode("latin-1"), "opaque"
        else:
            ((name, shape, words),) = whosmat(_alone(source, head), chars_as_strings=False)
            _, size, _, at = _element(head, 24, order)
            _, _, _, at = _element(head, at, order)
            if size % 4 or len(shape) < 2:
                raise corrupt("the dimensions of a variable make no sense")
            if min(shape) < 0:
                raise corrupt(f"a variable has a dimension of {min(shape)}")
        stored, size, place, _ = _element(head + bytes(8), min(at, len(head)), order)
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
    return _Found(variable, itemsize, size, place + size, begin, length, deflated)


def _element(head: bytes, at: int, order: str) -> tuple[int, int, int, int]:
    """Type, length, place of the bytes, and place of the next element."""
    kind, length = struct.unpack_from(order + "II", head, at)
    if kind >> 16:
        # Up to four bytes are kept within the tag itself.
        return kind & 0xFFFF, kind >> 16, at + 4, at + 8
    return kind, length, at + 8, at + 8 + length + -length % 8


def _variables4(source: Source) -> Iterator[_Found]:
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
        yield _Found(Variable(name, (rows, columns), kind), itemsize, size, end, offset, end)
        offset += end


def _short(have: int, promised: int, what: str) -> RecordingError:
    """Make the error for a variable of which the file holds only a part."""
    return truncated(
        f"the file ends after {have:,} of the {promised:,} bytes that its header promises "
        f"for {what}"
    )
