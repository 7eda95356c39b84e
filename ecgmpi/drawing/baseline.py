"""What lies on the line of 0 mV: 0 mV itself, or the median of the lead."""

from __future__ import annotations

import numpy as np

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
    n = signal.shape[1]
    if not n:
        return [0.0] * len(signal)
    # Both places at once, of an odd number too: see `ecgmpi.ecg.residuals.median`.
    parted = np.partition(signal, (max(0, n // 2 - 1), n // 2), axis=1)
    above = parted[:, n // 2]
    below = above if n % 2 else parted[:, n // 2 - 1]
    pairs = zip(below.tolist(), above.tolist(), strict=True)
    return [0.5 * (low + high) for low, high in pairs]
