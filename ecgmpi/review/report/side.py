"""What a comparison keeps of the report of one OUT: numbers, never rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ecgmpi.results.totals import Totals
from ecgmpi.review.job_state import State

from .document import Document, as_numbers
from .findings import Tally

WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Side:
    """One OUT of several; made by `side_of`.

    Attributes
    ----------
    label
        Its short name.
    out
        OUT, as it was typed.
    called
        OUT, as messages name it.
    state, headline
        Where its job stands, in a word and in some.
    expected, left, total
        Recordings in the catalogue and those that are left, and what is done. `expected` is None
        where there is no catalogue yet.
    tally
        What is counted over all recordings that are done; None where there is no catalogue yet.
    rate
        Recordings a second over the newest run; None where that is not known.
    workers, ranks, hosts, troubled
        Of the newest run: how many workers, ranks, and ranks that are slow or silent, and its
        hosts; None where nothing is known.
    spent
        Stage, or `WAITING` -> share of the workers' time; empty where that is not known.
    wall_s
        How long its runs took in all, s; None where that is not known.
    options, versions
        What its pictures were made with; empty where that is not known.
    numbers
        All of its report, ready for JSON.
    """

    label: str
    out: Path
    called: str
    state: State
    headline: str
    expected: int | None
    left: int
    total: Totals
    tally: Tally | None
    rate: float | None
    workers: int | None
    ranks: int | None
    troubled: int | None
    hosts: tuple[str, ...]
    spent: dict[str, float]
    wall_s: float | None
    options: dict[str, str]
    versions: dict[str, str]
    numbers: dict[str, Any]


def side_of(document: Document, label: str) -> Side:
    """Keep the numbers of a report."""
    job, status, ranks = document.job, document.status, document.status.ranks
    return Side(
        label,
        job.paths.out,
        job.called,
        job.state,
        document.headline,
        job.expected if job.journals else None,
        status.left,
        status.total,
        document.tally,
        status.overall or None,
        sum(rank.activity.workers for rank in ranks) if ranks else None,
        len(ranks) or None,
        sum(bool(rank.trouble) for rank in ranks) if ranks else None,
        tuple(sorted({rank.activity.host for rank in ranks})),
        _spent(document),
        _wall(document.runs),
        document.options,
        document.versions,
        # Its pictures stand in its own report.
        {key: value for key, value in as_numbers(document).items() if key != "pictures"},
    )


def _spent(document: Document) -> dict[str, float]:
    series = document.over_time
    if series is None:
        return {}
    seconds = {**series.seconds, WAITING: series.waited}
    there = sum(seconds.values())
    return {stage: spent / there for stage, spent in seconds.items()} if there else {}


def _wall(runs: list[dict[str, Any]]) -> float | None:
    """How long any of the runs ran, s: parts of a divided job run side by side."""
    if not runs:
        return None
    spans = sorted(
        (begin, begin + float(run["seconds"]))
        for run in runs
        for begin in [datetime.fromisoformat(run["began"]).timestamp()]
    )
    wall, until = 0.0, spans[0][0]
    for begin, end in spans:
        wall += max(0.0, end - max(begin, until))
        until = max(until, end)
    return wall
