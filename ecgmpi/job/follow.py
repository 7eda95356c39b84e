"""All that every other rank does: wait, draw, journal, until rank 0 says how the job ended."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from ecgmpi.errors import JobError, LostLauncherError, LostRankError
from ecgmpi.results.journal_writer import JournalWriter

from .activity import ActivityRecorder
from .context import JobContext
from .finisher import Finisher
from .handshake import PAUSE, UNASKED, await_begin, check_leader, finish
from .protocol import Begin, Exit, Ready, Stopping, ToRank
from .rank import Rank
from .summary import Summary


def follow_job(job: JobContext) -> Summary:
    """Request work, draw and journal it, until rank 0 says how the job ended.

    Raises
    ------
    LostRankError
        Rank 0 is lost.
    LostLauncherError
        The launcher is.
    """
    begin = await_begin(job.peers)
    if isinstance(begin, Exit):
        return Summary(begin.status, job.comm.rank)
    with job.logged():
        return _follow(job, begin)


def _follow(job: JobContext, begin: Begin) -> Summary:
    job.peers.start_watching()
    trouble: JobError | None = None
    exit_status: int | None = None
    try:
        with job.fragments(begin.run) as fragments, job.activity(begin.run) as recorder:
            job.pool.begin(replace(job.start, fragments=fragments, splits=begin.splits))
            job.peers.send(0, Ready(job.n_workers))
            exit_status = _work(job, begin, fragments, recorder)
    except (LostRankError, LostLauncherError):
        raise
    except JobError as error:
        trouble = error
    job.pool.end()
    status = finish(job.peers, exit_status, job.supervisor_facts, trouble, job.signals)
    return Summary(status, job.comm.rank)


def _work(
    job: JobContext, begin: Begin, fragments: Path | None, recorder: ActivityRecorder
) -> int | None:
    """Draw until nothing is left; the exit status, if rank 0 has already sent it."""
    journal = JournalWriter(job.paths.journals, job.comm.rank, begin.run)
    store = job.spec.open_store(fragments, begin.splits)
    with closing(journal), closing(job.checker(store)) as checker, job.beside() as beside:
        rank = Rank(
            partial(job.peers.send, 0),
            job.pool,
            Finisher(store, beside),
            journal,
            checker,
            recorder,
            job.n_workers,
            show_failures=job.running.verbose > 0,
        )
        while not rank.over:
            check_leader(job.peers)
            if job.signals.received and not rank.stopped_by:
                job.peers.send(0, Stopping(job.signals.received))
                rank.drain(job.signals.received)
            for _, message in job.peers.receive():
                assert isinstance(message, ToRank), message
                rank.receive(message)
            rank.turn(PAUSE if rank.expects else UNASKED)
        rank.finish()
    return rank.exit
