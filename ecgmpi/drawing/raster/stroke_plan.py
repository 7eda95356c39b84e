"""Where a stroke goes, and what of its outline depends on its x alone: kept for the next lead."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .palette import FULL

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.intp]

SUBCOLUMNS = 5
"""Of each pixel, whose columns of ink are found apart."""
LEAST_RADIUS = 0.2
"""A stroke thinner than 0.4 px is drawn this wide: a lone sample is then 1/3 px tall, one
unit of coverage, in the sub-column nearest to it, wherever it lies."""


@dataclass(frozen=True, slots=True)
class Precision:
    """How exactly a stroke is found.

    Attributes
    ----------
    units
        To how many parts each sub-column's coverage of a pixel is rounded.
    finest
        Greatest distance between grid points, px.
    """

    units: int
    finest: float


DRAWN = Precision(FULL // SUBCOLUMNS, 0.28)
"""Of a picture, which has 16 levels: a third of the distance is no more accurate there."""
FINE = Precision(255 // SUBCOLUMNS, 0.14)
"""Where a pixel's coverage is to be known as well as a byte can tell it."""


class Placement(NamedTuple):
    """Where a trace goes, in the coordinates of `ecgmpi.geometry`.

    Attributes
    ----------
    x0
        Of the first sample, px.
    y0
        Of 0 mV, px.
    px_per_sample
        Distance between samples, px.
    px_per_mv
        Pixels per millivolt.
    radius
        Half the width of the stroke, px.
    """

    x0: float
    y0: float
    px_per_sample: float
    px_per_mv: float
    radius: float


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What depends only on the number of samples and the placement in x."""

    group: int  # samples merged into one grid point
    parts: int  # grid points a sample interval
    step: float  # px between grid points
    radius: float
    drops: tuple[np.float32, ...]  # half height of the disc at 0, 1, 2 ... steps from its centre
    tip: np.float32  # where the disc ends, in steps beyond the last of them
    first: int  # column of the picture
    left: npt.NDArray[
        np.intp
    ]  # (sub-columns, columns): grid point to the left, in the widened grid
    weight: Floats  # of the one to its right
    off: Places  # sub-columns, of the flattened, beyond both ends of the stroke


@lru_cache(maxsize=16)
def plan_of(
    n: int, x0: float, px_per_sample: float, radius: float, precision: Precision = DRAWN
) -> Plan:
    """Give the plan of a stroke of `n` samples from `x0`, px."""
    radius = max(radius, LEAST_RADIUS)
    finest = min(precision.finest, radius / 2)
    group = math.floor(max(1, min(n, finest / 2 / px_per_sample)))
    parts = math.ceil(px_per_sample / finest) if group == 1 else 1
    step = px_per_sample * group / parts
    points = (math.ceil(n / group) - 1) * parts + 1
    # A merged point stands in the middle of its samples.
    start = x0 + (group - 1) / 2 * px_per_sample
    end = start + (points - 1) * step

    # The slack keeps the tip away from 1 in float32, where a gap's infinity meets 1 - tip.
    reach = math.floor(radius / step + 1e-4)
    away = np.arange(reach + 1) * step
    drops = np.sqrt(np.maximum(0.0, radius * radius - away * away)).astype(np.float32)

    first = math.floor(start - radius)
    columns = math.floor(end + radius) + 1 - first
    x = first + np.arange(columns)[None, :] + (np.arange(SUBCOLUMNS)[:, None] + 0.5) / SUBCOLUMNS
    place = np.clip((x - start) / step + reach, 0, points - 1 + 2 * reach)
    left = np.minimum(place.astype(np.intp), points - 2 + 2 * reach)
    return Plan(
        group=group,
        parts=parts,
        step=step,
        radius=radius,
        drops=tuple(drops),
        tip=np.float32(max(0.0, radius / step - reach)),
        first=first,
        left=left,
        weight=(place - left).astype(np.float32),
        off=np.flatnonzero((x < start - radius) | (x > end + radius)),
    )
