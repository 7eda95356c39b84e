"""Which traces of a page touch each other: their ink cannot be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .ink import Floats


@dataclass(frozen=True, slots=True)
class Line:
    """Where a trace is between each sample and the next.

    Attributes
    ----------
    first
        Sample intervals from the left edge of the grid.
    low, high
        The least and greatest y, with its stroke, px; shape (samples - 1,), NaN in gaps.
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
    return Line(
        first=round((lead["x0"] - said["grid"]["box"][0]) / per_sample),
        low=np.minimum(y[:-1], y[1:]) - half,
        high=np.maximum(y[:-1], y[1:]) + half,
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
