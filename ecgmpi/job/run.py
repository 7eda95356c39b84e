"""The job on one page: claim OUT, build the catalogue, draw on every rank, gather."""

from __future__ import annotations

import os
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.errors import ExitStatus, JobError
from ecgmpi.host.cores import affinity, bound_too_tight, default_workers, quota
from ecgmpi.host.launch import Launch, detect
from ecgmpi.host.memory import worker_limit
from ecgmpi.host.signals import Signals, interruptible
from ecgmpi.options.quantities import ALL, Part
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.running import LEAST_MEMORY_MIB, Running
from ecgmpi.options.spelling import as_text
from ecgmpi.outdir.lease import Lease
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.outdir.provenance import now, write_run
from ecgmpi.results.journal_index import JournalIndex
from ecgmpi.results.journal_writer import JournalWriter
from ecgmpi.results.manifest_stamp import write_sealed
from ecgmpi.results.totals import Totals as Counts
from ecgmpi.store import Store

from .cataloguing import builder
from .comm.communicator import Communicator, SingleProcess
from .comm.handshake import SupervisorFacts, await_begin, dismiss, finish
from .comm.heartbeat import LostRankError
from .dispatch import Dispatcher
from .open_out import changed_content, claimed, completed
from .pool.attempts import InterruptedRuns, clear
from .pool.messages import JobSpec, StartWorkers
from .pool.pool import WorkerPool
from .progress import Progress
from .rank_loop import Rank
from .recheck import Checker, Checking
from .stop_conditions import MOST_ROWS_ON_A_STOP, StopConditions, too_many_failed
from .summary import Summary
from .suspects import retry_alone


@dataclass(frozen=True, slots=True)
class _Job:
    """What every step of a rank's work needs.

    Attributes
    ----------
    ending
        On rank 0: releases OUT, once no rank writes to it any more.
    """

    comm: Communicator
    pool: WorkerPool
    signals: Signals
    paths: JobPaths
    spec: JobSpec
    inputs: list[str]
    rendering: Rendering
    running: Running
    ending: ExitStack = field(default_factory=ExitStack)

    @property
    def part(self) -> Part:
        """What is to be drawn."""
        return self.running.part or ALL

    @property
    def n_workers(self) -> int:
        return self.running.workers or default_workers(affinity(), self.comm.masks, quota())

    def checker(self, store: Store) -> Checker:
        running = self.running
        checking = Checking(self.paths.journals, store, running.verify, running.retry_failed)
        return Checker(checking, self.n_workers)

    @property
    def attempts(self) -> Path:
        """Where this job, or its part, notes what is in flight."""
        return self.paths.attempts(self.running.part)

    @property
    def start(self) -> StartWorkers:
        """What the supervisor of this rank gets to start with."""
        bound = worker_limit(
            self.running.memory, LEAST_MEMORY_MIB, len(self.comm.masks), self.n_workers
        )
        return StartWorkers(self.n_workers, bound, self.attempts)

    @property
    def supervisor_facts(self) -> SupervisorFacts:
        """What run.json says of the workers of this rank."""
        return {"workers": self.n_workers, "workers_lost": dict(self.pool.lost)}


def run_job(inputs: Iterable[str], out: Path, rendering: Rendering, running: Running) -> Summary:
    """Draw every recording of `inputs` into `out`, with all the ranks there are.

    Raises
    ------
    JobError
        The job cannot be run, or cannot continue. Under a launcher it is raised on rank 0
        alone; the others return its exit status.
    """
    paths = JobPaths(out.absolute())
    spec = JobSpec(rendering, paths.out, rendering.pack, running.timeout, running.verbose)
    # Before MPI starts: a process started after it would inherit too much of it.
    pool = WorkerPool(spec)
    comm: Communicator | None = None
    ending = ExitStack()
    try:
        with interruptible():
            comm = _connect(detect())
        pool.met()
        with Signals() as signals:
            job = _Job(comm, pool, signals, paths, spec, list(inputs), rendering, running, ending)
            return _lead(job) if comm.rank == 0 else _follow(job)
    except LostRankError as error:
        assert comm is not None
        print(f"ecgmpi: {error}", file=sys.stderr, flush=True)
        ending.close()
        comm.abort(ExitStatus.COULD_NOT_RUN)
        raise
    except JobError as error:
        if comm:
            dismiss(comm, error.exit_status)
        raise
    except BaseException as error:
        # The other ranks would wait for ever for a rank that failed.
        if comm and comm.size > 1:
            if not isinstance(error, KeyboardInterrupt):
                traceback.print_exc()
                sys.stderr.flush()
            ending.close()
            comm.abort(ExitStatus.COULD_NOT_RUN)
        raise
    finally:
        pool.end()
        ending.close()


