"""What the ranks of a run did over time, in the same bins: their files count in bins of their own.

Times of `RankState.activity` are on one clock already.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecgmpi.results.activity import PER_BIN, Activity
from ecgmpi.results.timing import STAGES
from ecgmpi.review.ranks import RankState

MOST_BINS = 96
"""Bins that a figure shows."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OverTime:
    """A run in bins of equal length; all arrays have a value a bin.

    Attributes
    ----------
    began
        When the first rank began, s since 1970, by the clock of its ranks' activity.
    bin_s
        Length of a bin, s.
    rate
        Recordings a second, shape (n_bins,).
    working
        Workers that work, on average over the bin, shape (n_bins,).
    workers
        How many workers there are.
    shares
        For each rank, shape (n_stages, n_bins): share of its workers' time in each of `STAGES`;
        NaN before it began, and while it gave no sign of life.
    seconds
        Seconds of workers per stage, over all.
    waited
        Seconds of workers that they waited.
    """

    began: float
    bin_s: float
    rate: Floats
    working: Floats
    workers: int
    shares: list[Floats]
    seconds: dict[str, float]
    waited: float


def over_time(ranks: Sequence[RankState]) -> OverTime | None:
    """Add up the histories of the ranks of a run; None where nothing was done."""
    some = [rank for rank in ranks if rank.activity.lasted > 0]
    if not some:
        return None
    began = min(rank.activity.began for rank in some)
    # A silent rank has been silent up to the present.
    end = max(rank.activity.renewed + (rank.silence if rank.silent else 0.0) for rank in some)
    finest = max(rank.activity.history.bin_s for rank in some)
    n_bins = max(1, min(MOST_BINS, math.ceil((end - began) / finest)))
    edges = np.linspace(0.0, end - began, n_bins + 1)
    bin_s = float(edges[1])
    rate, working = np.zeros(n_bins), np.zeros(n_bins)
    shares = []
    for rank in ranks:
        one = rank.activity
        done = _spread(one, edges + began - one.began)
        seconds = done[len(PER_BIN) - len(STAGES) :]
        rate += done[0] / bin_s
        working += seconds.sum(axis=0) / bin_s
        shares.append(_shares(rank, seconds, edges + began))
    spent = {
        stage: sum(rank.activity.seconds[k] for rank in some) for k, stage in enumerate(STAGES)
    }
    there = sum(rank.activity.workers * rank.activity.lasted for rank in some)
    return OverTime(
        began,
        bin_s,
        rate,
        working,
        sum(rank.activity.workers for rank in some),
        shares,
        spent,
        max(0.0, there - sum(spent.values())),
    )


def _spread(one: Activity, edges: Floats) -> Floats:
    """What a rank counted between edges, s since it began; shape (per bin, n_edges - 1).

    What it counted in one of its own bins is spread evenly over that.
    """
    history = one.history
    if not history.bins:
        return np.zeros((len(PER_BIN), edges.size - 1))
    sums = np.cumsum(np.array(history.bins), axis=0)
    sums = np.vstack([np.zeros(len(PER_BIN)), sums])
    own = history.bin_s * np.arange(len(sums))
    # The last one is not full yet.
    own[-1] = max(own[-2] + 1e-3, min(own[-1], one.lasted))
    return np.array([np.diff(np.interp(edges, own, column)) for column in sums.T])


def _shares(rank: RankState, seconds: Floats, edges: Floats) -> Floats:
    """Share of the workers' time per stage; `edges` are s since 1970."""
    one = rank.activity
    end = one.renewed
    lived = np.clip(np.minimum(edges[1:], end) - np.maximum(edges[:-1], one.began), 0, None)
    there = one.workers * lived
    shares = np.divide(seconds, there, out=np.zeros_like(seconds), where=there > 0)
    shares = np.clip(shares, 0.0, 1.0)
    absent = edges[1:] <= one.began
    if rank.silent:
        absent |= edges[:-1] >= end
    for begin, until in one.silences:
        absent |= (edges[:-1] >= one.began + begin) & (edges[1:] <= one.began + until)
    shares[:, absent] = np.nan
    total = shares.sum(axis=0)
    # Rounding, and workers that began before their rank did.
    scaled: Floats = shares / np.maximum(total, 1.0)
    return scaled
