"""The loop of a rank: request chunks, feed the workers, write the journal, report to rank 0.

Rank 0 does the same and, between two of its own results, answers the other ranks. Their messages
stand in `ecgmpi.job.comm`.
"""

from __future__ import annotations

import time

from ecgmpi.host.signals import Signals
from ecgmpi.outdir.lease import Lease
from ecgmpi.results.journal_writer import JournalWriter
from ecgmpi.store import Store

from .comm.communicator import Communicator, Message
from .comm.handshake import DRAIN_FOR, PAUSE, SupervisorFacts
from .comm.heartbeat import HEARTBEAT_EVERY, Heartbeat
from .dispatch import Chunk, Dispatcher
from .in_flight import Complete, Counts, InFlight
from .pool.messages import index_of
from .pool.pool import WorkerPool
from .progress import Progress
from .rank_errors import error_of, journal_error
from .recheck import Checker
from .stop_conditions import StopConditions

CHECKED_AHEAD = 16
"""Chunks that may wait to be checked; with fewer, a rank requests more."""


class Rank:
    """One rank at work.

    Parameters
    ----------
    comm, pool, store, journal, signals
        The other ranks, the workers, where pictures go, this rank's journal, the signals
        received.
    checker
        Checks chunks that an earlier run finished.
    n_workers
        Workers of this rank; twice as many recordings are kept in flight.
    dispatcher, progress, limits, lease
        On rank 0 alone.

    Attributes
    ----------
    exit
        The exit status that rank 0 has sent, once it has.
    stopped_by
        What stopped the job early; empty where nothing did.
    counts
        On rank 0: what this run did, over all ranks.
    supervisor_of
        On rank 0: what became of the workers of each other rank, once that has finished.
    """

    def __init__(
        self,
        comm: Communicator,
        pool: WorkerPool,
        store: Store,
        journal: JournalWriter,
        signals: Signals,
        checker: Checker,
        n_workers: int,
        dispatcher: Dispatcher | None = None,
        progress: Progress | None = None,
        limits: StopConditions | None = None,
        lease: Lease | None = None,
    ) -> None:
        self._comm = comm
        self._pool = pool
        self._store = store
        self._journal = journal
        self._signals = signals
        self._checker = checker
        self._n_workers = n_workers
        self._dispatcher = dispatcher
        self._progress = progress
        self._limits = limits
        self._lease = lease
        self._pending = InFlight()
        # Any other rank watches rank 0 only while it waits for an answer.
        watched = range(1, comm.size) if comm.rank == 0 else ()
        self._heartbeat = Heartbeat(watched, comm.hosts)
        self._beat_next = 0.0
        self._counts: dict[int, Counts] = {}
        # Recordings to draw again that this rank has requested from rank 0.
        self._awaited = 0
        self._asked = False
        self._no_more = False
        self._drain_until = 0.0
        self.exit: int | None = None
        self.stopped_by = ""
        self.counts = Counts()
        self.supervisor_of: dict[int, SupervisorFacts] = {}

    def work(self) -> None:
        """Draw until nothing is left or the job is stopped.

        Raises
        ------
        JobError
            Nothing can be stored any more, here or on another rank; or another job took OUT over.
        LostRankError
            Another rank does not answer.
        """
        while self.exit is None:
            self._check_state()
            self._receive()
            self._request_work()
            self._handle_findings()
            self._report()
            if self._is_over():
                break
            self._take()
        self._report(wait=True)

    def _is_over(self) -> bool:
        if self.stopped_by:
            return not self._pool.in_flight or time.monotonic() > self._drain_until
        busy = self._pool.in_flight or self._awaited or self._checker.in_flight
        return self._no_more and not busy

    def serve_until_all_finished(self) -> None:
        """On rank 0, after its own work: answer the others until they have finished."""
        while len(self.supervisor_of) < self._comm.size - 1:
            self._check_state()
            self._receive()
            time.sleep(PAUSE)

    def _still_ours(self) -> None:
        if self._lease is not None:
            self._lease.check()

    def _check_state(self) -> None:
        self._still_ours()
        self._heartbeat.check()
        if self._comm.rank and time.monotonic() >= self._beat_next:
            self._comm.send(0, ("alive",))
            self._beat_next = time.monotonic() + HEARTBEAT_EVERY
        if self.stopped_by:
            return
        why = self._signals.received or (self._limits.reached() if self._limits else "")
        if why and self._comm.rank == 0:
            self._drain(why)
        elif why:
            self._comm.send(0, ("stopping", why))
            self._begin_drain(why)

    def _drain(self, why: str) -> None:
        self._begin_drain(why)
        for other in range(1, self._comm.size):
            self._comm.send(other, ("drain", why))

    def _begin_drain(self, why: str) -> None:
        if not self.stopped_by:
            self.stopped_by = why
            # A worker killed from here on died of the drain, not of its recording.
            self._pool.drain()
            self._drain_until = time.monotonic() + DRAIN_FOR

    def _receive(self) -> None:
        for source, message in self._comm.receive():
            if self._comm.rank == 0:
                self._heartbeat.heard(source)
            else:
                self._heartbeat.forget(0)
            match message:
                case ("alive",):
                    pass
                case ("want", recordings):
                    self._comm.send(source, self._offer(source, recordings))
                case ("again", indices):
                    assert self._dispatcher is not None
                    self._comm.send(source, ("items", self._dispatcher.items(indices)))
                case ("done", chunk, counts):
                    self._count(chunk, counts)
                case ("whole", chunks):
                    assert self._dispatcher is not None
                    self._dispatcher.done(chunks)
                case ("changed", chunk, sources):
                    self._refuse(chunk, sources)
                case ("stopping", why) if not self.stopped_by:
                    self._drain(why)
                case ("broken", text, status):
                    raise error_of(text, status)
                case ("finished", facts):
                    self.supervisor_of[source] = facts
                    self._heartbeat.forget(source)
                case ("drain", why):
                    self._begin_drain(why)
                case ("exit", status):
                    self.exit = status
                case _:
                    self._start_work(message)

    def _offer(self, to: int, recordings: int) -> Message:
        """On rank 0: the next work for rank `to`."""
        assert self._dispatcher is not None
        if self.stopped_by:
            return ("no-more",)
        if self._dispatcher.strict and (places := self._dispatcher.take_done(to)):
            return ("check", places)
        if chunks := self._dispatcher.take(to, recordings):
            return ("chunks", chunks)
        if places := self._dispatcher.take_done(to):
            return ("check", places)
        return ("no-more",)

    def _request_work(self) -> None:
        short = 2 * self._n_workers - self._pool.in_flight - self._awaited
        if short <= 0 or self._checker.in_flight >= CHECKED_AHEAD:
            return
        if self._asked or self._no_more or self.stopped_by:
            return
        if self._dispatcher is not None:
            self._start_work(self._offer(0, short))
        else:
            self._comm.send(0, ("want", short))
            self._heartbeat.expect(0)
            self._asked = True

    def _start_work(self, message: Message) -> None:
        """Start the work that rank 0 has sent."""
        match message:
            case ("chunks", chunks):
                self._asked = False
                self._accept(chunks)
            case ("check", places):
                self._asked = False
                self._checker.give(places)
            case ("no-more",):
                self._asked = False
                self._no_more = True
            case ("items", items):
                self._awaited -= len(items)
                if not self.stopped_by:
                    self._pool.give(items)

    def _accept(self, chunks: list[Chunk]) -> None:
        for number, work in chunks:
            self._pending.begin(number, map(index_of, work))
            self._pool.give(work)

    def _handle_findings(self) -> None:
        """Draw again what the check found missing, and report complete chunks to rank 0."""
        whole: list[int] = []
        try:
            for finding in self._checker.take():
                if finding.changed and self._dispatcher is not None:
                    self._refuse(finding.chunk, finding.changed)
                elif finding.changed:
                    self._comm.send(0, ("changed", finding.chunk, finding.changed))
                elif not finding.again:
                    whole.append(finding.chunk)
                elif not self.stopped_by:
                    self._pending.begin_again(finding)
                    if self._dispatcher is not None:
                        self._pool.give(self._dispatcher.items(finding.again))
                    else:
                        self._awaited += len(finding.again)
                        self._comm.send(0, ("again", finding.again))
        except OSError as error:
            raise journal_error(error, "read") from error
        if whole and self._dispatcher is not None:
            self._dispatcher.done(whole)
        elif whole:
            self._comm.send(0, ("whole", whole))

    def _refuse(self, chunk: int, sources: list[str]) -> None:
        """On rank 0: files have changed. Check all the others, and start nothing new."""
        assert self._dispatcher is not None
        self._dispatcher.changed += sources
        self._dispatcher.done([chunk])

    def _take(self) -> None:
        for result in self._pool.take(PAUSE):
            if complete := self._pending.add(result):
                self._write_down(complete)

    def _write_down(self, complete: Complete) -> None:
        # This process may have been stopped while it waited for the result.
        self._still_ours()
        self._counts[complete.chunk] = complete.counts
        # First: what has a record counts as done, and is only looked for by a later run.
        self._store.finish(complete.chunk, complete.locations)
        try:
            self._journal.append(complete.chunk, complete.results)
        except OSError as error:
            raise journal_error(error, "write") from error

    def _report(self, wait: bool = False) -> None:
        """Report to rank 0 the chunks whose records have reached the disk."""
        try:
            for chunk in self._journal.on_disk(wait):
                counts = self._counts.pop(chunk)
                if self._dispatcher is not None:
                    self._count(chunk, counts)
                else:
                    self._comm.send(0, ("done", chunk, counts))
        except OSError as error:
            raise journal_error(error, "write") from error

    def _count(self, chunk: int, counts: Counts) -> None:
        assert self._dispatcher is not None
        self._dispatcher.done([chunk])
        self.counts = self.counts.plus(counts)
        if self._limits is not None:
            self._limits.count(counts.recordings, counts.failed + counts.retried)
        if self._progress is not None:
            self._progress.add(counts.recordings, counts.failed)
