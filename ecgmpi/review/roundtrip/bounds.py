"""How well a signal must come back from its picture, by the centre of the ink of each column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

MEASURED_AT = {"strip": 400 * 10 / 25.4, "page": 300 * 10 / 25.4}
"""Scale of the pictures that `BOUNDS` speaks of, px per mV: 400 and 300 dpi, 10 mm/mV."""

BOUNDS = {"strip": (18.0, 45.0), "page": (22.0, 55.0)}
"""Root mean square errors that are allowed there, median and worst lead, uV."""


def rms_error(found: npt.NDArray[Any], true: npt.NDArray[Any]) -> float:
    """Root mean square error of what was decoded, where the signal has a value.

    Parameters
    ----------
    found, true
        Shape (samples,), mV; gaps in `true` are NaN.

    Returns
    -------
    float
        In uV; NaN where there is no value at all.
    """
    there = ~np.isnan(true)
    if not there.any():
        return float("nan")
    return float(1e3 * np.sqrt(np.mean(np.square(found[there] - true[there]))))


def bounds_of(said: Mapping[str, Any]) -> tuple[float, float]:
    """Median and worst error that are allowed for a picture, uV.

    An error is a number of pixels: a scale of half as many pixels a millivolt allows twice as much.

    Parameters
    ----------
    said
        The annotation of the picture.
    """
    kind = "strip" if said["layout"] == "strip" else "page"
    coarser = MEASURED_AT[kind] / said["px_per_mv"]
    median, worst = BOUNDS[kind]
    return median * coarser, worst * coarser
