"""``--dry-run``: what a job would do and how large it would be, from a few recordings."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.inputs import refuse_same
from ecgmpi.host.cores import affinity, default_workers, quota
from ecgmpi.host.memory import worker_limit
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.running import LEAST_MEMORY_MIB, Running
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.results.result import Result
from ecgmpi.store import NOWHERE

from .cataloguing import builder
from .pool.messages import JobSpec, StartWorkers
from .pool.pool import WorkerPool

SAMPLE = 12
"""Recordings that are read and drawn, but not kept, to estimate the size of the others."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a job would do.

    Attributes
    ----------
    recordings, input_bytes, ignored
        Recordings found, their size, and files passed by.
    skipped
        How many files were skipped for their extension alone, see `Skipped.counts`.
    chunks
        Units that would be handed out.
    sampled
        What became of the recordings that were tried.
    labels
        How each table of labels matched the recordings, in lines.
    pictures, output_bytes
        Estimates for the whole job.
    """

    recordings: int
    input_bytes: int
    ignored: int
    skipped: dict[str, int]
    chunks: int
    sampled: tuple[Result, ...]
    labels: tuple[str, ...]
    pictures: int
    output_bytes: int


def estimate(inputs: Iterable[str], out: Path, rendering: Rendering, running: Running) -> Estimate:
    """Look at `inputs` and draw a few of them into nothing.

    Raises
    ------
    UsageError
        As the job itself would raise it.
    """
    inputs = list(inputs)
    refuse_same(JobPaths(out.absolute()), inputs)
    with tempfile.TemporaryDirectory() as folder:
        catalogue = builder(inputs, out, rendering)(Path(folder) / "catalogue.sqlite", True)
        with closing(catalogue):
            results = tuple(_try(catalogue, rendering, running, Path(folder)))
            times = catalogue.n_recordings / len(results)
            return Estimate(
                recordings=catalogue.n_recordings,
                input_bytes=catalogue.n_bytes,
                ignored=catalogue.n_ignored,
                skipped=catalogue.skipped,
                chunks=catalogue.n_chunks,
                sampled=results,
                labels=tuple(catalogue.told_of_labels()),
                pictures=round(times * sum(r.recording["pictures"] for r in results)),
                output_bytes=round(times * sum(r.recording["bytes"] for r in results)),
            )


def _try(
    catalogue: Catalogue, rendering: Rendering, running: Running, folder: Path
) -> list[Result]:
    pool = WorkerPool(JobSpec(rendering, folder, NOWHERE, running.timeout, running.verbose))
    try:
        pool.ranks_ready()
        mine = affinity()
        n_workers = running.workers or default_workers(mine, [mine], quota())
        memory = worker_limit(running.memory, LEAST_MEMORY_MIB, 1, n_workers)
        pool.begin(StartWorkers(n_workers, memory))
        pool.give(catalogue.sample(SAMPLE))
        results: list[Result] = []
        while pool.in_flight:
            results.extend(pool.take(1.0))
        return sorted(results, key=lambda result: result.index)
    finally:
        pool.end()
