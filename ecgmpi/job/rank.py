"""The work of every rank, rank 0 too: request chunks, feed the workers, write the journal.

It speaks to the leader through `send` and hears from it through `receive`; whether the leader is
in this process or on another node makes no difference here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from ecgmpi.errors import JournalError
from ecgmpi.results.activity import DRAINING, DRAWING
from ecgmpi.results.result import Result
from ecgmpi.store import ShardFile

from .finisher import Finisher
from .handshake import DRAIN_FOR
from .in_flight import Complete, InFlight
from .pool.messages import Work, index_of
from .protocol import (
    Again,
    Alive,
    Begin,
    Changed,
    Check,
    Chunk,
    Chunks,
    Done,
    Drain,
    Exit,
    Items,
    NoMore,
    ToLeader,
    ToRank,
    Want,
    Whole,
)
from .recheck import Checker

logger = logging.getLogger(__name__)

CHECKED_AHEAD = 16
"""Chunks that may wait to be checked; with fewer, a rank requests more."""


class Pool(Protocol):
    """The workers, as a rank uses them: `ecgmpi.job.pool.pool.WorkerPool`."""

    @property
    def in_flight(self) -> int:
        """Recordings sent whose results have not come back."""
        ...

    def give(self, items: Sequence[Work]) -> None:
        """Send recordings to the workers."""

    def take(self, timeout: float) -> Iterator[Result]:
        """Results that have arrived, after waiting up to `timeout` seconds for a first one."""
        ...

    def drain(self) -> None:
        """Count what is in flight now as no attempt."""


class Journal(Protocol):
    """The journal, as a rank uses it: `ecgmpi.results.journal_writer.JournalWriter`."""

    def append(self, chunk: int, results: list[Result], shards: Sequence[ShardFile] = ()) -> None:
        """Journal that `chunk` is done, with the files of its shard."""

    def on_disk(self, wait: bool = False) -> Iterator[int]:
        """Chunks whose records have reached the disk since the last call."""
        ...


class Recorder(Protocol):
    """What tells what this rank does: `ecgmpi.job.activity.ActivityRecorder`."""

    def add(self, result: Result) -> None:
        """Count a recording that came back."""

    def tick(self, doing: str) -> None:
        """Tell that the rank is alive, and what it does."""


class Rank:
    """One rank at work.

    Parameters
    ----------
    send
        Sends a message to the leader.
    pool, finisher, journal
        The workers, what finishes chunks in the store, this rank's journal.
    checker
        Checks chunks that an earlier run finished.
    recorder
        Tells what this rank does.
    n_workers
        Workers of this rank; twice as many recordings are kept in flight.
    check
        Called after each wait, before anything is written; raises if this rank must not write.
    show_failures
        Whether to tell the leader of each recording that fails.
    clock
        Seconds, for tests.

    Attributes
    ----------
    exit
        The exit status that the leader has sent, once it has.
    stopped_by
        What stopped the job early; empty where nothing did.
    """

    def __init__(
        self,
        send: Callable[[ToLeader], None],
        pool: Pool,
        finisher: Finisher,
        journal: Journal,
        checker: Checker,
        recorder: Recorder,
        n_workers: int,
        check: Callable[[], None] = lambda: None,
        show_failures: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        self._pool = pool
        self._finisher = finisher
        self._journal = journal
        self._checker = checker
        self._recorder = recorder
        self._n_workers = n_workers
        self._check = check
        self._show_failures = show_failures
        self._clock = clock
        self._pending = InFlight()
        # Messages on chunks that are journaled, until their records have reached the disk.
        self._done: dict[int, Done] = {}
        # Recordings to draw again that were requested from the leader.
        self._awaited = 0
        self._asked = False
        self._no_more = False
        self._drain_until = 0.0
        self.exit: int | None = None
        self.stopped_by = ""

    @property
    def over(self) -> bool:
        """Whether there is nothing left to do, or no time left to do it."""
        if self.exit is not None:
            return True
        drawing = self._pool.in_flight or self._finisher.in_flight
        if self.stopped_by:
            return not drawing or self._clock() > self._drain_until
        return self._no_more and not (drawing or self._awaited or self._checker.in_flight)

    @property
    def expects(self) -> bool:
        """Whether something is due to it that is no result: an answer, a finding, a shard."""
        asked = self._asked or self._awaited > 0
        return asked or self._checker.in_flight > 0 or self._finisher.in_flight > 0

    def receive(self, message: ToRank) -> None:
        """Take a message of the leader."""
        match message:
            case Chunks(chunks):
                self._asked = False
                self._accept(chunks)
            case Check(places):
                self._asked = False
                if not self.stopped_by:
                    self._checker.give(places)
            case NoMore():
                self._asked = False
                self._no_more = True
            case Items(items):
                self._awaited -= len(items)
                if not self.stopped_by:
                    self._pool.give(items)
            case Drain(why):
                self.drain(why)
            case Exit(status):
                self.exit = status
            case Begin() | Alive():
                pass

    def drain(self, why: str) -> None:
        """Finish what is in flight, within `DRAIN_FOR` seconds, and start nothing new."""
        if not self.stopped_by:
            logger.info("draining: %s", why)
            self.stopped_by = why
            # A worker killed from here on died of the drain, not of its recording.
            self._pool.drain()
            self._drain_until = self._clock() + DRAIN_FOR

    def turn(self, timeout: float) -> None:
        """Do what can be done now, and unless that was all, wait for results.

        Raises
        ------
        JobError
            What `advance` and `take_results` raise.
        """
        self.advance()
        if not self.over:
            self.take_results(timeout)

    def advance(self) -> None:
        """Request work, take what the check has found, report what has reached the disk.

        Raises
        ------
        JobError
            A journal cannot be read or written, or a shard cannot be.
        """
        # This process may have been stopped, and OUT be another job's.
        self._check()
        self._recorder.tick(DRAINING if self.stopped_by else DRAWING)
        self._request_work()
        self._handle_findings()
        self._journal_finished()
        self._report()

    def take_results(self, timeout: float) -> None:
        """Journal the chunks that become complete with the results of the next `timeout` seconds.

        Raises
        ------
        JobError
            Nothing can be stored any more.
        """
        for result in self._pool.take(timeout):
            self._recorder.add(result)
            if complete := self._pending.add(result):
                # This process may have been stopped while it waited for the result.
                self._check()
                # First: what has a record counts as done, and is only looked for by a later run.
                self._finisher.give(complete)
        self._journal_finished()

    def finish(self) -> None:
        """Wait for the disk, and report the last chunks.

        Raises
        ------
        JournalError
            The journal cannot be written.
        """
        self._report(wait=True)

    def _request_work(self) -> None:
        short = 2 * self._n_workers - self._pool.in_flight - self._awaited
        if short <= 0 or self._checker.in_flight >= CHECKED_AHEAD:
            return
        if self._asked or self._no_more or self.stopped_by:
            return
        self._asked = True
        self._send(Want(short))

    def _accept(self, chunks: list[Chunk]) -> None:
        if self.stopped_by:
            # They were on their way when this rank stopped; the next run draws them.
            return
        for chunk in chunks:
            self._pending.begin(chunk.number, map(index_of, chunk.work))
            self._pool.give(chunk.work)

    def _handle_findings(self) -> None:
        """Draw again what the check found missing, and report complete chunks."""
        whole: list[int] = []
        try:
            for finding in self._checker.take():
                if finding.changed:
                    self._send(Changed(finding.chunk, finding.changed))
                elif not finding.again:
                    whole.append(finding.chunk)
                elif not self.stopped_by:
                    self._pending.begin_again(finding)
                    self._awaited += len(finding.again)
                    self._send(Again(finding.again))
        except OSError as error:
            raise JournalError("read", error) from error
        if whole:
            self._send(Whole(whole))

    def _journal_finished(self) -> None:
        """Journal the chunks that the store has finished."""
        for complete, files in self._finisher.take():
            self._check()
            self._append(complete, files)

    def _append(self, complete: Complete, files: Sequence[ShardFile]) -> None:
        failures = _failures(complete) if self._show_failures else ()
        self._done[complete.chunk] = Done(complete.chunk, complete.counts, failures)
        try:
            self._journal.append(complete.chunk, complete.results, files)
        except OSError as error:
            raise JournalError("write", error) from error

    def _report(self, wait: bool = False) -> None:
        """Report the chunks whose records have reached the disk."""
        try:
            for chunk in self._journal.on_disk(wait):
                self._send(self._done.pop(chunk))
        except OSError as error:
            raise JournalError("write", error) from error


def _failures(complete: Complete) -> tuple[str, ...]:
    return tuple(
        f"{row['source']}: {row['class']}: {row['message']}; {row['remedy']}"
        for row in (result.recording for result in complete.results if result.failed)
    )
