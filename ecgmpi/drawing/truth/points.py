"""The pixel of every sample as an array: what the annotation says in JSON, quick to read."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing.picture import Picture
from ecgmpi.drawing.raster.stroke_plan import Floats
from ecgmpi.drawing.scene import TracePlace
from ecgmpi.npy import npy


def sample_points(picture: Picture, trace: TracePlace, line: Floats) -> npt.NDArray[np.float64]:
    """Where the samples of a trace lie.

    Parameters
    ----------
    picture, trace, line
        A trace of a picture, and the line of that trace.

    Returns
    -------
    ndarray
        float64, shape (n_samples, 2): x and y, px; y is NaN in gaps.
    """
    place = picture.sheet.placement(trace)
    x = place.x0 + np.arange(len(line)) * place.px_per_sample
    y = place.y0 - line.astype(np.float64) * place.px_per_mv
    return np.stack([x, y], axis=1)


def points_npy(picture: Picture) -> bytes:
    """Where every sample on a picture lies, as the content of a ``.npy`` file.

    Returns
    -------
    bytes
        float32, shape (n_points, 2): x and y, px, the traces one after another in the order of
        the annotation's ``leads``; y is NaN in gaps.
    """
    traces = zip(picture.sheet.traces, picture.lines, strict=True)
    places = [sample_points(picture, trace, line) for trace, line in traces]
    return npy(np.concatenate(places).astype(np.float32))
