"""The mask of a picture: which lead each pixel belongs to."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing.encode.png import encode_png
from ecgmpi.drawing.picture import Picture
from ecgmpi.drawing.raster.palette import UP
from ecgmpi.drawing.raster.trace_pixels import add_trace
from ecgmpi.drawing.scene import TracePlace
from ecgmpi.drawing.size_limits import RASTER
from ecgmpi.layouts import AUGMENTED, CHEST, LIMB
from ecgmpi.picture_formats import FAST

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
    RASTER.check("the mask", sheet.frame, picture.n_samples)
    height, width = sheet.frame.height, sheet.frame.width
    indices = mask_indices(sheet.traces)
    found = np.zeros((height, width), np.uint8)
    most = np.zeros((height, width), np.uint8)
    for trace, line in zip(sheet.traces, picture.lines, strict=True):
        if not len(line) or math.isnan(trace.low):
            continue
        # Rows that no trace touches cost nothing: the system allocates zeros on demand.
        rows = np.zeros((height, 1 + width), np.uint8)
        add_trace(rows, line, sheet.placement(trace))
        # The very thinnest stroke is drawn a little wider than its box.
        box = trace.box.grown(2)
        down = slice(max(0, math.floor(box.top)), math.ceil(box.bottom))
        across = slice(max(0, math.floor(box.left)), math.ceil(box.right))
        level = np.cumsum(rows[down, 1:][:, across], axis=0, dtype=np.uint8)
        more = level > most[down, across]
        most[down, across][more] = level[more]
        found[down, across][more] = indices[trace.lead]
    return found


def mask_png(picture: Picture, compression: str = FAST) -> bytes:
    """Encode the mask as an 8-bit grey PNG whose values are the indices.

    `compression` is that of `Picture.png`.
    """
    found = mask(picture)
    rows = np.empty((found.shape[0], 1 + found.shape[1]), np.uint8)
    rows[:, 0] = UP
    rows[0, 1:] = found[0]
    np.subtract(found[1:], found[:-1], out=rows[1:, 1:])
    said = {"mask": mask_indices(picture.sheet.traces), "record": picture.record}
    return encode_png(rows, None, picture.scale.px_per_metre, said, compression)
