"""What lies on the line of 0 mV: 0 mV itself, or the median of the lead."""

from __future__ import annotations

import numpy as np

from ecgmpi.ecg.middles import middles

from .raster.stroke_plan import Floats

MEDIAN, NONE = "median", "none"
BASELINES = (MEDIAN, NONE)


def median(samples: Floats) -> float:
    """Give the median of the finite samples of a lead, mV; 0 if there are none.

    Parameters
    ----------
    samples
        float32, shape (n_samples,), mV.
    """
    return medians(samples[None])[0]


def medians(signal: Floats) -> list[float]:
    """Give the `median` of each of several leads, float32, shape (n_leads, n_samples), mV."""
    if not np.isfinite(signal).all():
        return [medians(row[None, np.isfinite(row)])[0] for row in signal]
    if not signal.shape[1]:
        return [0.0] * len(signal)
    # Of zeros, which sign comes first depends on the processor.
    return [0.5 * (low + high) + 0.0 for low, high in middles(signal)]
