"""What every rank of a job holds: its options, its place among the ranks, its pool."""

from __future__ import annotations

import atexit
import socket
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ecgmpi.host.cores import affinity, default_workers, quota
from ecgmpi.host.launch import Launch
from ecgmpi.host.memory import worker_limit
from ecgmpi.host.signals import Signals
from ecgmpi.names import written
from ecgmpi.options.quantities import ALL, Part
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.running import LEAST_MEMORY_MIB, Running
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.results.activity import ENDED, STARTING, Activity, file_name, remove_outdated
from ecgmpi.store import Store

from .activity import ActivityRecorder
from .comm.communicator import SingleProcess
from .handshake import dismiss
from .log import logged
from .peers import Peers
from .pool.messages import JobSpec, StartWorkers
from .pool.pool import WorkerPool
from .protocol import JobCommunicator, SupervisorFacts
from .recheck import Checker, Checking
from .scratch import fragment_folder

ReportWriter = Callable[[Path, Callable[[], None], bool], Path | None]
"""Writes the report of OUT and says where it is. The second argument is called now and then; the
third says whether pictures are shown, too."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """What every step of a rank's work needs.

    Attributes
    ----------
    report
        Writes the report on rank 0; None for no report.
    command
        What was typed to run the job, without the launcher; empty where nothing was.
    ending
        On rank 0: releases OUT, once no rank writes to it any more.
    """

    comm: JobCommunicator
    peers: Peers
    pool: WorkerPool
    signals: Signals
    paths: JobPaths
    spec: JobSpec
    inputs: list[str]
    rendering: Rendering
    running: Running
    report: ReportWriter | None = None
    command: Sequence[str] = ()
    ending: ExitStack = field(default_factory=ExitStack)

    @property
    def part(self) -> Part:
        """What is to be drawn."""
        return self.running.part or ALL

    @property
    def n_workers(self) -> int:
        """Workers of this rank."""
        return self.running.workers or default_workers(affinity(), self.comm.masks, quota())

    def checker(self, store: Store) -> Checker:
        """Make what looks through chunks that an earlier run did."""
        running = self.running
        checking = Checking(self.paths, store, running.verify, running.retry_failed)
        return Checker(checking, self.n_workers)

    @property
    def attempts(self) -> Path:
        """Where this job, or its part, notes what is in flight."""
        return self.paths.attempts(self.running.part)

    @contextmanager
    def fragments(self, run: int) -> Iterator[Path | None]:
        """A folder for what this rank has drawn and not packed, for a block of `run`.

        None where nothing is packed.
        """
        if not self.spec.packs:
            yield None
            return
        name = f"{run:06d}-{self.comm.rank:05d}"
        scratch = self.running.scratch
        with fragment_folder(self.paths, self.running.part, scratch, name) as folder:
            try:
                yield folder
            finally:
                # Before the folder goes: workers may still be writing there.
                self.pool.end()

    def beside(self) -> AbstractContextManager[Executor | None]:
        """What finishes shards while a rank does other things; None where there are none."""
        return ThreadPoolExecutor(1) if self.spec.packs else nullcontext()

    @property
    def start(self) -> StartWorkers:
        """What the supervisor of this rank gets to start with, but for its fragments."""
        bound = worker_limit(
            self.running.memory, LEAST_MEMORY_MIB, len(self.comm.masks), self.n_workers
        )
        return StartWorkers(self.n_workers, bound, self.attempts)

    @contextmanager
    def activity(self, run: int) -> Iterator[ActivityRecorder]:
        """Tell what this rank does, for a block of `run` in which OUT is claimed."""
        paths, rank, part = self.paths, self.comm.rank, self.running.part
        known = Activity(
            rank, self.comm.size, run, str(part or ""), self.comm.hosts[rank], self.n_workers
        )
        if rank == 0:
            known.command = [*map(written, self.command)]
            with suppress(OSError):
                known.folder = written(str(Path.cwd()))
            # The other ranks begin with theirs later, when this one says so.
            remove_outdated(paths.progress, part, run)
        with suppress(OSError):
            # Without parents: an OUT that was moved away must not reappear.
            paths.progress.mkdir(exist_ok=True)
        recorder = ActivityRecorder(paths.progress / file_name(part, rank, run), known, self.pool)
        recorder.tick(STARTING)
        yield recorder
        # After an error, OUT may be another job's.
        recorder.tick(ENDED)

    def logged(self) -> AbstractContextManager[None]:
        """Write the log of this rank, while a block runs in which OUT is claimed."""
        rank, running = self.comm.rank, self.running
        return logged(self.paths, rank, self.comm.hosts[rank], running.part, running.verbose)

    def dismiss(self, status: int) -> None:
        """On rank 0, last: end the other ranks with `status`.

        If one of them is lost, this process ends without MPI_Finalize, which would wait for it:
        as soon as Python has nothing more to do, it leaves.
        """
        if not dismiss(self.peers, status):
            atexit.register(self.comm.leave, status)

    @property
    def supervisor_facts(self) -> SupervisorFacts:
        """What run.json says of the workers of this rank."""
        return {
            "workers": self.n_workers,
            "workers_lost": dict(self.pool.lost),
            "supervisors_lost": self.pool.supervisors_lost,
        }


def connect_ranks(launch: Launch | None) -> JobCommunicator:
    """Connect this rank to the others; a process that no launcher started is alone."""
    host, mask = socket.gethostname(), affinity()
    if launch is None or launch.size == 1:
        return SingleProcess(host, mask)
    from .comm.mpi import connect

    return connect(launch, host, mask)
