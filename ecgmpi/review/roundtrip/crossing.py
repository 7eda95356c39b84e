"""Which traces of a page touch each other: their ink cannot be told apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage

from .ink import Floats


@dataclass(frozen=True, slots=True)
class Line:
    """Where a trace is between each sample and the next.

    Attributes
    ----------
    first
        Sample intervals from the left edge of the grid.
    low, high
        The least and greatest y of its ink in the columns around, px; shape (samples - 1,),
        infinite in gaps.
    """

    first: int
    low: Floats
    high: Floats


def line_of(y: Floats, lead: dict[str, Any], said: dict[str, Any]) -> Line:
    """Make the line of a trace.

    Parameters
    ----------
    y
        Of its samples, px; shape (samples,), NaN in gaps.
    lead, said
        The lead, and the annotation that it stands in.
    """
    half = said["trace_width"] / 2 + 1
    per_sample = said["px_per_s"] / said["sampling_frequency"]
    # Two spikes side by side have ink in the same columns, though they never cross.
    size = 2 * math.ceil(half / per_sample) + 1
    low = np.nan_to_num(np.minimum(y[:-1], y[1:]), nan=np.inf)
    high = np.nan_to_num(np.maximum(y[:-1], y[1:]), nan=-np.inf)
    return Line(
        first=round((lead["x0"] - said["grid"]["box"][0]) / per_sample),
        low=ndimage.minimum_filter1d(low, size, mode="nearest") - half,
        high=ndimage.maximum_filter1d(high, size, mode="nearest") + half,
    )


def touches_another(lines: Sequence[Line], number: int) -> bool:
    """Whether a trace comes within some pixels of any other."""
    others = (line for k, line in enumerate(lines) if k != number)
    return any(_touch(lines[number], other) for other in others)


def _touch(one: Line, other: Line) -> bool:
    begin = max(one.first, other.first)
    end = min(one.first + len(one.low), other.first + len(other.low))
    if begin >= end:
        return False
    a, b = slice(begin - one.first, end - one.first), slice(begin - other.first, end - other.first)
    return bool(((one.low[a] < other.high[b]) & (other.low[b] < one.high[a])).any())
