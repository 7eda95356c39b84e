"""Letters on bare paper, in Up-filtered rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .glyphs import Text
from .palette import LEVELS


def add_text(
    rows: npt.NDArray[np.uint8],
    text: Text,
    x: float,
    baseline: float,
    first: int = 0,
    height: int | None = None,
) -> None:
    """Put a line of text on bare paper.

    Parameters
    ----------
    rows
        uint8, shape (rows, 1 + width), Up-filtered; changed in place.
    text
        Typeset text; what lies outside the picture is cropped.
    x, baseline
        Where it begins, px.
    first
        The row of the picture that the first of `rows` is; what lies outside `rows` is left out.
    height
        Of the picture, px; None if `rows` are all of it.
    """
    left, top = round(x), round(baseline) - text.rise
    stride = rows.shape[1]
    height = len(rows) if height is None else height
    classes = text.classes[
        max(0, -top) : max(0, height - 1 - top), max(0, -left) : max(0, stride - 1 - left)
    ]
    if not classes.size:
        return
    left, top = max(0, left), max(0, top) - first
    tall, wide = classes.shape
    indices = classes * np.uint8(LEVELS)
    across = slice(1 + left, 1 + left + wide)
    for begin, put in ((top, np.add), (top + 1, np.subtract)):
        spot = rows[max(0, begin) : max(0, begin + tall), across]
        skipped = max(0, -begin)
        put(spot, indices[skipped : skipped + len(spot)], out=spot)
