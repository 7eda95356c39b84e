"""Columns that count: their digits, and whether they rise, count by one or wrap."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

_DIGITS = re.compile(r"[+-]?([0-9]*+)(?:\.([0-9]*+))?(?:[eE]([+-]?[0-9]{1,4}))?")

_Array = npt.NDArray[np.float64]


def last_digit(first: Iterable[str], last: Iterable[str]) -> float:
    """Give one unit of the last printed digit, at the coarser end of a column.

    If trailing zeros are not printed, the longest cell counts. If the number of significant
    digits is fixed, larger times have fewer decimals.
    """
    return 10.0 ** -min(_places(first), _places(last))


def _places(cells: Iterable[str]) -> int:
    most = -30
    for cell in cells:
        found = _DIGITS.fullmatch(cell.replace(",", "."))
        if found and (found[1] or found[2]):
            most = max(most, min(len(found[2] or "") - int(found[3] or 0), 300))
    return most


def rises(values: _Array, least: int = 10) -> bool:
    """Whether values, float64, shape (n,), any unit, rise throughout, which no ECG does."""
    if len(values) < least or not values[0] < values[1] < values[2]:
        return False
    return bool(np.all(np.diff(values) > 0))


def counts_by_one(values: _Array) -> bool:
    """Whether values, float64, shape (n,), no unit, are whole numbers that count by one."""
    return len(values) > 1 and float(values[0]).is_integer() and bool(np.all(np.diff(values) == 1))


def wraps(values: _Array, least: int = 2) -> bool:
    """Whether values count by one and begin again at the same number, as packets do.

    They are float64, shape (n,), without a unit.
    """
    if len(values) < 2 or not float(values[0]).is_integer():
        return False
    steps = np.diff(values)
    back = steps[steps != 1]
    if not len(back) or not np.all(back == back[0]):
        return False
    # From the lowest number to the highest and again: as many steps as one goes back.
    turns = np.flatnonzero(steps != 1)
    if values[turns[0] + 1] not in (0, 1):
        return False
    return float(back[0]) <= -least + 1 and bool(np.all(np.diff(turns) == 1 - back[0]))


def fill(values: npt.NDArray[np.float64], places: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Put samples where they belong, and NaN where there is none.

    Parameters
    ----------
    values
        float64, shape (n_samples,), in any unit.
    places
        int64, shape (n_samples,), ascending from 0: the place of each sample.

    Returns
    -------
    ndarray
        float64, shape (places[-1] + 1,), in the unit of `values`.
    """
    filled = np.full(int(places[-1]) + 1, np.nan)
    filled[places] = values
    return filled