def _connect(launch: Launch | None) -> Communicator:
    host, mask = socket.gethostname(), affinity()
    if launch is None or launch.size == 1:
        return SingleProcess(host, mask)
    from .comm.mpi import connect

    return connect(launch, host, mask)


def _lead(job: _Job) -> Summary:
    """Rank 0: the catalogue, the dispatch, a share of the drawing, and the manifest."""
    started, begun = now(), time.monotonic()
    limits = StopConditions(job.running)
    # Options that make no sense are refused before anything is written.
    start = job.start

    def stopped() -> str:
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
    with _explained(job.paths.out):
        rank, before, all_seen = _draw(job, catalogue, limits, lease, start)
        lease.check()
        journals = JournalIndex(job.paths.journals, catalogue.n_chunks, job.part)
        done = before + rank.counts.recordings
        total = _gather(
            job.paths, catalogue, journals, done, lease.check, whole=job.running.part is None
        )
        expected = catalogue.n_recordings_of(job.part)
        complete = all_seen and total.recordings == expected
        summary = Summary(
            status=_status(complete, total.failed, rank.stopped_by == limits.of_failures),
            expected=expected,
            recordings=total.recordings,
            failed=total.failed,
            pictures=total.pictures,
            bytes=total.bytes,
            failures=total.failures,
            assumed=total.assumed,
            skipped=catalogue.skipped,
            drawn_now=rank.counts.drawn,
            restored=rank.counts.restored,
            retried=rank.counts.retried,
            seconds=time.monotonic() - begun,
            stopped_by="" if complete else rank.stopped_by,
            part=str(job.running.part or ""),
        )
        lease.check()
        facts = _facts(job, catalogue, rank, summary, started)
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
    dismiss(job.comm, summary.status)
    return summary


def _draw(
    job: _Job, catalogue: Catalogue, limits: StopConditions, lease: Lease, start: StartWorkers
) -> tuple[Rank, int, bool]:
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
    dispatcher = Dispatcher(catalogue, before, job.comm.size, job.part, job.rendering.strict)
    # One folder at a time: an OUT that was moved away must not come back.
    for folder in (job.paths.attempts(None), job.attempts):
        folder.mkdir(exist_ok=True)
    deaths = InterruptedRuns(job.attempts)
    job.pool.begin(start)
    dispatcher.known = retry_alone(
        deaths,
        catalogue,
        before,
        job.pool,
        lambda: job.signals.received or limits.reached(),
    )
    for other in range(1, job.comm.size):
        job.comm.send(other, ("begin", before.next_run))
    done = before.total
    # Where all is done there is nothing to stop; what is tried again counts if it fails again.
    over = job.running.retry_failed or done.recordings == expected
    limits.count(done.recordings, 0 if over else done.failed)
    progress = Progress(job.running.progress, expected, done.recordings, done.failed)
    journal = JournalWriter(job.paths.journals, job.comm.rank, before.next_run)
    store = job.spec.open_store()
    checker = job.checker(store)
    with closing(progress), closing(journal), closing(checker):
        rank = Rank(
            job.comm,
            job.pool,
            store,
            journal,
            job.signals,
            checker,
            job.n_workers,
            dispatcher,
            progress,
            limits,
            lease,
        )
        rank.work()
        job.pool.end()
        rank.serve_until_all_finished()
    if dispatcher.changed:
        raise changed_content(job.paths, dispatcher.changed)
    return rank, done.recordings, dispatcher.over


def _follow(job: _Job) -> Summary:
    """Any other rank: request work, draw, journal, until rank 0 says how the job ended."""
    kind, told = await_begin(job.comm)
    if kind == "exit":
        return Summary(told, job.comm.rank)
    trouble: JobError | None = None
    rank: Rank | None = None
    try:
        job.pool.begin(job.start)
        journal = JournalWriter(job.paths.journals, job.comm.rank, told)
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
    job: _Job, catalogue: Catalogue, rank: Rank, summary: Summary, started: str
) -> dict[str, object]:
    """What goes into run.json."""
    return {
        "started": started,
        "ended": now(),
        "inputs": [os.path.abspath(given) for given in job.inputs],  # noqa: PTH100
        "options": as_text(job.rendering),
        "ranks": [
            {"host": host, **(rank.supervisor_of[number] if number else job.supervisor_facts)}
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
