"""What lies on the line of 0 mV: 0 mV, or the median of the lead; nothing else is offered."""

from __future__ import annotations

import math

import numpy as np

from .stroke import Floats

MEDIAN, NONE = "median", "none"
BASELINES = (MEDIAN, NONE)


def median(samples: Floats) -> float:
    """Give the median of the finite samples, mV; 0 where there is none."""
    # Infinite samples are refused elsewhere, but two of them have no mean.
    with np.errstate(invalid="ignore"):
        middle = float(np.median(samples)) if len(samples) else 0.0
    if math.isfinite(middle):
        return middle
    there = samples[np.isfinite(samples)]
    return float(np.median(there)) if len(there) else 0.0
