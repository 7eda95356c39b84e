"""Which rows of the manifest a data set has: by a condition, a split, a series."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import UsageError
from ecgmpi.names import typed
from ecgmpi.options.splits import NO_SPLIT, SPLIT

from .columns import BLOCK, ManifestColumns
from .where import TEXT, kind_of, parse


def selected(
    columns: ManifestColumns,
    called: str,
    where: str | None,
    only: Mapping[str, str | None],
) -> npt.NDArray[np.int64]:
    """Give the rows of the pictures that are asked for.

    Parameters
    ----------
    columns
        Of the manifest.
    called
        How messages name its OUT.
    where
        A condition; None for none.
    only
        Column -> the only value that is wanted; None for any.

    Returns
    -------
    ndarray
        int64, shape (n_samples,), in the order of the manifest.

    Raises
    ------
    UsageError
        The condition makes no sense, or OUT has no such column or value.
    """
    n = columns.n_pictures
    wanted = np.ones(n, np.bool_)
    for name, value in only.items():
        if value is not None:
            wanted &= _having(columns, called, name, value)
    if where is not None:
        condition = parse(where, {name: kind_of(dtype) for name, dtype in columns.dtypes.items()})
        # Text takes memory: some rows at a time.
        for begin in range(0, n, BLOCK):
            some = slice(begin, min(begin + BLOCK, n))
            values = {name: columns.take(name, some) for name in condition.names}
            wanted[some] &= condition.mask(values, some.stop - begin)
    return np.flatnonzero(wanted).astype(np.int64, copy=False)


def _having(columns: ManifestColumns, called: str, name: str, value: str) -> npt.NDArray[np.bool_]:
    if not isinstance(value, str):
        raise UsageError(
            f"{name}={value!r}: name one {name}, as a text; for several, give a condition, such "
            f"as where=\"{name} in ('a', 'b')\""
        )
    if name not in columns.places:
        raise UsageError(
            f"{name}={value!r}: the manifest of OUT {called} has no column {name}; leave out "
            f"{name}, ecgmpi label {typed(called)} --split ... makes it without drawing, or render "
            "it with --split"
        )
    kind = kind_of(columns.dtypes[name])
    if kind != TEXT:
        raise UsageError(
            f"{name}={value!r}: the column {name} of OUT {called} is {kind}, no text; give a "
            f"condition on it, such as where='{name} == 1'"
        )
    values = columns.take(name, slice(None))
    # A split cannot be called so.
    in_none = name == SPLIT and value == NO_SPLIT
    wanted: npt.NDArray[np.bool_] = values == (b"" if in_none else value.encode())
    if not wanted.any():
        held = [text.decode() for text in np.unique(values)]
        none = [NO_SPLIT] if name == SPLIT and "" in held else []
        there = ", ".join([*filter(None, held), *none])
        raise UsageError(f"{name}={value!r}: OUT {called} has none of it; it has {there}")
    return wanted
