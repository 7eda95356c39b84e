"""What a rank does: ask for chunks, feed its crew, journal what is done, tell rank 0.

Rank 0 does the same and, between two of its own results, answers the others:

                    begin          once OUT is claimed
    want n      ->  chunks [...]   or  no-more
    done        ->  (counts only; the rows are in the journal)
    stopping    ->  drain          to everybody
    broken      ->  exit           to everybody
    finished    ->  exit           to everybody, when all have finished
                    exit       ->  ended, once nothing is written there any more
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from ecgmpi.errors import ExitStatus, JobError

from .handout import Chunk, HandOut
from .hands import Hands
from .journal import JournalWriter
from .lease import Lease
from .limits import Limits
from .link import Link
from .progress import Progress
from .rows import Result
from .signals import Signals

PAUSE = 0.005
"""Seconds that a rank sleeps when nothing happens: a blocking MPI call would spin."""

DRAIN_FOR = 5.0
"""Seconds that recordings in hand may still take after a signal."""


@dataclass(slots=True)
class _InHand:
    """A chunk that the crew is busy with."""

    n_items: int
    results: list[Result] = field(default_factory=list)


class Rank:
    """One rank at work.

    Parameters
    ----------
    link, hands, journal, signals
        The other ranks, the workers, this rank's journal, what was signalled.
    n_workers
        Workers of this rank; twice as many recordings are kept in hand.
    desk, progress, limits, lease
        On rank 0 alone.

    Attributes
    ----------
    exit
        The status that rank 0 told everybody to exit with, once it has.
    stopped_by
        What stopped the job early; empty where nothing did.
    counted
        On rank 0: recordings that were done in this run, by all ranks.
    workers_of
        On rank 0: how many workers each rank had that has finished.
    """

    def __init__(
        self,
        link: Link,
        hands: Hands,
        journal: JournalWriter,
        signals: Signals,
        n_workers: int,
        desk: HandOut | None = None,
        progress: Progress | None = None,
        limits: Limits | None = None,
        lease: Lease | None = None,
    ) -> None:
        self._link = link
        self._hands = hands
        self._journal = journal
        self._signals = signals
        self._want = 2 * n_workers
        self._desk = desk
        self._progress = progress
        self._limits = limits
        self._lease = lease
        self._chunks: dict[int, _InHand] = {}
        self._chunk_of: dict[int, int] = {}
        self._asked = False
        self._no_more = False
        self._drain_until = 0.0
        self.exit: int | None = None
        self.stopped_by = ""
        self.counted = 0
        self.workers_of: dict[int, int] = {link.rank: n_workers}

    def work(self) -> None:
        """Draw until nothing is left, or until told to stop.

        Raises
        ------
        JobError
            Nothing can be stored any more, here or on another rank; or OUT is another job's.
        """
        while self.exit is None:
            self._look_around()
            self._hear()
            self._ask()
            self._report()
            if not self._hands.in_hand and (self._no_more or self.stopped_by):
                break
            if self.stopped_by and time.monotonic() > self._drain_until:
                break
            self._take()
        self._report(wait=True)

    def serve_until_all_finished(self) -> None:
        """On rank 0, after its own work: answer the others until they have finished."""
        while len(self.workers_of) < self._link.size:
            self._look_around()
            self._hear()
            time.sleep(PAUSE)

    def _still_ours(self) -> None:
        if self._lease is not None:
            self._lease.check()

    def _look_around(self) -> None:
        self._still_ours()
        if self.stopped_by:
            return
        why = self._signals.received or (self._limits.reached() if self._limits else "")
        if why and self._link.rank == 0:
            self._drain(why)
        elif why:
            self._link.send(0, ("stopping", why))
            self._begin_drain(why)

    def _drain(self, why: str) -> None:
        self._begin_drain(why)
        for other in range(1, self._link.size):
            self._link.send(other, ("drain", why))

    def _begin_drain(self, why: str) -> None:
        if not self.stopped_by:
            self.stopped_by = why
            self._drain_until = time.monotonic() + DRAIN_FOR

    def _hear(self) -> None:
        for source, message in self._link.receive():
            match message:
                case ("want", recordings):
                    self._hand_out(source, recordings)
                case ("done", chunk, recordings, failed):
                    self._count(chunk, recordings, failed)
                case ("stopping", why) if not self.stopped_by:
                    self._drain(why)
                case ("broken", text, status):
                    raise _error_of(text, status)
                case ("finished", n_workers):
                    self.workers_of[source] = n_workers
                case ("chunks", chunks):
                    self._asked = False
                    self._accept(chunks)
                case ("no-more",):
                    self._asked = False
                    self._no_more = True
                case ("drain", why):
                    self._begin_drain(why)
                case ("exit", status):
                    self.exit = status

    def _hand_out(self, to: int, recordings: int) -> None:
        assert self._desk is not None
        chunks = [] if self.stopped_by else self._desk.take(to, recordings)
        self._link.send(to, ("chunks", chunks) if chunks else ("no-more",))

    def _ask(self) -> None:
        short = self._want - self._hands.in_hand
        if short <= 0 or self._asked or self._no_more or self.stopped_by:
            return
        if self._desk is not None:
            chunks = self._desk.take(0, short)
            self._no_more = not chunks
            self._accept(chunks)
        else:
            self._link.send(0, ("want", short))
            self._asked = True

    def _accept(self, chunks: list[Chunk]) -> None:
        for number, items in chunks:
            self._chunks[number] = _InHand(len(items))
            for item in items:
                self._chunk_of[item.index] = number
            self._hands.give(items)

    def _take(self) -> None:
        for result in self._hands.take(PAUSE):
            number = self._chunk_of.pop(result.index)
            chunk = self._chunks[number]
            chunk.results.append(result)
            if len(chunk.results) == chunk.n_items:
                del self._chunks[number]
                # This process may have stood still while it waited for the result.
                self._still_ours()
                try:
                    self._journal.append(number, chunk.results)
                except OSError as error:
                    raise _journal_error(error) from error

    def _report(self, wait: bool = False) -> None:
        """Tell rank 0 of the chunks whose records have reached the disk."""
        try:
            for chunk, summary in self._journal.on_disk(wait):
                if self._desk is not None:
                    self._count(chunk, summary.recordings, summary.failed)
                else:
                    self._link.send(0, ("done", chunk, summary.recordings, summary.failed))
        except OSError as error:
            raise _journal_error(error) from error

    def _count(self, chunk: int, recordings: int, failed: int) -> None:
        assert self._desk is not None
        self._desk.done(chunk)
        self.counted += recordings
        if self._limits is not None:
            self._limits.count(recordings, failed)
        if self._progress is not None:
            self._progress.add(recordings, failed)


def await_begin(link: Link) -> int | None:
    """On the others, first: wait for rank 0 to claim OUT.

    Returns
    -------
    int or None
        None to begin; an exit status where rank 0 could not claim it.
    """
    while True:
        for _, message in link.receive():
            if message[0] == "begin":
                return None
            _leave(link)
            return int(message[1])
        time.sleep(PAUSE)


def dismiss(link: Link, status: int) -> None:
    """On rank 0, last: tell all others to exit with `status`, and wait until they write no more.

    That is until their workers have ended; but not for ever, for one may be lost.
    """
    left = set(range(1, link.size))
    for other in left:
        link.send(other, ("exit", status))
    give_up = time.monotonic() + DRAIN_FOR
    while left and time.monotonic() < give_up:
        left -= {source for source, message in link.receive() if message[0] == "ended"}
        time.sleep(PAUSE)


def _leave(link: Link) -> None:
    """On the others, at the very end: tell rank 0 that nothing is written here any more."""
    link.send(0, ("ended",))
    give_up = time.monotonic() + DRAIN_FOR
    while not link.flushed() and time.monotonic() < give_up:
        time.sleep(PAUSE)


def finish(
    link: Link, rank: Rank | None, n_workers: int, trouble: JobError | None, signals: Signals
) -> int:
    """On the others, last: report, and wait for rank 0 to say how it all ended.

    Returns
    -------
    int
        The exit status, the same on every rank.
    """
    if rank is not None and rank.exit is not None:
        _leave(link)
        return rank.exit
    if trouble:
        link.send(0, ("broken", str(trouble), int(trouble.exit_status)))
    else:
        link.send(0, ("finished", n_workers))
    told = bool(signals.received)
    while True:
        if signals.received and not told:
            # This rank has done its share, but the signal is meant for the whole job.
            link.send(0, ("stopping", signals.received))
            told = True
        for _, message in link.receive():
            if message[0] == "exit":
                _leave(link)
                return int(message[1])
        time.sleep(PAUSE)


def _journal_error(error: OSError) -> JobError:
    return JobError(
        f"cannot write the journal below OUT: {error.strerror}; see that OUT is there and has "
        "room, then run the same command again to go on"
    )


def _error_of(message: str, status: int) -> JobError:
    error = JobError(message)
    error.exit_status = ExitStatus(status)
    return error
