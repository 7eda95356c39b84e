"""The job on one page: claim OUT, list what there is, draw it on every rank, gather."""

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

from ecgmpi.amounts import ALL, Part
from ecgmpi.errors import ExitStatus, JobError
from ecgmpi.options import Rendering, Running, as_text

from .brief import Brief
from .catalogue import Catalogue
from .claim import claimed, completed
from .cores import affinity, bound_too_tight, quota, share
from .handout import HandOut
from .hands import Hands
from .journal import Journals, JournalWriter
from .journal import Summary as Counts
from .launch import Launch, detect
from .lease import Lease
from .limits import MOST_ROWS_ON_A_STOP, Limits, too_many_failed
from .link import Alone, Link
from .paths import JobPaths
from .progress import Progress
from .provenance import now, write_run
from .rank import Rank, await_begin, dismiss, finish
from .signals import Signals, interruptible


@dataclass(frozen=True, slots=True)
class Summary:
    """How a job ended.

    Attributes
    ----------
    status
        Exit status of the command.
    recordings, failed, pictures, bytes
        What OUT holds now, of `expected` recordings.
    failures
        How many recordings failed, by class.
    drawn_now
        Recordings that this run did, rank 0's view; the others were done before.
    seconds
        Wall time.
    stopped_by
        What stopped it early, or empty.
    rank
        Which rank says so; only rank 0 has the counts.
    part
        Which part of the job this was, such as 3/8; empty where it was all of it.
    """

    status: int
    rank: int = 0
    expected: int = 0
    recordings: int = 0
    failed: int = 0
    pictures: int = 0
    bytes: int = 0
    failures: dict[str, int] | None = None
    drawn_now: int = 0
    seconds: float = 0.0
    stopped_by: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class _Job:
    """What every step of a rank's work needs.

    Attributes
    ----------
    ending
        On rank 0: lets go of OUT, when no rank writes to it any more.
    """

    link: Link
    hands: Hands
    signals: Signals
    paths: JobPaths
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
        return self.running.workers or share(affinity(), self.link.masks, quota())


def run_job(inputs: Iterable[str], out: Path, rendering: Rendering, running: Running) -> Summary:
    """Draw every recording of `inputs` into `out`, with all the ranks there are.

    Raises
    ------
    JobError
        The job cannot be run, or cannot go on. Under a launcher it is raised on rank 0
        alone; the others return its exit status.
    """
    paths = JobPaths(out.absolute())
    brief = Brief(rendering, paths.out, rendering.pack, running.timeout, running.verbose)
    # Before MPI starts: a process started after it would inherit too much of it.
    hands = Hands(brief)
    link: Link | None = None
    ending = ExitStack()
    try:
        with interruptible():
            link = _connect(detect())
        hands.met()
        with Signals() as signals:
            job = _Job(link, hands, signals, paths, list(inputs), rendering, running, ending)
            return _lead(job) if link.rank == 0 else _follow(job)
    except JobError as error:
        if link:
            dismiss(link, error.exit_status)
        raise
    except BaseException as error:
        # The other ranks would wait for ever for one that failed.
        if link and link.size > 1:
            if not isinstance(error, KeyboardInterrupt):
                traceback.print_exc()
                sys.stderr.flush()
            ending.close()
            link.abort(ExitStatus.COULD_NOT_RUN)
        raise
    finally:
        hands.end()
        ending.close()


def _connect(launch: Launch | None) -> Link:
    host, mask = socket.gethostname(), affinity()
    if launch is None or launch.size == 1:
        return Alone(host, mask)
    from .mpi import connect

    return connect(launch, host, mask)


