"""Ways in which a file is damaged, each by a seeded random generator."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

import numpy as np

Rng = np.random.Generator

_EXTREMES = (0, 1, 2, 7, 12, 127, 128, 255, 256, 32767, 32768, 65535, 2**31 - 1, 2**31, 2**32 - 1)
_NUMBERS = (
    *(b"0", b"-1", b"1", b"7", b"212", b"500", b"65536", b"4294967296", b"99999999999999999999"),
    *(b"1e308", b"nan", b"inf", b"-0.0", b"", b"x", b"../../etc/passwd", b"16x9999999", b"0/0"),
)


def damaged(content: bytes, other: bytes, rng: Rng) -> bytes:
    """`content` with one to four faults; `other` is another file, to take pieces from."""
    for _ in range(int(rng.integers(1, 5))):
        fault = _FAULTS[int(rng.integers(len(_FAULTS)))]
        content = fault(content, other, rng)
    return content


def _place(content: bytes, rng: Rng) -> int:
    """A place in the file: half of the time near its beginning, where headers are."""
    if not content:
        return 0
    end = len(content)
    if rng.random() < 0.5:
        end = min(end, 1024)
    return int(rng.integers(end))


def _flip(content: bytes, other: bytes, rng: Rng) -> bytes:
    changed = bytearray(content)
    for _ in range(int(rng.integers(1, 9))):
        if changed:
            changed[_place(content, rng)] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def _byte(content: bytes, other: bytes, rng: Rng) -> bytes:
    changed = bytearray(content)
    if changed:
        changed[_place(content, rng)] = int(rng.choice([0, 1, 10, 32, 48, 127, 128, 255]))
    return bytes(changed)


def _truncate(content: bytes, other: bytes, rng: Rng) -> bytes:
    return content[: _place(content, rng)]


def _field(content: bytes, other: bytes, rng: Rng) -> bytes:
    """Put a number that is extreme where a length may be kept."""
    kind = str(rng.choice(["<H", ">H", "<I", ">I", "<Q", ">Q", "<d"]))
    value = _EXTREMES[int(rng.integers(len(_EXTREMES)))]
    limit = 2 ** (8 * struct.calcsize(kind))
    packed = struct.pack(kind, float(value) if kind == "<d" else value % limit)
    place = _place(content, rng) // 2 * 2
    return content[:place] + packed + content[place + len(packed) :]


def _digits(content: bytes, other: bytes, rng: Rng) -> bytes:
    """Replace a number that is written out."""
    found = list(re.finditer(rb"[0-9.eE+-]+", content[:8192]))
    if not found:
        return content
    match = found[int(rng.integers(len(found)))]
    return (
        content[: match.start()]
        + _NUMBERS[int(rng.integers(len(_NUMBERS)))]
        + content[match.end() :]
    )


def _cut(content: bytes, other: bytes, rng: Rng) -> bytes:
    place = _place(content, rng)
    return content[:place] + content[place + int(rng.integers(1, 65)) :]


def _repeat(content: bytes, other: bytes, rng: Rng) -> bytes:
    place, length = _place(content, rng), int(rng.integers(1, 257))
    return content[: place + length] + content[place:]


def _stretch(content: bytes, other: bytes, rng: Rng) -> bytes:
    """Make one byte many: what is tried in every division takes for ever."""
    place = _place(content, rng)
    length = int(rng.choice([1_000, 30_000]))
    return content[:place] + content[place : place + 1] * length + content[place:]


def _noise(content: bytes, other: bytes, rng: Rng) -> bytes:
    place = _place(content, rng)
    return content[:place] + rng.bytes(int(rng.integers(1, 33))) + content[place + 32 :]


def _splice(content: bytes, other: bytes, rng: Rng) -> bytes:
    place, length = _place(other, rng), int(rng.integers(1, 513))
    here = _place(content, rng)
    return content[:here] + other[place : place + length] + content[here + length :]


def _tags(content: bytes, other: bytes, rng: Rng) -> bytes:
    """Take out, double or empty a piece between angle brackets or line ends."""
    pieces = re.split(rb"(?<=[>\n])", content)
    if len(pieces) < 3:
        return content
    place = int(rng.integers(len(pieces)))
    choice = int(rng.integers(3))
    pieces[place] = (b"", pieces[place] * 2, pieces[int(rng.integers(len(pieces)))])[choice]
    return b"".join(pieces)


_FAULTS: tuple[Callable[[bytes, bytes, Rng], bytes], ...] = (
    *(_flip, _byte, _truncate, _field, _field, _digits, _digits),
    *(_cut, _repeat, _stretch, _noise, _splice, _tags),
)
