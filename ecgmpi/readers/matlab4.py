"""MATLAB 4 files (``-v4``): full matrices of numbers, without compression.

The layout is that of MathWorks, "MAT-File Format", level 4: for each matrix five 32-bit
numbers (type, rows, columns, whether complex, length of the name), the name, the values
column by column. PhysioNet's Challenge recordings (``val``) are of this kind.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

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
from .sniff import matlab4_order

FORMAT = "matlab-4"

_TYPES = (
    ("f8", "double"),
    ("f4", "single"),
    ("i4", "int32"),
    ("i2", "int16"),
    ("u2", "uint16"),
    ("u1", "uint8"),
)


@dataclass(frozen=True, slots=True)
class _Found:
    """A matrix in the file: what it is and where its values begin."""

    variable: Variable
    dtype: np.dtype[np.generic]
    held: str
    is_complex: bool
    offset: int
    size: int


def load(source: Source, hints: ReadHints) -> Record:
    """Read one matrix of a MATLAB 4 file as a recording.

    Parameters
    ----------
    source
        The open file.
    hints
        Its key is the matrix's name, ``data`` where it is None.

    Raises
    ------
    RecordingError
        The file is damaged, or has no such matrix, or that is not a recording.
    """
    key = hints.key or DEFAULT_KEY
    what = f"variable '{printable(key)}'"
    seen: list[Variable] = []
    for found in variables(source):
        seen.append(found.variable)
        if found.variable.name != key:
            continue
        if found.held:
            raise not_numeric(what, found.held)
        if found.is_complex:
            check_type(np.dtype(complex), what)
        shape = found.variable.shape
        orient(shape, what)
        check_size(shape, found.dtype.itemsize, hints, what)
        raw = source.at(found.offset, found.size)
        if len(raw) < found.size:
            raise truncated(f"{what} ends after {len(raw):,} of its {found.size:,} bytes")
        array = np.frombuffer(raw, dtype=found.dtype).reshape(shape, order="F")
        return record_from_array(array, hints, name=source.name, format=FORMAT, what=what)
    raise no_variable(key, seen)


def variables(source: Source) -> Iterator[_Found]:
    """Walk over the matrices of a file, reading no more than the head of each.

    Raises
    ------
    RecordingError
        The file ends inside a matrix, or a head makes no sense.
    """
    offset = 0
    while offset < source.size:
        head = source.at(offset, 20 + 256)
        order = matlab4_order(head)
        if order is None:
            if len(head) < 20:
                raise truncated(f"the file ends {len(head)} bytes into the head of a matrix")
            raise corrupt(f"byte {offset:,} is where a matrix should begin, and none does")
        mopt, rows, columns, imaginary, length = struct.unpack_from(order + "5i", head)
        code, kind = _TYPES[mopt // 10 % 10]
        held = ("", "text", "a sparse matrix")[mopt % 10]
        name = head[20 : 20 + length].split(b"\0")[0].decode("latin-1")
        dtype = np.dtype(order + code)
        size = rows * columns * dtype.itemsize
        begin = offset + 20 + length
        end = begin + size * (2 if imaginary else 1)
        if end > source.size:
            raise truncated(
                f"the file ends after {max(0, source.size - begin):,} of the {end - begin:,} "
                f"bytes that its header promises for variable '{printable(name)}'"
            )
        words = held.removeprefix("a ") or kind + (" complex" if imaginary else "")
        variable = Variable(name, (rows, columns), words)
        yield _Found(variable, dtype, held, bool(imaginary), begin, size)
        offset = end
