"""Small values in MATLAB files before 7.3: numbers, text, cell arrays of text.

By the layout in MathWorks, "MAT-File Format". scipy is not used, since it crashes on values of
an unknown type.
"""

from __future__ import annotations

import math
import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import RecordingError
from ecgmpi.readers.source import Source
from ecgmpi.readers.statements import DAMAGED, MANY, MOST_BYTES, UNKNOWN, Unread, Value
from ecgmpi.readers.validate import MAX_LISTED

from .variables import MATRIX, STORED, Found, element, inflate

_CELL, _CHAR = 1, 4
_NUMBERS = range(6, 16)
"""Classes of arrays of numbers: double, single, int8 to uint64."""

_TEXT = {1: "latin-1", 2: "latin-1", 16: "utf-8"}
_TEXT_LITTLE = {**_TEXT, 4: "utf-16-le", 17: "utf-16-le", 18: "utf-32-le"}
_TEXT_BIG = {**_TEXT, 4: "utf-16-be", 17: "utf-16-be", 18: "utf-32-be"}
"""Type of the values of text, in a file of either byte order -> their encoding."""


def small_value(source: Source, found: Found, five: bool) -> Value:
    """Read a variable, if it is small.

    Parameters
    ----------
    source
        The file.
    found
        Where the variable is.
    five
        Whether the file is MATLAB 5, not MATLAB 4.
    """
    kind = found.variable.kind
    if math.prod(found.variable.shape) > MAX_LISTED and kind not in ("char", "cell"):
        return MANY
    if found.length > MOST_BYTES:
        return UNKNOWN
    content = source.at(found.begin, found.length)
    if not five:
        return _value4(content, found)
    order = "<" if source.head[126:128] == b"IM" else ">"
    try:
        if found.deflated:
            content = inflate(content, MOST_BYTES)
        return decoded(content[8:], order)
    except RecordingError:
        return DAMAGED


def _value4(content: bytes, found: Found) -> Value:
    shape, kind = found.variable.shape, found.variable.kind
    count = math.prod(shape)
    if found.dtype is None or "complex" in kind or kind == "sparse":
        return UNKNOWN
    if not 0 <= found.end - found.size <= len(content) - count * found.dtype.itemsize:
        return UNKNOWN
    values = np.frombuffer(content, found.dtype, count, found.end - found.size)
    values = values.reshape(shape, order="F")
    if kind != "char":
        return values
    codes = np.nan_to_num(values, nan=0, posinf=0, neginf=0).astype(np.int64)
    return _rows(np.where((codes >= 0) & (codes < 0x110000), codes, 0))


def decoded(matrix: bytes, order: str) -> Value:
    """Decode a matrix of a MATLAB 5 file.

    Parameters
    ----------
    matrix
        Its bytes behind its tag.
    order
        ``<`` or ``>``.
    """
    try:
        (flags,) = struct.unpack_from(order + "I", matrix, 8)
        _, size, place, at = element(matrix, 16, order)
        if size % 4 or size > 32:
            return UNKNOWN
        shape = struct.unpack_from(f"{order}{size // 4}i", matrix, place)
        _, _, _, at = element(matrix, at, order)
        count = math.prod(shape)
        if len(shape) < 2 or min(shape) < 0 or count > MOST_BYTES or flags & 0x0800:
            return UNKNOWN
        if flags & 0xFF == _CELL:
            return _cell(matrix, at, count, order)
        stored, size, place, _ = element(matrix, at, order)
        values = matrix[place : place + size]
        if flags & 0xFF == _CHAR:
            return _characters(values, stored, shape, order)
        if flags & 0xFF not in _NUMBERS or stored not in STORED:
            return UNKNOWN
        return np.frombuffer(values, order + STORED[stored], count).reshape(shape, order="F")
    except (struct.error, ValueError):
        return DAMAGED


def _cell(matrix: bytes, at: int, count: int, order: str) -> list[str] | Unread:
    """The texts of a cell array, if it holds one text a cell."""
    if count > MAX_LISTED:
        return UNKNOWN
    texts: list[str] = []
    for _ in range(count):
        kind, size, place, at = element(matrix, at, order)
        inside = matrix[place : place + size]
        if kind != MATRIX or len(inside) < 16 or inside[8 + 3 * (order == ">")] != _CHAR:
            return UNKNOWN
        rows = decoded(inside, order)
        if not isinstance(rows, list) or len(rows) > 1:
            return UNKNOWN
        texts += rows or [""]
    return texts


def _characters(
    values: bytes, stored: int, shape: tuple[int, ...], order: str
) -> list[str] | Unread:
    """The rows of a char array."""
    encoding = (_TEXT_BIG if order == ">" else _TEXT_LITTLE).get(stored)
    if encoding is None or len(shape) != 2:
        return UNKNOWN
    text = values.decode(encoding)
    if len(text) != math.prod(shape):
        return UNKNOWN
    codes = np.array([ord(letter) for letter in text], np.int64)
    return _rows(codes.reshape(shape, order="F"))


def _rows(codes: npt.NDArray[Any]) -> list[str] | Unread:
    """The lines of an array of characters, shape (n_lines, n_characters)."""
    if len(codes) > MAX_LISTED:
        return UNKNOWN
    return ["".join(map(chr, row)).strip("\0 ") for row in codes.tolist()] if codes.size else []
