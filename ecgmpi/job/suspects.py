"""Recordings that were in hand when the job died, twice: the third time they are alone.

Rank 0 tries them before it tells the others to begin, one after another and with nothing
else in hand anywhere: one that takes the job down then is to blame, and has failed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.item import Item
from ecgmpi.errors import StoppedError
from ecgmpi.results.journal_index import JournalIndex
from ecgmpi.results.result import Result

from .pool import failures
from .pool.attempts import MOST_ATTEMPTS, InterruptedRuns
from .pool.pool import WorkerPool

LOOK_UP = 0.2
"""Seconds between two looks at whether the job was stopped."""

LEAVE_AFTER = 5.0
"""Seconds that what is tried may still take when the job is stopped."""


def retry_alone(
    deaths: InterruptedRuns,
    catalogue: Catalogue,
    journals: JournalIndex,
    pool: WorkerPool,
    stopped: Callable[[], str],
) -> dict[int, Result]:
    """What becomes of the recordings that may have taken the job down.

    Parameters
    ----------
    deaths
        What was in hand when runs before this one died. Forgotten, where it is done by now.
    catalogue, journals
        What there is to do, and what is done.
    hands
        The workers of rank 0.
    stopped
        Asked now and then: what has stopped the job, or empty.

    Returns
    -------
    dict
        Index -> result, of those that were tried alone now, or too often before.

    Raises
    ------
    StoppedError
        The job was stopped, and what was being tried did not end in time.
    """
    deaths.forget(lambda index: journals.is_done(index // catalogue.chunk_size))
    known: dict[int, Result] = {}
    for item, attempts in _suspects(deaths, catalogue, journals):
        if attempts >= MOST_ATTEMPTS:
            known[item.index] = failures.too_often(item)
        elif not stopped():
            pool.give([item])
            for result in _results(pool, stopped):
                known[item.index] = result
    return known


def _suspects(
    deaths: InterruptedRuns, catalogue: Catalogue, journals: JournalIndex
) -> Iterator[tuple[Item, int]]:
    for index, attempts in sorted(deaths.attempts.items()):
        number, place = divmod(index, catalogue.chunk_size)
        in_reach = index < catalogue.n_recordings and not journals.is_done(number)
        if attempts >= MOST_ATTEMPTS - 1 and in_reach:
            yield catalogue.chunk(number)[place], attempts


def _results(pool: WorkerPool, stopped: Callable[[], str]) -> Iterator[Result]:
    leave_at = float("inf")
    while pool.in_flight:
        yield from pool.take(LOOK_UP)
        if stopped() and leave_at == float("inf"):
            pool.leave()
            leave_at = time.monotonic() + LEAVE_AFTER
        if time.monotonic() > leave_at:
            raise StoppedError(stopped())
