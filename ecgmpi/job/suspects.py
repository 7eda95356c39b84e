"""Recordings that were in flight at two deaths of the job: the third attempt runs alone.

Rank 0 retries them one after another, before the other ranks begin and with nothing else in
flight anywhere. A recording that takes the job down then is to blame, and has failed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.item import Item
from ecgmpi.errors import StoppedError
from ecgmpi.results.journal_index import JournalIndex
from ecgmpi.results.result import Result

from .handshake import DRAIN_FOR
from .pool import failures
from .pool.attempts import MOST_ATTEMPTS, InterruptedRuns
from .rank import Pool

_POLL = 0.2
"""Seconds between two checks whether the job was stopped."""


def retry_alone(
    deaths: InterruptedRuns,
    catalogue: Catalogue,
    journals: JournalIndex,
    pool: Pool,
    stopped: Callable[[], str],
    clock: Callable[[], float] = time.monotonic,
) -> dict[int, Result]:
    """Retry alone the recordings that may have taken the job down.

    Parameters
    ----------
    deaths
        What was in flight when earlier runs died; what is done by now is forgotten.
    catalogue, journals
        What there is to do, and what is done.
    pool
        The workers of rank 0.
    stopped
        Polled: what has stopped the job, or empty.
    clock
        Seconds, for tests.

    Returns
    -------
    dict
        Index -> result of each that was retried alone now, or was tried too often before.

    Raises
    ------
    StoppedError
        The job was stopped, and the retry did not end in time.
    """
    deaths.forget(lambda index: journals.is_done(catalogue.chunks.of(index)))
    known: dict[int, Result] = {}
    for item, attempts in _suspects(deaths, catalogue, journals):
        if attempts >= MOST_ATTEMPTS:
            known[item.index] = failures.too_often(item)
        elif not stopped():
            pool.give([item])
            for result in _results(pool, stopped, clock):
                known[item.index] = result
    return known


def _suspects(
    deaths: InterruptedRuns, catalogue: Catalogue, journals: JournalIndex
) -> Iterator[tuple[Item, int]]:
    for index, attempts in sorted(deaths.attempts.items()):
        in_reach = index < catalogue.n_recordings
        in_reach = in_reach and not journals.is_done(catalogue.chunks.of(index))
        if attempts >= MOST_ATTEMPTS - 1 and in_reach:
            (item,) = catalogue.items([index])
            yield item, attempts


def _results(
    pool: Pool, stopped: Callable[[], str], clock: Callable[[], float]
) -> Iterator[Result]:
    leave_at = float("inf")
    while pool.in_flight:
        yield from pool.take(_POLL)
        if stopped() and leave_at == float("inf"):
            pool.drain()
            leave_at = clock() + DRAIN_FOR
        if clock() > leave_at:
            raise StoppedError(stopped())
