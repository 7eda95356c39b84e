"""The members of a struct in a MATLAB 5 file, each as a file of its own.

By the layout in MathWorks, "MAT-File Format".
"""

from __future__ import annotations

import io
import math
import struct
from dataclasses import dataclass

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.hints import MAX_BYTES
from ecgmpi.readers.source import HEAD_BYTES, Source
from ecgmpi.readers.validate import not_numeric
from ecgmpi.readers.wording import corrupt, printable

from .variables import MATRIX, Found, element, inflate

MAX_NAMES = 1 << 20
"""Bytes that the names of the members of a struct may take."""


@dataclass(frozen=True, slots=True)
class Members:
    """The members of a struct: the struct in words, its bytes, and where in these each one is.

    `damage` explains why members are missing from `places`.
    """

    what: str
    content: bytes
    order: str
    places: dict[str, tuple[int, int]]
    damage: RecordingError | None = None

    def matrix(self, name: str) -> bytes:
        """The bytes of a member behind its tag."""
        place, size = self.places[name]
        return self.content[place : place + size]


def members_of(source: Source, found: Found) -> Members:
    """Find the members of a 1x1 struct.

    Raises
    ------
    RecordingError
        It is several structs, or damaged before its first member.
    """
    what = f"struct '{printable(found.variable.name)}'"
    order = "<" if source.head[126:128] == b"IM" else ">"
    content = source.at(found.begin, min(found.length, MAX_BYTES))
    places: dict[str, tuple[int, int]] = {}
    try:
        if found.deflated:
            kind, inside = struct.unpack_from(order + "II", inflate(content, 8))
            if inside > MAX_BYTES:
                raise corrupt(f"{what} states a length of {inside:,} bytes")
            content = inflate(content, 8 + inside)
        if math.prod(found.variable.shape) != 1:
            raise not_numeric(what, "several structs")
        names, at = _member_names(content, order, what)
        for name in names:
            kind, size, place, at = element(content, at, order)
            if kind != MATRIX or place + size > len(content):
                damage = corrupt(f"the members of {what} are invalid")
                return Members(what, content, order, places, damage)
            places.setdefault(name, (place, size))
    except struct.error:
        damage = corrupt(f"{what} ends before its members do")
        return Members(what, content, order, places, damage)
    return Members(what, content, order, places)


def _member_names(content: bytes, order: str, what: str) -> tuple[list[str], int]:
    """The names of the members of a struct, and where the first member is."""
    at = 8
    for _ in range(3):
        _, _, _, at = element(content, at, order)
    _, _, place, at = element(content, at, order)
    (width,) = struct.unpack_from(order + "i", content, place)
    _, size, place, at = element(content, at, order)
    if not 0 < width <= size <= min(MAX_NAMES, len(content) - place):
        raise corrupt(f"the names of the members of {what} are invalid")
    names = [
        content[begin : begin + width].split(b"\0")[0].decode("latin-1")
        for begin in range(place, place + size, width)
    ]
    return names, at


def member_of(source: Source, members: Members, name: str) -> Source:
    """Make a separate file of a member of a struct, with that member as its variable.

    Raises
    ------
    RecordingError
        There is no such member.
    """
    if name in members.places:
        try:
            return _own_file(source, members.matrix(name), members.order)
        except struct.error as error:
            raise corrupt(f"{members.what} ends before its members do") from error
    if members.damage is not None:
        raise members.damage
    shown = ", ".join(map(printable, list(members.places)[:8]))
    raise RecordingError(
        FailureKind.NO_VARIABLE,
        f"{members.what} has no member '{printable(name)}'; it has {shown}",
        "name one that holds leads by samples, as in --key NAME.MEMBER",
    )


def _own_file(source: Source, matrix: bytes, order: str) -> Source:
    """Make a file of an unnamed matrix, and name it."""
    _, _, _, at = element(matrix, 0, order)
    _, _, _, at = element(matrix, at, order)
    _, _, _, rest = element(matrix, at, order)
    name = struct.pack(order + "II", 1, 4) + b"data" + bytes(4)
    body = matrix[:at] + name + matrix[rest:]
    tag = struct.pack(order + "II", MATRIX, len(body))
    content = source.head[:128] + tag + body
    return Source(
        name=source.name,
        path=source.path,
        file=io.BytesIO(content),
        head=content[:HEAD_BYTES],
        size=len(content),
    )
