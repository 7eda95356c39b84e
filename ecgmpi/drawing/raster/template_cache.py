"""Templates, what is the same in many pictures: the most recently used, up to a number of bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

import numpy as np
import numpy.typing as npt

from .glyphs import Text
from .palette import LEVELS

Bytes = npt.NDArray[np.uint8]


class ByteCache:
    """The most recently used arrays by key, up to a number of bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0
        self._items: OrderedDict[Hashable, Bytes] = OrderedDict()

    def copy(self, key: Hashable, make: Callable[[], Bytes], part: int = 1) -> Bytes:
        """Give a copy of the array kept under `key`: uint8, same shape, writable.

        Parameters
        ----------
        key
            What the array depends on.
        make
            Makes it if none is kept.
        part
            An array larger than 1 / `part` of the cache is not kept.
        """
        found = self._items.get(key)
        if found is not None:
            self._items.move_to_end(key)
            return found.copy()
        made = make()
        if made.nbytes > self.limit // part:
            return made
        self._items[key] = made
        self.held += made.nbytes
        while self.held > self.limit:
            _, dropped = self._items.popitem(last=False)
            self.held -= dropped.nbytes
        return made.copy()

    def clear(self) -> None:
        """Forget everything."""
        self._items.clear()
        self.held = 0


TEMPLATES = ByteCache(24 << 20)


def add_text(rows: Bytes, text: Text, x: float, baseline: float) -> None:
    """Put a line of text on bare paper.

    Parameters
    ----------
    rows
        uint8, shape (height, 1 + width), Up-filtered; changed in place.
    text
        Typeset text; what lies outside the picture is cropped.
    x, baseline
        Where it begins, px.
    """
    left, top = round(x), round(baseline) - text.rise
    height, stride = rows.shape
    classes = text.classes[
        max(0, -top) : max(0, height - 1 - top), max(0, -left) : max(0, stride - 1 - left)
    ]
    if not classes.size:
        return
    left, top = max(0, left), max(0, top)
    tall, wide = classes.shape
    indices = classes * np.uint8(LEVELS)
    spot = rows[top : top + tall + 1, 1 + left : 1 + left + wide]
    spot[:-1] += indices
    spot[1:] -= indices
