"""All that rank 0 does: claim OUT, lead the job, draw its share, gather the manifest."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.errors import ExitStatus, JobError
from ecgmpi.host.cores import affinity, bound_too_tight
from ecgmpi.outdir.lease import Lease
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.outdir.provenance import now, write_run
from ecgmpi.results.activity import GATHERING, REPORTING, RETRYING, WAITING
from ecgmpi.results.journal_index import JournalIndex
from ecgmpi.results.journal_writer import JournalWriter
from ecgmpi.results.label_columns import labels_of
from ecgmpi.results.manifest_stamp import write_sealed
from ecgmpi.results.result import Result
from ecgmpi.results.totals import Totals as Counts
from ecgmpi.store import Store

from .activity import ActivityRecorder
from .cataloguing import builder, few_shards
from .context import JobContext
from .dispatch import Dispatcher
from .finisher import Finisher
from .handshake import PAUSE, UNASKED
from .labels import tell_labels
from .leader import Leader
from .open_out import changed_content, claimed, completed
from .pool.attempts import InterruptedRuns, clear
from .pool.messages import StartWorkers
from .progress import Progress
from .protocol import Begin, Ready
from .rank import Rank
from .reporting import reported
from .run_facts import run_facts
from .scratch import remove_left
from .stop_conditions import MOST_ROWS_ON_A_STOP, StopConditions, too_many_failed
from .summary import Summary
from .suspects import retry_alone


def lead_job(job: JobContext) -> Summary:
    """Rank 0: the catalogue, the dispatch, a share of the drawing, manifest and report."""
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
    with _explained(job.paths.out), job.logged(), ExitStack() as stack:
        tell_labels(job.paths, catalogue, job.running.quiet)
        before = JournalIndex(job.paths.journals, catalogue.n_chunks, job.part)
        recorder = stack.enter_context(job.activity(before.next_run))
        leader, all_seen = _draw(job, catalogue, before, limits, lease, start, stopped, recorder)

        def check(doing: str = GATHERING) -> None:
            # The other ranks wait, for minutes if there are many rows.
            job.peers.beat()
            lease.check()
            recorder.tick(doing)

        check()
        journals = JournalIndex(job.paths.journals, catalogue.n_chunks, job.part)
        done = before.total.recordings + leader.counts.recordings
        total = _gather(job.paths, catalogue, journals, done, check, whole=job.running.part is None)
        expected = catalogue.chunks.n_recordings_of(job.part)
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
            labels=catalogue.label_tables,
            split=catalogue.split,
            drawn_now=leader.counts.drawn,
            restored=leader.counts.restored,
            retried=leader.counts.retried,
            seconds=time.monotonic() - begun,
            rate=leader.rate,
            stopped_by="" if complete else leader.stopped_by,
            part=str(job.running.part or ""),
            rank_lost=job.peers.any_lost,
        )
        lease.check()
        facts = run_facts(job, catalogue, leader, summary, started)
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
            reported(job, summary, partial(check, REPORTING))
            raise JobError(too_many_failed(limits.of_failures, journals))
        summary = reported(job, summary, partial(check, REPORTING))
    job.dismiss(summary.status)
    return summary


def _draw(
    job: JobContext,
    catalogue: Catalogue,
    before: JournalIndex,
    limits: StopConditions,
    lease: Lease,
    start: StartWorkers,
    stopped: Callable[[], str],
    recorder: ActivityRecorder,
) -> tuple[Leader, bool]:
    """Dispatch all that is left to draw, then what was done to be checked.

    Also whether every chunk was drawn or checked.
    """
    expected = catalogue.chunks.n_recordings_of(job.part)
    if before.damage and before.total.recordings < expected:
        for words in before.damage:
            print(f"ecgmpi: {words}; what they held is drawn again", file=sys.stderr, flush=True)
    if warning := bound_too_tight(affinity(), job.comm.masks):
        print(f"ecgmpi: {warning}", file=sys.stderr, flush=True)
    if job.running.verbose:
        print(
            f"ecgmpi: {catalogue.n_recordings} recordings in chunks of {catalogue.chunks.size}, "
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
        splits = catalogue.chunks.splits
        job.pool.begin(replace(start, fragments=fragments, splits=splits))
        dispatcher.known = _retried_alone(job, catalogue, before, stopped, recorder)
        job.peers.send_all(Begin(before.next_run, splits))
        job.peers.start_watching()
        store = job.spec.open_store(fragments, splits)
        leader = _dispatch(job, dispatcher, limits, lease, before, expected, store, recorder)
    remove_left(job.paths, job.running.part)
    if dispatcher.changed:
        raise changed_content(job.paths, dispatcher.changed)
    return leader, dispatcher.over


def _retried_alone(
    job: JobContext,
    catalogue: Catalogue,
    before: JournalIndex,
    stopped: Callable[[], str],
    recorder: ActivityRecorder,
) -> dict[int, Result]:
    """What has become of the recordings that may have taken the job down, by their index."""

    def polled() -> str:
        recorder.tick(RETRYING)
        return stopped()

    deaths = InterruptedRuns(job.attempts)
    known = retry_alone(deaths, catalogue, before, job.pool, polled)
    # Another rank counts them, by the clock of another node.
    known = {index: replace(result, timing=None) for index, result in known.items()}
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
    store: Store,
    recorder: ActivityRecorder,
) -> Leader:
    """Lead all ranks, and draw this one's share, until nothing is left or the job is stopped."""
    done = before.total
    # Where all is done there is nothing to stop; what is tried again counts if it fails again.
    over = job.running.retry_failed or done.recordings == expected
    limits.count(done.recordings, 0 if over else done.failed)
    how = "none" if job.running.quiet else job.running.progress
    progress = Progress(how, expected, done.recordings, done.failed)
    journal = JournalWriter(job.paths.journals, job.comm.rank, before.next_run)
    checker = job.checker(store)
    with closing(progress), closing(journal), closing(checker), job.beside() as beside:
        leader = Leader(job.peers, dispatcher, progress, limits, progress.begin)
        rank = Rank(
            partial(leader.receive, 0),
            job.pool,
            Finisher(store, beside),
            journal,
            checker,
            recorder,
            job.n_workers,
            lease.check,
            show_failures=job.running.verbose > 0,
        )
        leader.own = rank.receive
        leader.receive(0, Ready(job.n_workers))
        while not rank.over:
            lease.check()
            leader.turn(job.signals.received)
            rank.turn(PAUSE if rank.expects or job.peers.all else UNASKED)
        rank.finish()
        job.pool.end()
        progress.rank_ended()
        while not leader.all_finished:
            lease.check()
            leader.turn(job.signals.received)
            recorder.tick(WAITING)
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
        write_sealed(paths, journals, check, labels_of(catalogue))
    return total


def _status(complete: bool, failed: int, given_up: bool) -> int:
    if not complete:
        return ExitStatus.COULD_NOT_RUN if given_up else ExitStatus.STOPPED_EARLY
    return ExitStatus.COMPLETE_WITH_FAILURES if failed else ExitStatus.COMPLETE


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
