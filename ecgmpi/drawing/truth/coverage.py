"""How much of each pixel the traces of a picture cover: what its masks of traces are made from."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing.picture import Picture
from ecgmpi.drawing.raster.stroke_plan import DRAWN, FINE, Floats, Precision
from ecgmpi.drawing.raster.trace_pixels import trace_levels
from ecgmpi.drawing.scene import TracePlace
from ecgmpi.drawing.size_limits import RASTER

Where: TypeAlias = tuple[slice, slice]


@dataclass(frozen=True, slots=True, eq=False)
class TraceCoverage:
    """The pixels of one trace.

    Attributes
    ----------
    trace, line
        The trace, and its line: float32, shape (n_samples,), mV from the baseline, NaN in gaps.
    where
        The rows and the columns of the picture that it lies in.
    levels
        uint8, shape (rows, columns): how much of each of these pixels it covers, as if there
        were no other trace: 15, or if they are fine 255, is all of it.
    """

    trace: TracePlace
    line: Floats
    where: Where
    levels: npt.NDArray[np.uint8]


def trace_coverages(picture: Picture, fine: bool = False) -> Iterator[TraceCoverage]:
    """Find the pixels of each trace that has samples, in the order of the sheet.

    Parameters
    ----------
    picture
        The picture.
    fine
        Whether levels are as fine as a byte can tell, and not as the picture has them.

    Raises
    ------
    RecordingError
        A mask would have over 100 million pixels, beside a picture that is a vector file.
    """
    # At once, and not when the first is taken: before anything of that size exists.
    RASTER.check("the mask", picture.sheet.frame, picture.n_samples)
    return _found(picture, FINE if fine else DRAWN)


def _found(picture: Picture, precision: Precision) -> Iterator[TraceCoverage]:
    sheet = picture.sheet
    height, width = sheet.frame.height, sheet.frame.width
    for trace, line in zip(sheet.traces, picture.lines, strict=True):
        if not len(line) or math.isnan(trace.low):
            continue
        place = sheet.placement(trace)
        top, left, levels = trace_levels(line, place, height, width, precision)
        where = np.s_[top : top + levels.shape[0], left : left + levels.shape[1]]
        yield TraceCoverage(trace, line, where, levels)
