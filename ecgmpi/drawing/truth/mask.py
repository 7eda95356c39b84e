"""The mask of a picture: which lead each pixel belongs to."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing.picture import Picture
from ecgmpi.drawing.scene import TracePlace
from ecgmpi.layouts import AUGMENTED, CHEST, LIMB
from ecgmpi.picture_formats import FAST

from .coverage import trace_coverages
from .grey_png import filtered, grey_png

STANDARD = LIMB + AUGMENTED + CHEST
"""These leads have the same index in every mask: 1 to 12, in this order."""
_MOST = 255


def mask_indices(traces: Iterable[TracePlace]) -> dict[str, int]:
    """Number the leads of a picture.

    Parameters
    ----------
    traces
        All of its traces. Traces of one lead share an index, including its rhythm strip and
        inverted aVR.

    Returns
    -------
    dict
        Name of the lead to index: 1 to 12 for the standard leads, others from 13 in the
        order in which they come.
    """
    leads = dict.fromkeys(trace.lead for trace in traces)
    others = [lead for lead in leads if lead not in STANDARD]
    known = {lead: k for k, lead in enumerate((*STANDARD, *others), start=1)}
    return {lead: min(known[lead], _MOST) for lead in leads}


def mask(picture: Picture) -> npt.NDArray[np.uint8]:
    """Map each pixel to its lead.

    Parameters
    ----------
    picture
        The picture.

    Returns
    -------
    ndarray
        uint8, shape (height, width): the index of the lead whose trace covers most of the
        pixel (of equals, the one drawn first); 0 if there is none. Letters and pulses do not
        count.

    Raises
    ------
    RecordingError
        It would have over 100 million pixels, beside a picture that is a vector file.
    """
    sheet = picture.sheet
    coverages = trace_coverages(picture)
    indices = mask_indices(sheet.traces)
    found = np.zeros((sheet.frame.height, sheet.frame.width), np.uint8)
    most = np.zeros_like(found)
    for one in coverages:
        # What the traces before it cover there.
        before = most[one.where]
        more = one.levels > before
        np.maximum(before, one.levels, out=before)
        np.copyto(found[one.where], np.uint8(indices[one.trace.lead]), where=more)
    return found


def mask_png(picture: Picture, compression: str = FAST) -> bytes:
    """Encode the mask as an 8-bit grey PNG whose values are the indices.

    `compression` is that of `Picture.png`.
    """
    return mask_rows_png(picture, mask(picture), compression)


def mask_rows_png(picture: Picture, found: npt.NDArray[np.uint8], compression: str) -> bytes:
    """Encode a mask of a picture, uint8, shape (height, width), as `mask_png` does."""
    said = {"mask": mask_indices(picture.sheet.traces)}
    return grey_png(picture, filtered(found, None), said, compression)
