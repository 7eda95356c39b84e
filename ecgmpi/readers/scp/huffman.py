"""Huffman codes of SCP-ECG: section 2 of EN 1064, and its built-in table.

A code stands for a number, announces the number itself in a given count of bits, or switches
to another table.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.readers.wording import corrupt, truncated

BUILT_IN = 19999
"""The number of tables in section 2 that means the table of the standard."""

_LONGEST_PREFIX = 16
_LONGEST_CODE = 40


@dataclass(frozen=True, slots=True)
class Code:
    """One code.

    Attributes
    ----------
    prefix
        Its bits, first one highest.
    n_prefix
        How many.
    n_number
        Bits behind it that are the number itself; 0 where it stands for `value`.
    value
        The number, or the table to switch to, counted from 0.
    switches
        Whether `value` is a table.
    """

    prefix: int
    n_prefix: int
    n_number: int
    value: int
    switches: bool = False


def _built_in() -> tuple[Code, ...]:
    codes = [Code(0, 1, 0, 0)]
    for size in range(1, 9):
        ones = (1 << size) - 1
        codes.append(Code(ones << 2, size + 2, 0, size))
        codes.append(Code(ones << 2 | 1, size + 2, 0, -size))
    ones = (1 << 9) - 1
    return (*codes, Code(ones << 1, 10, 8, 0), Code(ones << 1 | 1, 10, 16, 0))


class Table:
    """The meaning of the next bits, indexed by as many of them as the longest prefix has."""

    def __init__(self, codes: Sequence[Code]) -> None:
        self.width = max((code.n_prefix for code in codes), default=0)
        if not 1 <= self.width <= _LONGEST_PREFIX:
            raise corrupt("a Huffman table has no codes, or codes that are too long")
        self.meaning: list[Code | None] = [None] * (1 << self.width)
        for code in codes:
            free = self.width - code.n_prefix
            first = code.prefix << free
            if any(self.meaning[first : first + (1 << free)]):
                raise corrupt("two codes of a Huffman table share a prefix")
            self.meaning[first : first + (1 << free)] = [code] * (1 << free)


STANDARD = Table(_built_in())
"""The table of EN 1064, C.3.7.6: 0; plus and minus 1 to 8; 8 bits; 16 bits."""


def tables(section: bytes) -> list[Table]:
    """Read section 2, without its header; an empty list means an uncompressed file.

    Raises
    ------
    RecordingError
        A table is invalid.
    """
    try:
        (count,) = struct.unpack_from("<H", section)
        if count == BUILT_IN:
            return [STANDARD]
        found: list[Table] = []
        at = 2
        for _ in range(count):
            (size,) = struct.unpack_from("<H", section, at)
            at += 2
            if size > 1 << 12 or len(found) > 64:
                raise corrupt("there are more Huffman codes than any file needs")
            lines = [struct.unpack_from("<BBBhI", section, at + 9 * line) for line in range(size)]
            at += 9 * size
            found.append(Table([_code(*line) for line in lines]))
    except struct.error as error:
        raise truncated("the Huffman tables end too early") from error
    if any(code and code.switches and not 0 <= code.value < count
           for table in found for code in table.meaning):  # fmt: skip
        raise corrupt("a Huffman code switches to a missing table")
    return found


def _code(n_prefix: int, n_total: int, mode: int, value: int, prefix: int) -> Code:
    """One line of a table; its prefix is written with the first bit lowest."""
    n_number = n_total - n_prefix
    if not 1 <= n_prefix <= _LONGEST_PREFIX or not 0 <= n_number <= _LONGEST_CODE - n_prefix:
        raise RecordingError(
            FailureKind.NOT_SUPPORTED,
            f"a Huffman code has {n_prefix} prefix bits and {n_number} number bits",
            "export the recording with the codes of the standard",
        )
    if prefix >> n_prefix:
        raise corrupt("a Huffman code is longer than it says")
    reversed_prefix = int(f"{prefix:0{n_prefix}b}"[::-1], 2)
    if mode == 0:
        return Code(reversed_prefix, n_prefix, 0, value - 1, switches=True)
    return Code(reversed_prefix, n_prefix, n_number, value)


def decode(raw: bytes, count: int, found: Sequence[Table]) -> tuple[npt.NDArray[np.int64], int]:
    """Decode up to `count` numbers, from the highest bit of the first byte.

    Returns
    -------
    tuple
        int64, shape (n_numbers,), no unit, fewer than `count` if the bits end first; and the
        number of bytes decoded.

    Raises
    ------
    RecordingError
        A code is not in the table.
    """
    octets = np.frombuffer(raw + bytes(8), np.uint8).astype(np.uint64)
    words = np.zeros(len(raw) + 1, np.uint64)
    for place in range(8):
        words = words << np.uint64(8) | octets[place : place + len(words)]
    # The 64 bits from each byte on: any code lies within one of these words.
    window = words.tolist()
    table = found[0]
    numbers: list[int] = []
    at, end = 0, 8 * len(raw)
    # Every number takes at least one bit, so a small input cannot grow without bound.
    while len(numbers) < count and at < end:
        bits = window[at >> 3] << (at & 7) & 0xFFFFFFFFFFFFFFFF
        code = table.meaning[bits >> (64 - table.width)]
        if code is None:
            raise corrupt("the samples contain a code that is not in the Huffman table")
        at += code.n_prefix
        if code.switches:
            table = found[code.value]
            continue
        if code.n_number:
            number = bits << code.n_prefix & 0xFFFFFFFFFFFFFFFF
            number >>= 64 - code.n_number
            numbers.append(number - (number >> (code.n_number - 1) << code.n_number))
            at += code.n_number
        else:
            numbers.append(code.value)
    if at > end:
        # The last number extends past the end of the data.
        numbers = numbers[:-1]
    return np.array(numbers, np.int64), -(-min(at, end) // 8)
