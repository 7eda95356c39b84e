"""What a file of many recordings calls each of them, as text."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt


def texts_of(values: npt.NDArray[Any]) -> list[str] | None:
    """Give the entries of an array as text.

    Parameters
    ----------
    values
        Shape (n_recordings,): whole numbers, text, or bytes of UTF-8.

    Returns
    -------
    list of str or None
        None if they are something else, such as numbers with decimals, which name nothing.
    """
    if values.dtype.kind in "iu":
        return list(map(str, values.tolist()))
    if values.dtype.kind not in "SUO":
        return None
    texts = (
        value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        for value in values.tolist()
    )
    return [text.rstrip("\0") for text in texts]
