"""Arrays as the content of ``.npy`` files, and back."""

from __future__ import annotations

import io
import math
import re
from typing import Any

import numpy as np
import numpy.typing as npt

_PLAIN = re.compile(
    rb"\x93NUMPY\x01\x00(?P<length>..)"
    rb"(?P<header>\{'descr': '(?P<dtype>\|b1|\|[iu]1|<[iuf][248])', 'fortran_order': False, "
    rb"'shape': \((?P<shape>(?:\d{1,15}, ?)*(?:\d{1,15})?)\), \} *\n)",
    re.DOTALL,
)
"""What a file of numbers begins with, as numpy writes it."""


def npy(array: npt.NDArray[Any]) -> bytes:
    """Make the content of a ``.npy`` file: the same bytes for the same array."""
    content = io.BytesIO()
    np.lib.format.write_array(content, np.ascontiguousarray(array), (1, 0), allow_pickle=False)
    return content.getvalue()


def from_npy(content: bytes) -> npt.NDArray[Any]:
    """The array of a ``.npy`` file of numbers, as `npy` and numpy write it.

    Returns
    -------
    ndarray
        Writable.

    Raises
    ------
    ValueError
        `content` is none.
    """
    # numpy compiles the header with `ast`, which takes longer than to copy the array, and fails
    # now and then where several threads do so at once (CPython 3.11.7: SystemError).
    plain = _PLAIN.match(content)
    if plain is None or int.from_bytes(plain["length"], "little") != len(plain["header"]):
        raise ValueError("it is no .npy file of plain numbers")
    shape = tuple(int(number) for number in plain["shape"].split(b",") if number)
    size, dtype = math.prod(shape), np.dtype(plain["dtype"].decode())
    if len(content) != plain.end() + size * dtype.itemsize:
        raise ValueError(
            f"damaged array: {len(content) - plain.end():,} bytes, of "
            f"{size * dtype.itemsize:,} for {size:,} values"
        )
    return np.frombuffer(content, dtype, size, plain.end()).reshape(shape).copy()
