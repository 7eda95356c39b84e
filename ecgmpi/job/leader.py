"""The leader, on rank 0: hands out chunks, counts what is done, stops the job.

It answers every rank, the one in its own process too, and finds those that are lost.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from ecgmpi.errors import OtherRankError

from .dispatch import Dispatcher
from .in_flight import Counts
from .peers import LostRank, Peers
from .progress import Progress
from .protocol import (
    Again,
    Alive,
    Broken,
    Changed,
    Check,
    Chunks,
    Done,
    Drain,
    Ended,
    Finished,
    Items,
    NoMore,
    Ready,
    Stopping,
    SupervisorFacts,
    ToLeader,
    ToRank,
    Want,
    Whole,
)

logger = logging.getLogger(__name__)

MOST_NAMED = 4
"""Ranks that are named if many are lost at once."""

LOST_RANK = "a lost rank"
"""What stopped a job that lost a rank; which one is said at once."""

_RESUME = "run the same command again to resume"


def _nothing(_: object) -> None:
    """Do nothing."""


class Limits(Protocol):
    """What stops a job without a signal: `ecgmpi.job.stop_conditions.StopConditions`."""

    def count(self, recordings: int, failed: int) -> None:
        """Count more recordings that are done, `failed` of which failed."""

    def reached(self) -> str:
        """Which limit is reached, or empty."""
        ...


class Leader:
    """Rank 0's part of the conversation.

    Parameters
    ----------
    peers
        The other ranks.
    dispatcher
        The chunks that are left.
    progress, limits
        Both count what is done; the limits may stop the job.
    announce
        Called once all ranks have begun, with the number of workers of each.

    Attributes
    ----------
    own
        Takes the messages for the rank in this process; to be set before the first turn.
    stopped_by
        What stopped the job early; empty where nothing did.
    counts
        What this run did, over all ranks.
    rate
        Recordings a second since the first were done: without what it takes to start; 0 if none
        were done later.
    supervisor_of
        What became of the workers of each other rank, once that has finished.
    """

    def __init__(
        self,
        peers: Peers,
        dispatcher: Dispatcher,
        progress: Progress,
        limits: Limits,
        announce: Callable[[Sequence[int]], None] = _nothing,
    ) -> None:
        self._peers = peers
        self._dispatcher = dispatcher
        self._progress = progress
        self._limits = limits
        self._announce = announce
        self._workers: dict[int, int] = {}
        self._n_ranks = len(peers.others) + 1
        self.own: Callable[[ToRank], None] = _nothing
        self.stopped_by = ""
        self.counts = Counts()
        self.rate = 0.0
        # When the first chunk was done, and how many recordings it had.
        self._first: tuple[float, int] | None = None
        self.supervisor_of: dict[int, SupervisorFacts] = {}

    @property
    def all_finished(self) -> bool:
        """Whether every other rank has finished, or is lost."""
        return self.supervisor_of.keys() >= set(self._peers.others)

    def turn(self, signal: str) -> None:
        """Answer the messages that have arrived; drain if there is a reason to.

        Parameters
        ----------
        signal
            The signal that this rank has received, or empty.

        Raises
        ------
        JobError
            Another rank cannot continue.
        LostLauncherError
            The launcher of this rank is gone.
        """
        self._peers.beat()
        self._progress.tick()
        for source, message in self._peers.receive():
            self.receive(source, message)
        # First: a launcher that has lost a rank sends the others a signal.
        if lost := self._peers.newly_lost():
            self._lose(lost)
        if why := signal or self._limits.reached():
            self.drain(why)

    def drain(self, why: str) -> None:
        """Let every rank finish what it has in flight."""
        if self.stopped_by:
            return
        self.stopped_by = why
        self._peers.drain()
        self.own(Drain(why))
        self._peers.send_all(Drain(why))

    def _lose(self, lost: list[LostRank]) -> None:
        # Chunks that they held stay with them: the next run draws them.
        who = str(lost[0])
        if len(lost) > 1:
            named = [f"rank {one.rank} on {one.host}" for one in lost[:MOST_NAMED]]
            if more := len(lost) - len(named):
                named.append(f"{more} more")
            who = f"{', '.join(named[:-1])} and {named[-1]} are lost: {lost[0].why}"
        then = "all recordings are done" if self._dispatcher.over else _RESUME
        self._progress.say(f"{who}; {then}")
        for _ in lost:
            self._progress.rank_ended()
        self.drain(LOST_RANK)

    def receive(self, source: int, message: object) -> None:
        """Take a message of rank `source`, this one or another."""
        assert isinstance(message, ToLeader), message
        match message:
            case Want(recordings):
                self._answer(source, self._offer(source, recordings))
            case Again(indices):
                self._answer(source, Items(self._dispatcher.items(indices)))
            case Done():
                self._count(message)
            case Whole(chunks):
                self._dispatcher.done(chunks)
            case Changed(chunk, sources):
                # Check all the others, and start nothing new.
                self._dispatcher.changed += sources
                self._dispatcher.done([chunk])
            case Ready(workers):
                self._begun(source, workers)
            case Stopping(why):
                self.drain(why)
            case Broken(text, status):
                raise OtherRankError(text, status)
            case Finished(facts):
                logger.info("rank %d has finished: %s", source, facts)
                self.supervisor_of[source] = facts
                self._progress.rank_ended()
            case Ended() | Alive():
                pass

    def _answer(self, to: int, message: ToRank) -> None:
        if to == 0:
            self.own(message)
        else:
            self._peers.send(to, message)

    def _offer(self, to: int, recordings: int) -> ToRank:
        """The next work for rank `to`."""
        dispatcher = self._dispatcher
        if self.stopped_by:
            return NoMore()
        if dispatcher.strict and (places := dispatcher.take_done(to)):
            self._progress.handed_out(to_draw=False)
            return Check(places)
        if chunks := dispatcher.take(to, recordings):
            self._progress.handed_out(to_draw=True)
            logger.debug("rank %d gets chunks %s", to, [chunk.number for chunk in chunks])
            return Chunks(chunks)
        if places := dispatcher.take_done(to):
            self._progress.handed_out(to_draw=False)
            return Check(places)
        return NoMore()

    def _begun(self, source: int, workers: int) -> None:
        self._workers[source] = workers
        if len(self._workers) == self._n_ranks:
            self._announce([self._workers[rank] for rank in sorted(self._workers)])

    def _count(self, done: Done) -> None:
        counts = done.counts
        self._dispatcher.done([done.chunk])
        self.counts = self.counts.plus(counts)
        self._measure()
        self._limits.count(counts.recordings, counts.failed + counts.retried)
        self._progress.add(counts.recordings, counts.failed, done.failures)

    def _measure(self) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first = now, self.counts.drawn
        elif now > self._first[0]:
            self.rate = (self.counts.drawn - self._first[1]) / (now - self._first[0])
