"""The figures of a report, from the data of its document."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from ecgmpi.amounts import percent
from ecgmpi.results.timing import STAGES
from ecgmpi.review.ranks import RankState

from .document import Document
from .figures import Lane, bars, histogram, over_time, timeline
from .findings import Tally
from .over_time import OverTime
from .values import Distribution, Frequent

DISTRIBUTIONS: tuple[tuple[str, Callable[[Tally], Distribution]], ...] = (
    ("Largest amplitude", lambda tally: tally.amplitude),
    ("Amplitude range", lambda tally: tally.amplitude_range),
    ("Length", lambda tally: tally.length),
    ("Files written per recording", lambda tally: tally.size),
)
"""The distributions that are drawn, each under its title."""

MOST_LANES = 48
"""Ranks in the timeline: those in trouble, then others, evenly."""


def lanes_shown(ranks: Sequence[RankState]) -> list[RankState]:
    """Those in trouble, and others evenly, in their order."""
    if len(ranks) <= MOST_LANES:
        return list(ranks)
    troubled = [k for k, rank in enumerate(ranks) if rank.trouble][:MOST_LANES]
    others = [k for k, rank in enumerate(ranks) if not rank.trouble]
    room = MOST_LANES - len(troubled)
    step = max(1.0, len(others) / room) if room else math.inf
    even = [others[int(k * step)] for k in range(min(room, len(others)))]
    return [ranks[k] for k in sorted({*troubled, *even})]


def figures_of(document: Document) -> dict[str, Markup]:
    """Draw what ranks did: timeline, rate, working, stages; none where nothing is known."""
    series, ranks = document.over_time, document.status.ranks
    if series is None or not any(rank.activity.history.bins or rank.trouble for rank in ranks):
        # Or a job has just begun, or was killed at once: what it did is written down later.
        return {}
    shares = {id(rank): share for rank, share in zip(ranks, series.shares, strict=True)}
    shown = lanes_shown(ranks)
    lanes = [
        Lane(
            f"{rank.label} · {rank.activity.host}",
            rank.trouble or _pace(rank),
            bool(rank.trouble),
            shares[id(rank)],
        )
        for rank in shown
    ]
    told = [
        timeline(lanes, STAGES, series.bin_s, _of_timeline(ranks)),
        over_time(
            series.rate, series.bin_s, "recordings", "1/s", _of_rate(document.status.overall)
        ),
        over_time(
            series.working,
            series.bin_s,
            "workers at work",
            "",
            f"Of {series.workers} workers, {_mean(series.working):.1f} worked on average.",
            float(series.workers),
        ),
        bars([*series.seconds.items(), ("waiting", series.waited)], "s", _of_stages(series)),
    ]
    names = ("timeline", "rate", "working", "stages")
    return {name: Markup(svg) for name, svg in zip(names, told, strict=True)}


def _pace(rank: RankState) -> str:
    one = rank.activity
    return f"{one.recordings:,} at {one.rate:.1f}/s"


def _of_timeline(ranks: Sequence[RankState]) -> str:
    troubled = [rank for rank in ranks if rank.trouble]
    if not troubled:
        return f"{len(ranks)} ranks, none of them slow or silent."
    said = "; ".join(
        f"{rank.label} on {rank.activity.host} is {rank.trouble}" for rank in troubled[:5]
    )
    return f"Of {len(ranks)} ranks, {len(troubled)} in trouble: {said}."


def _of_rate(overall: float) -> str:
    return f"{overall:.1f} recordings a second over the whole run."


def _of_stages(series: OverTime) -> str:
    largest = max(series.seconds, key=series.seconds.__getitem__)
    there = sum(series.seconds.values()) + series.waited
    return f"Workers spent {percent(series.seconds[largest], there)} of their time on {largest}."


def _mean(values: Any) -> float:
    return float(values.mean()) if len(values) else 0.0


def distributions_of(tally: Tally) -> list[tuple[str, Markup]]:
    """Draw how amplitude, length, size and rate of recordings are distributed, with titles."""
    found = []
    for title, distribution_of in DISTRIBUTIONS:
        of = distribution_of(tally)
        if of.least is not None and of.most is not None:
            edges, counts = bounded(of)
            about = f"{title}: from {of.least:,.4g} to {of.most:,.4g} {of.unit}."
            svg = histogram(edges, counts, title.lower(), of.unit, about)
            found.append((title, Markup(svg)))
    if tally.rates.values:
        parts = _parts(tally.rates, "Hz")
        about = f"Rates: most often {parts[0][0]}."
        found.append(("Rate", Markup(bars(parts, "", about))))
    return found


def bounded(of: Distribution) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Give edges and counts of the bins of a distribution that hold something, and one beside.

    An end that is open is infinite.
    """
    edges, (counts,) = overlaid([of])
    return edges, counts


def overlaid(
    several: Sequence[Distribution],
) -> tuple[npt.NDArray[np.float64], list[npt.NDArray[np.int64]]]:
    """Give edges and counts of distributions of the same bins: of those bins that any needs.

    Raises
    ------
    ValueError
        All of them are empty.
    """
    edges = [-math.inf, *several[0].edges, math.inf]
    counts = np.array([of.counts for of in several])
    held = np.flatnonzero(counts.any(axis=0)).tolist()
    if not held:
        raise ValueError("nothing in any bin")
    first, last = held[0], held[-1]
    # One empty bin on either side shows that this is where it ends.
    first, last = max(first - 1, 1 if first else 0), min(last + 1, max(last, len(edges) - 3))
    return np.array(edges[first : last + 2]), list(counts[:, first : last + 1])


def _parts(of: Frequent, unit: str) -> list[tuple[str, float]]:
    parts = [
        (
            f"{one.value:g} {unit}" if isinstance(one.value, float) else str(one.value),
            float(one.count),
        )
        for one in of.values
    ]
    return [*parts, ("others", float(of.others))] if of.others else parts