def _lead(job: _Job) -> Summary:
    """Rank 0: the catalogue, the hand-out, a share of the drawing, and the manifest."""
    started, begun = now(), time.monotonic()
    limits = Limits(job.running)

    def stopped() -> str:
        return job.signals.received or limits.reached()

    claim = claimed(
        job.paths, job.inputs, job.rendering, job.running.overwrite, stopped, job.running.part
    )
    catalogue, lease = job.ending.enter_context(claim)
    with _explained(job.paths.out):
        rank, before = _draw(job, catalogue, limits, lease)
        lease.check()
        journals = Journals(job.paths.journals, catalogue.n_chunks, job.part)
        done, divided = before + rank.counted, job.running.part is not None
        total = _gather(job.paths, catalogue, journals, done, lease.check, divided)
        expected = catalogue.n_recordings_of(job.part)
        complete = total.recordings == expected
        summary = Summary(
            status=_status(complete, total.failed, rank.stopped_by == limits.of_failures),
            expected=expected,
            recordings=total.recordings,
            failed=total.failed,
            pictures=total.pictures,
            bytes=total.bytes,
            failures=total.failures,
            drawn_now=total.recordings - before,
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
        if complete and not job.running.part:
            completed(job.paths, job.rendering)
        elif summary.status == ExitStatus.COULD_NOT_RUN:
            raise JobError(too_many_failed(limits.of_failures, journals))
    dismiss(job.link, summary.status)
    return summary


def _draw(job: _Job, catalogue: Catalogue, limits: Limits, lease: Lease) -> tuple[Rank, int]:
    """Hand out and draw all that is left; also how many recordings were done before."""
    before = Journals(job.paths.journals, catalogue.n_chunks, job.part)
    if warning := bound_too_tight(affinity(), job.link.masks):
        print(f"ecgmpi: {warning}", file=sys.stderr, flush=True)
    if job.running.verbose:
        print(
            f"ecgmpi: {catalogue.n_recordings} recordings in chunks of {catalogue.chunk_size}, "
            f"{catalogue.n_ignored} other files ignored; ranks on {', '.join(job.link.hosts)}; "
            f"{job.n_workers} workers on rank 0",
            file=sys.stderr,
            flush=True,
        )
    for other in range(1, job.link.size):
        job.link.send(other, ("begin",))
    job.hands.begin(job.n_workers)
    done = before.total
    limits.count(done.recordings, done.failed)
    expected = catalogue.n_recordings_of(job.part)
    progress = Progress(job.running.progress, expected, done.recordings, done.failed)
    journal = JournalWriter(job.paths.journals, job.link.rank)
    with closing(progress), closing(journal):
        desk = HandOut(catalogue, before, job.part)
        rank = Rank(
            job.link, job.hands, journal, job.signals, job.n_workers, desk, progress, limits, lease
        )
        rank.work()
        job.hands.end()
        rank.serve_until_all_finished()
    return rank, done.recordings


def _follow(job: _Job) -> Summary:
    """Any other rank: ask, draw, journal, until rank 0 says how it ended."""
    status = await_begin(job.link)
    if status is not None:
        return Summary(status, job.link.rank)
    trouble: JobError | None = None
    rank: Rank | None = None
    try:
        with ExitStack() as stack:
            job.hands.begin(job.n_workers)
            with _explained(job.paths.out):
                journal = stack.enter_context(
                    closing(JournalWriter(job.paths.journals, job.link.rank))
                )
            rank = Rank(job.link, job.hands, journal, job.signals, job.n_workers)
            rank.work()
    except JobError as error:
        trouble = error
    job.hands.end()
    return Summary(finish(job.link, rank, job.n_workers, trouble, job.signals), job.link.rank)


def _gather(
    paths: JobPaths,
    catalogue: Catalogue,
    journals: Journals,
    done: int,
    check: Callable[[], None],
    divided: bool = False,
) -> Counts:
    """The manifest, from the journals of all ranks and runs, which hold `done` recordings.

    `check` is called before it takes the place of another. Where the job is `divided`, there
    is none: it would be taken for that of all parts.

    Raises
    ------
    JobError
        The journals hold less.
    """
    from .manifest import write_manifest

    total = journals.total
    if total.recordings < done:
        raise JobError(
            f"OUT {paths.out}: the journals hold {total.recordings} of {done} recordings "
            "that were done: something removes files below .ecgmpi; run the same command again "
            "to go on"
        )
    all_done = total.recordings == catalogue.n_recordings
    if not divided and (all_done or total.recordings <= MOST_ROWS_ON_A_STOP):
        write_manifest(paths, journals, check)
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
            {"host": host, "workers": rank.workers_of.get(number, 0)}
            for number, host in enumerate(job.link.hosts)
        ],
        "mpi": job.link.library,
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
            f"OUT {out}: {error.strerror or error}; see that it is there and has room, "
            "then run the same command again to go on"
        ) from error
