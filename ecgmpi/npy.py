"""Arrays as the content of ``.npy`` files, and back."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt


def npy(array: npt.NDArray[Any]) -> bytes:
    """Make the content of a ``.npy`` file: the same bytes for the same array."""
    content = io.BytesIO()
    np.lib.format.write_array(content, np.ascontiguousarray(array), (1, 0), allow_pickle=False)
    return content.getvalue()


def from_npy(content: bytes) -> npt.NDArray[Any]:
    """The array of a ``.npy`` file.

    Raises
    ------
    ValueError
        `content` is none.
    """
    array: npt.NDArray[Any] = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    return array
