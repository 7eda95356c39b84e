"""What lies on the line of 0 mV: 0 mV itself, or the median of the lead."""

from __future__ import annotations

import numpy as np

from .raster.stroke import Floats

MEDIAN, NONE = "median", "none"
BASELINES = (MEDIAN, NONE)


def median(samples: Floats) -> float:
    """Give the median of the finite samples of a lead, mV; 0 if there are none.

    Parameters
    ----------
    samples
        float32, shape (n_samples,), mV.
    """
    there = np.isfinite(samples)
    if not there.all():
        samples = samples[there]
    n = len(samples)
    if not n:
        return 0.0
    # One partition and a maximum take half the time of two partitions.
    parted = np.partition(samples, n // 2)
    above = float(parted[n // 2])
    below = above if n % 2 else float(parted[: n // 2].max())
    return 0.5 * (below + above)
