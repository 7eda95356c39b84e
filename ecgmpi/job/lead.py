"""All that rank 0 does: claim OUT, lead the job, draw its share, gather the manifest."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.errors import ExitStatus, JobError
from ecgmpi.host.cores import affinity, bound_too_tight
from ecgmpi.options.spelling import as_text
from ecgmpi.outdir.lease import Lease
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.outdir.provenance import now, write_run
from ecgmpi.results.journal_index import JournalIndex
from ecgmpi.results.journal_writer import JournalWriter
from ecgmpi.results.manifest_stamp import write_sealed
from ecgmpi.results.result import Result
from ecgmpi.results.totals import Totals as Counts

from .cataloguing import builder, few_shards
from .context import JobContext
from .dispatch import Dispatcher
from .finisher import Finisher
from .handshake import PAUSE
from .leader import Leader
from .open_out import changed_content, claimed, completed
from .pool.attempts import InterruptedRuns, clear
from .pool.messages import StartWorkers
from .progress import Progress
from .protocol import Begin, Ready
from .rank import Rank
from .scratch import remove_left
from .stop_conditions import MOST_ROWS_ON_A_STOP, StopConditions, too_many_failed
from .summary import Summary
from .suspects import retry_alone


def lead_job(job: JobContext) -> Summary:
    """Rank 0: the catalogue, the dispatch, a share of the drawing, and the manifest."""
    started, begun = now(), time.monotonic()
    limits = StopConditions(job.running)
    # Options that make no sense are refused before anything is written.
    start = job.start

    def stopped() -> str:
        job.peers.beat()
        return job.signals.received or limits.reached()

    claim = claimed(
        job.paths,
        job.inputs,
        job.rendering,
        builder(job.inputs, job.paths.out, job.rendering, stopped),
        job.running.overwrite,
        stopped,
        job.running.part,
    )
    catalogue, lease = job.ending.enter_context(claim)
    with _explained(job.paths.out), job.logged():
        leader, before, all_seen = _draw(job, catalogue, limits, lease, start, stopped)

        def check() -> None:
            # The other ranks wait, for minutes if there are many rows.
            job.peers.beat()
            lease.check()

        check()
        journals = JournalIndex(job.paths.journals, catalogue.n_chunks, job.part)
        done = before + leader.counts.recordings
        total = _gather(job.paths, catalogue, journals, done, check, whole=job.running.part is None)
        expected = catalogue.n_recordings_of(job.part)
        complete = all_seen and total.recordings == expected
        summary = Summary(
            status=_status(complete, total.failed, leader.stopped_by == limits.of_failures),
            expected=expected,
            recordings=total.recordings,
            failed=total.failed,
            pictures=total.pictures,
            bytes=total.bytes,
            failures=total.failures,
            assumed=total.assumed,
            skipped=catalogue.skipped,
            drawn_now=leader.counts.drawn,
            restored=leader.counts.restored,
            retried=leader.counts.retried,
            seconds=time.monotonic() - begun,
            rate=leader.rate,
            stopped_by="" if complete else leader.stopped_by,
            part=str(job.running.part or ""),
        )
        lease.check()
        facts = _facts(job, catalogue, leader, summary, started)
        if job.running.part:
            job.paths.parts.mkdir(exist_ok=True)
            write_run(job.paths.part(job.running.part), facts)
        else:
            write_run(job.paths.run_json, facts)
        if complete:
            clear(job.attempts)
        if complete and not job.running.part:
            completed(job.paths, job.rendering)
        elif summary.status == ExitStatus.COULD_NOT_RUN:
            raise JobError(too_many_failed(limits.of_failures, journals))
    job.dismiss(summary.status)
    return summary


def _draw(
    job: JobContext,
    catalogue: Catalogue,
    limits: StopConditions,
    lease: Lease,
    start: StartWorkers,
    stopped: Callable[[], str],
) -> tuple[Leader, int, bool]:
    """Dispatch all that is left to draw, then what was done to be checked.

    Also how many recordings were done before, and whether every chunk was drawn or checked.
    """
    expected = catalogue.n_recordings_of(job.part)
    before = JournalIndex(job.paths.journals, catalogue.n_chunks, job.part)
    if before.damage and before.total.recordings < expected:
        for words in before.damage:
            print(f"ecgmpi: {words}; what they held is drawn again", file=sys.stderr, flush=True)
    if warning := bound_too_tight(affinity(), job.comm.masks):
        print(f"ecgmpi: {warning}", file=sys.stderr, flush=True)
    if job.running.verbose:
        print(
            f"ecgmpi: {catalogue.n_recordings} recordings in chunks of {catalogue.chunk_size}, "
            f"{catalogue.n_ignored} other files ignored; ranks on {', '.join(job.comm.hosts)}; "
            f"{job.n_workers} workers on rank 0",
            file=sys.stderr,
            flush=True,
        )
    left = job.spec.packs and before.total.recordings < expected
    if left and (few := few_shards(catalogue, job.part, job.comm.size)):
        print(f"ecgmpi: {few}", file=sys.stderr, flush=True)
    dispatcher = Dispatcher(catalogue, before, job.comm.size, job.part, job.rendering.strict)
    # One folder at a time: an OUT that was moved away must not come back.
    for folder in (job.paths.attempts(None), job.attempts):
        folder.mkdir(exist_ok=True)
    remove_left(job.paths, job.running.part)
    with job.fragments(before.next_run) as fragments:
        job.pool.begin(replace(start, fragments=fragments))
        dispatcher.known = _retried_alone(job, catalogue, before, stopped)
        job.peers.send_all(Begin(before.next_run))
        job.peers.start_watching()
        leader = _dispatch(job, dispatcher, limits, lease, before, expected, fragments)
    remove_left(job.paths, job.running.part)
    if dispatcher.changed:
        raise changed_content(job.paths, dispatcher.changed)
    return leader, before.total.recordings, dispatcher.over


def _retried_alone(
    job: JobContext, catalogue: Catalogue, before: JournalIndex, stopped: Callable[[], str]
) -> dict[int, Result]:
    """What has become of the recordings that may have taken the job down, by their index."""
    deaths = InterruptedRuns(job.attempts)
    known = retry_alone(deaths, catalogue, before, job.pool, stopped)
    if job.spec.packs:
        # What was drawn just now is on this node, and its chunk may go to a rank elsewhere.
        known = {index: result for index, result in known.items() if result.failed}
    return known


def _dispatch(
    job: JobContext,
    dispatcher: Dispatcher,
    limits: StopConditions,
    lease: Lease,
    before: JournalIndex,
    expected: int,
    fragments: Path | None,
) -> Leader:
    """Lead all ranks, and draw this one's share, until nothing is left or the job is stopped."""
    done = before.total
    # Where all is done there is nothing to stop; what is tried again counts if it fails again.
    over = job.running.retry_failed or done.recordings == expected
    limits.count(done.recordings, 0 if over else done.failed)
    progress = Progress(job.running.progress, expected, done.recordings, done.failed)
    journal = JournalWriter(job.paths.journals, job.comm.rank, before.next_run)
    store = job.spec.open_store(fragments)
    checker = job.checker(store)
    with closing(progress), closing(journal), closing(checker), job.beside() as beside:
        leader = Leader(job.peers, dispatcher, progress, limits, progress.begin)
        rank = Rank(
            partial(leader.receive, 0),
            job.pool,
            Finisher(store, beside),
            journal,
            checker,
            job.n_workers,
            lease.check,
            show_failures=job.running.verbose > 0,
        )
        leader.own = rank.receive
        leader.receive(0, Ready(job.n_workers))
        while not rank.over:
            lease.check()
            leader.turn(job.signals.received)
            rank.turn(PAUSE)
        rank.finish()
        job.pool.end()
        while not leader.all_finished:
            lease.check()
            leader.turn(job.signals.received)
            time.sleep(PAUSE)
    return leader


