"""The text mask of a picture: which of its texts each pixel of a letter belongs to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing.picture import Picture
from ecgmpi.drawing.scene import ink
from ecgmpi.drawing.size_limits import RASTER
from ecgmpi.picture_formats import FAST

from .grey_png import SparseRows, grey_png

Bytes = npt.NDArray[np.uint8]

MOST_TEXTS = 255
"""Texts that have a number of their own."""


def text_mask(picture: Picture) -> Bytes:
    """Map each pixel to its text.

    Parameters
    ----------
    picture
        The picture.

    Returns
    -------
    ndarray
        uint8, shape (height, width): 0 for none; else the place of the text in the annotation's
        ``texts``, from 1. All from the 255th on have 255. A pixel counts if letters cover a tenth
        of it at least, whatever trace crosses it. Pulses and separators are no text.

    Raises
    ------
    RecordingError
        It would have over 100 million pixels, beside a picture that is a vector file.
    """
    sheet = picture.sheet
    RASTER.check("the text mask", sheet.frame, picture.n_samples)
    found = np.zeros((sheet.frame.height, sheet.frame.width), np.uint8)
    for number, where, letters in _inked(picture):
        np.copyto(found[where], np.uint8(number), where=letters)
    return found


def text_mask_png(picture: Picture, compression: str = FAST) -> bytes:
    """Encode the text mask as an 8-bit grey PNG.

    `compression` is that of `Picture.png`.
    """
    touched = [(where[0].start, where[0].stop) for _, where, _ in _inked(picture)]
    rows = SparseRows(text_mask(picture), touched)
    return grey_png(picture, rows, {"texts": len(picture.sheet.texts)}, compression)


def _inked(
    picture: Picture,
) -> Iterator[tuple[int, tuple[slice, slice], npt.NDArray[np.bool_]]]:
    """The number of each text, the rows and columns that it lies in, and where it has ink."""
    frame = picture.sheet.frame
    for number, text in enumerate(picture.sheet.texts, start=1):
        left, top = text.x, int(text.box.top)
        # As the letters are drawn: what lies outside is cropped, and so is the last row.
        tall, wide = max(0, frame.height - 1 - top), max(0, frame.width - left)
        letters = ink(text).classes[max(0, -top) : tall, max(0, -left) : wide] > 0
        if letters.size:
            left, top = max(0, left), max(0, top)
            where = np.s_[top : top + letters.shape[0], left : left + letters.shape[1]]
            yield min(number, MOST_TEXTS), where, letters
