"""Every other rank: ask, draw, journal, until rank 0 says how the job ended."""

from __future__ import annotations

from contextlib import closing

from ecgmpi.errors import JobError
from ecgmpi.results.journal_writer import JournalWriter

from .comm.handshake import await_begin, finish
from .comm.heartbeat import LostRankError
from .context import JobContext
from .rank_loop import Rank
from .summary import Summary


def follow_job(job: JobContext) -> Summary:
    """Any other rank: request work, draw, journal, until rank 0 says how the job ended."""
    kind, value = await_begin(job.comm)
    if kind == "exit":
        return Summary(value, job.comm.rank)
    trouble: JobError | None = None
    rank: Rank | None = None
    try:
        job.pool.begin(job.start)
        journal = JournalWriter(job.paths.journals, job.comm.rank, value)
        store = job.spec.open_store()
        with closing(journal), closing(job.checker(store)) as checker:
            rank = Rank(job.comm, job.pool, store, journal, job.signals, checker, job.n_workers)
            rank.work()
    except LostRankError:
        raise
    except JobError as error:
        trouble = error
    job.pool.end()
    exit_status = rank.exit if rank else None
    status = finish(job.comm, exit_status, job.supervisor_facts, trouble, job.signals)
    return Summary(status, job.comm.rank)