def _gather(
    paths: JobPaths,
    catalogue: Catalogue,
    journals: JournalIndex,
    done: int,
    check: Callable[[], None],
    whole: bool = True,
) -> Counts:
    """The manifest, from the journals of all ranks and runs, which hold `done` recordings.

    `check` is called before it takes the place of another. Where the job is not the `whole`
    there is none yet: that of a part would be taken for that of all.

    Raises
    ------
    JobError
        The journals hold less.
    """
    total = journals.total
    if total.recordings < done:
        raise JobError(
            f"OUT {paths.out}: the journals hold {total.recordings} of {done} recordings "
            "that were done: something removed files below .ecgmpi; run the same command again "
            "to resume"
        )
    all_done = total.recordings == catalogue.n_recordings
    if whole and (all_done or total.recordings <= MOST_ROWS_ON_A_STOP):
        write_sealed(paths, journals, check)
    return total


def _status(complete: bool, failed: int, given_up: bool) -> int:
    if not complete:
        return ExitStatus.COULD_NOT_RUN if given_up else ExitStatus.STOPPED_EARLY
    return ExitStatus.COMPLETE_WITH_FAILURES if failed else ExitStatus.COMPLETE


def _facts(
    job: JobContext, catalogue: Catalogue, leader: Leader, summary: Summary, started: str
) -> dict[str, object]:
    """What goes into run.json."""
    return {
        "started": started,
        "ended": now(),
        "inputs": [os.path.abspath(given) for given in job.inputs],  # noqa: PTH100
        "options": as_text(job.rendering),
        "ranks": [
            {
                "host": host,
                **(leader.supervisor_of.get(number, {}) if number else job.supervisor_facts),
            }
            for number, host in enumerate(job.comm.hosts)
        ],
        "mpi": job.comm.library,
        "chunk_size": catalogue.chunk_size,
        "ignored_files": catalogue.n_ignored,
        **asdict(summary),
    }


@contextmanager
def _explained(out: Path) -> Iterator[None]:
    """What the system says of OUT, as one line."""
    try:
        yield
    except OSError as error:
        raise JobError(
            f"OUT {out}: {error.strerror or error}; check that it exists and has room, "
            "then run the same command again to resume"
        ) from error
