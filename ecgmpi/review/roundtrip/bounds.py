"""How far a decoded signal may be from its recording: by the centre of the ink of each column.

The centre of the ink of a column is not the signal where the line is steep: the stroke, as wide in
time as it is, smears it. Gain plays no part in that. On 25 real leads, the error grew with the
1.4th power of stroke plus one pixel, in s, whether speed, resolution or stroke was changed; the
bounds grow with `POWER`, to stay above it. At a small gain, levels of ink are steps, too: 0.2 px,
for which the bounds have `STEP_PX`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

BOUNDS = {"strip": (18.0, 45.0), "page": (22.0, 55.0)}
"""Root mean square errors, median and worst lead, uV: of strips at 400 dpi, pages at 300."""

OF_RANGE = 0.03
"""How much more of the range of a lead its error may be: one that is tall is steep, too."""

POWER = 1.75
STEP_PX = 0.3

_MM_PER_INCH, _STROKE_MM, _SPEED = 25.4, 0.18, 25.0
_DPI = {"strip": 400.0, "page": 300.0}


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
    """Median and worst error that the leads of a picture may have, uV, apart from `OF_RANGE`.

    They are `BOUNDS`, and more where a column of pixels and the stroke take more time than there,
    or a pixel is more of a millivolt.

    Parameters
    ----------
    said
        The annotation of the picture.

    Examples
    --------
    >>> said = {"layout": "strip", "trace_width": 2.835, "px_per_s": 393.7, "px_per_mv": 157.48}
    >>> [round(bound) for bound in bounds_of(said)]
    [18, 45]
    >>> coarse = {"trace_width": 0.709, "px_per_s": 98.43, "px_per_mv": 39.37}
    >>> [round(bound) for bound in bounds_of(said | coarse)]
    [50, 124]
    """
    kind = "strip" if said["layout"] == "strip" else "page"
    per_mm = _DPI[kind] / _MM_PER_INCH
    usual = (_STROKE_MM * per_mm + 1) / (_SPEED * per_mm)
    smear = (said["trace_width"] + 1) / said["px_per_s"]
    wider = max(1.0, smear / usual) ** POWER
    step = 1e3 * STEP_PX / said["px_per_mv"]
    median, worst = BOUNDS[kind]
    return math.hypot(median * wider, step), math.hypot(worst * wider, step)
