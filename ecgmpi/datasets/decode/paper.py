"""What repeats in a picture: the rows of its ECG paper.

Without traces and letters, a page of 1,700 rows has some thirty different ones. So whatever is
done to pixels needs to be done to these rows alone, and to the few pixels in a hundred that
something is drawn on. The result is exact for any image: all that is guessed is which rows are
worth comparing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.intp]

SMALLEST = 1 << 16
"""Images with fewer pixels are not worth it."""
_MOST_KINDS = 4
_MOST_DRAWN = 8
"""It does not pay if there is more than a kind in so many rows, or a pixel in so many differs."""

_LOOKED_AT = 64
"""Rows that tell which columns to compare."""
_AT_A_TIME = 128
"""Rows that are compared at a time."""
_COLUMNS = 8
"""Columns of an edge that are compared; together they are one number of 64 bits."""


@dataclass(frozen=True, slots=True)
class Paper:
    """An image as rows of paper, and what is drawn on them.

    Attributes
    ----------
    rows
        uint8, shape (n_kinds, width): a row of the image of each kind.
    kinds
        intp, shape (height,): which of them each row of the image is like.
    drawn
        intp, shape (n_drawn,): the pixels, counted along the rows, that differ from it.
    """

    rows: npt.NDArray[np.uint8]
    kinds: Places
    drawn: Places


def paper_of(indices: npt.NDArray[np.uint8]) -> Paper | None:
    """Find the rows that repeat.

    Parameters
    ----------
    indices
        uint8, shape (height, width), C-contiguous.

    Returns
    -------
    Paper or None
        None where the image is small, or most of its rows are different.
    """
    height, width = indices.shape
    if indices.size < SMALLEST or width < _COLUMNS:
        return None
    telling = _telling(indices)
    # The left edge of a strip has letters, and on a page some traces reach the right edge.
    for columns in (telling[-_COLUMNS:], telling[:_COLUMNS]):
        first, kinds = _alike(indices[:, columns])
        if len(first) * _MOST_KINDS <= height:
            break
    else:
        return None
    rows = indices[first]
    drawn = _differing(indices, rows, kinds)
    return Paper(rows, kinds, drawn) if len(drawn) * _MOST_DRAWN <= indices.size else None


def places_of(there: npt.NDArray[np.bool_]) -> Places:
    """Give where an array is true, counted along the rows: `numpy.flatnonzero`, for few places.

    It looks at eight at a time first, in half the time.
    """
    flat = there.reshape(-1)
    whole = flat.size - flat.size % 8
    eights = flat[:whole].view(np.uint64)
    some = np.flatnonzero(eights != 0)
    within = np.flatnonzero(eights.take(some).view(np.bool_))
    found = (some << 3).take(within >> 3) + (within & 7)
    return np.concatenate([found, whole + np.flatnonzero(flat[whole:])])


def _differing(
    indices: npt.NDArray[np.uint8], rows: npt.NDArray[np.uint8], kinds: Places
) -> Places:
    """Find the pixels that are not like the row of their kind, a few rows at a time.

    So there is no copy of the image, and what is compared stays in the caches.
    """
    height, width = indices.shape
    found, like = [], np.empty((_AT_A_TIME, width), np.uint8)
    for top in range(0, height, _AT_A_TIME):
        some = indices[top : top + _AT_A_TIME]
        alike = like[: len(some)]
        # The kinds are in range: with this mode, numpy does not check them in another copy.
        rows.take(kinds[top : top + _AT_A_TIME], axis=0, out=alike, mode="clip")
        found.append(places_of(some != alike) + top * width)
    return np.concatenate(found)


def _telling(indices: npt.NDArray[np.uint8]) -> Places:
    """Find columns in which rows of different paper differ, away from margins and vertical lines.

    In the middle of the picture these change as often as most columns do.
    """
    middle = len(indices) // 2
    near = indices[max(0, middle - _LOOKED_AT // 2) : middle + _LOOKED_AT // 2]
    changes = np.add.reduce((near[1:] != near[:-1]).view(np.uint8), axis=0, dtype=np.uint8)
    usual = int(np.partition(changes, len(changes) // 2)[len(changes) // 2])
    return np.flatnonzero(changes >= 0.75 * usual)


def _alike(columns: npt.NDArray[np.uint8]) -> tuple[Places, Places]:
    """Give a row of each kind, and the kind of each row, by eight of its pixels."""
    words = np.ascontiguousarray(columns).view(np.uint64)[:, 0]
    _, first, kinds = np.unique(words, return_index=True, return_inverse=True)
    return first, kinds
