"""The bit mask of a picture: a bit a lead, so that each of two traces survives where they cross.

A pixel belongs to a trace of which the stroke covers at least half of it. Of a stroke that is
thinner than a pixel, half of what a level line can cover is enough, so that the line is one pixel
tall wherever it lies; and the pixel in which a sample lies always belongs to its trace, so that a
sample by itself is one pixel at least. Other traces, grid, letters and pulses do not count.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing.picture import Picture
from ecgmpi.drawing.raster.stroke_plan import LEAST_RADIUS, Placement
from ecgmpi.drawing.scene import TracePlace
from ecgmpi.picture_formats import FAST

from .coverage import TraceCoverage, trace_coverages
from .grey_png import SparseRows, grey_png
from .mask import mask_indices

Bytes = npt.NDArray[np.uint8]

N_BITS = 16
NO_BIT = -1
"""What stands in place of the bit of a lead that has none."""
_ALL = 255


def mask_bits(traces: Iterable[TracePlace]) -> dict[str, int]:
    """Give each lead of a picture its bit.

    Parameters
    ----------
    traces
        All of its traces. Traces of one lead share a bit, including its rhythm strip and
        inverted aVR.

    Returns
    -------
    dict
        Name of the lead to bit, 0 to 15: one less than its `mask_indices`, so 0 to 11 for the
        standard leads. Others for which none is left take the lowest bits of standard leads that
        the picture does not show; `NO_BIT` where it shows more than 16.
    """
    indices = mask_indices(traces)
    bits = {lead: index - 1 for lead, index in indices.items() if index <= N_BITS}
    free = iter(sorted(set(range(N_BITS)) - set(bits.values())))
    return {lead: bits[lead] if lead in bits else next(free, NO_BIT) for lead in indices}


def bits_notes(picture: Picture) -> tuple[str, ...]:
    """Say which leads of a picture have no bit, in words; empty where all have one."""
    bits = mask_bits(picture.sheet.traces)
    without = [lead for lead, bit in bits.items() if bit == NO_BIT]
    if not without:
        return ()
    shown = ", ".join(without)
    return (f"the bit mask has {N_BITS} bits for {len(bits)} leads: none for {shown}",)


def bits_mask(picture: Picture) -> npt.NDArray[np.uint16]:
    """Map each pixel to the leads whose traces it belongs to.

    Parameters
    ----------
    picture
        The picture.

    Returns
    -------
    ndarray
        uint16, shape (height, width): bit k is set where a trace of the lead is that has k in
        `mask_bits`.

    Raises
    ------
    RecordingError
        It would have over 100 million pixels, beside a picture that is a vector file.
    """
    pairs, _ = _drawn(picture)
    return pairs.view(">u2").astype(np.uint16)[..., 0]


def bits_mask_png(picture: Picture, compression: str = FAST) -> bytes:
    """Encode the bit mask as a 16-bit grey PNG.

    `compression` is that of `Picture.png`.
    """
    pairs, touched = _drawn(picture)
    rows = SparseRows(pairs.reshape(len(pairs), -1), touched)
    said = {"bits": mask_bits(picture.sheet.traces)}
    return grey_png(picture, rows, said, compression, depth=16)


def _drawn(picture: Picture) -> tuple[Bytes, list[tuple[int, int]]]:
    """Draw the mask, the higher byte of each pixel first: uint8, shape (height, width, 2).

    Also the ranges of rows that any trace touches.
    """
    sheet = picture.sheet
    coverages = trace_coverages(picture, fine=True)
    bits = mask_bits(sheet.traces)
    pairs = np.zeros((sheet.frame.height, sheet.frame.width, 2), np.uint8)
    touched: list[tuple[int, int]] = []
    for one in coverages:
        bit = bits[one.trace.lead]
        if bit == NO_BIT:
            continue
        byte, own = pairs[..., 1 - bit // 8], np.uint8(1 << bit % 8)
        place = sheet.placement(one.trace)
        inside = (one.levels >= least_level(place.radius)).view(np.uint8)
        inside *= own
        spot = byte[one.where]
        np.bitwise_or(spot, inside, out=spot)
        column, row = _samples(one, place)
        byte[row, column] |= own
        touched.append((one.where[0].start, one.where[0].stop))
    return pairs, touched


def least_level(radius: float) -> int:
    """Give how much of a pixel a stroke must cover, of 255; `radius` is half its width, px."""
    # A level line covers two pixels of a column at most, so one of them has this much.
    width = min(1.0, 2 * max(radius, LEAST_RADIUS))
    return (int(_ALL * width) + 1) // 2


def _samples(
    one: TraceCoverage, place: Placement
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Column and row of the pixel of each sample."""
    there = np.flatnonzero(~np.isnan(one.line))
    x = place.x0 + there * place.px_per_sample
    y = place.y0 - one.line[there].astype(np.float64) * place.px_per_mv
    # Neither is negative.
    return x.astype(np.intp), y.astype(np.intp)
