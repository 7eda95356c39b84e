"""The other ranks, watched: heartbeats go out, and a rank that is lost is found.

A rank is lost where its connection breaks, or where it sends nothing for too long. What follows
from that is for the leader and the other ranks to decide.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ecgmpi.errors import LostLauncherError

from .comm.heartbeat import HEARTBEAT_EVERY, RANK_TIMEOUT, Heartbeat
from .protocol import Alive, JobCommunicator, Message

logger = logging.getLogger(__name__)

BROKEN_TIMEOUT = 3 * HEARTBEAT_EVERY
"""Seconds without a message after which a rank is lost, once some connection has broken."""

DRAIN_TIMEOUT = 4 * HEARTBEAT_EVERY
"""The same for a job that drains, which has 10 s for that."""


@dataclass(frozen=True, slots=True)
class LostRank:
    """A rank that is lost.

    Attributes
    ----------
    rank, host
        Which one, and where it was.
    why
        How that was found, in words.
    """

    rank: int
    host: str
    why: str

    def __str__(self) -> str:
        return f"rank {self.rank} on {self.host} is lost: {self.why}"


class Peers:
    """The other ranks that this one works with.

    Parameters
    ----------
    comm
        The connection to them.
    clock
        Seconds, for tests.
    """

    def __init__(self, comm: JobCommunicator, clock: Callable[[], float] = time.monotonic) -> None:
        self._comm = comm
        self._clock = clock
        # The leader watches all, any other rank the leader.
        self._others = range(1, comm.size) if comm.rank == 0 else range(1)
        self._heartbeat = Heartbeat((), clock)
        self._beat_next = float("inf")
        self._reported: set[int] = set()

    @property
    def others(self) -> list[int]:
        """The ranks that this one works with and that are not known to be lost."""
        return [rank for rank in self._others if rank not in self._reported]

    @property
    def all(self) -> Iterable[int]:
        """The ranks that this one works with, lost or not."""
        return self._others

    @property
    def any_lost(self) -> bool:
        """Whether a rank has been lost."""
        return bool(self._reported) or bool(self._comm.broken)

    def flushed(self) -> bool:
        """Whether every message has left this process."""
        return self._comm.flushed()

    def start_watching(self) -> None:
        """Expect heartbeats from now on, and send them."""
        self._heartbeat = Heartbeat(self._others, self._clock)
        self._beat_next = self._clock()

    def send(self, to: int, message: Message) -> None:
        """Send a message to one rank."""
        self._comm.send(to, message)

    def send_all(self, message: Message) -> None:
        """Send a message to every rank that is not lost."""
        for rank in self.others:
            self._comm.send(rank, message)

    def receive(self) -> Iterator[tuple[int, Message]]:
        """The messages that have arrived, but for heartbeats: (source rank, message)."""
        for source, message in self._comm.receive():
            self._heartbeat.heard(source)
            if not isinstance(message, Alive):
                yield source, message

    def beat(self) -> None:
        """Send a heartbeat if it is time for one.

        Raises
        ------
        LostLauncherError
            The launcher is gone: nothing but this rank itself would end it.
        """
        if self._comm.orphaned():
            raise LostLauncherError(self._comm.rank, self._comm.hosts[self._comm.rank])
        if self._clock() >= self._beat_next:
            self.send_all(Alive())
            self._beat_next = self._clock() + HEARTBEAT_EVERY

    def drain(self) -> None:
        """Wait less for ranks that are silent: the job ends."""
        self._heartbeat.shorten(DRAIN_TIMEOUT)

    def newly_lost(self) -> list[LostRank]:
        """The ranks that were found to be lost since the last call."""
        if self._comm.broken:
            # Which rank it was, its silence tells.
            self._heartbeat.shorten(BROKEN_TIMEOUT)
        silent = self._heartbeat.silent()
        if not silent and not self._comm.lost:
            return []
        why = (
            f"it has sent no message for {self._heartbeat.timeout:g} s "
            f"(set {RANK_TIMEOUT} to wait longer)"
        )
        reasons = dict.fromkeys(silent, why) | dict(self._comm.lost)
        found = [
            LostRank(rank, self._comm.hosts[rank], reasons[rank])
            for rank in self.others
            if rank in reasons
        ]
        for lost in found:
            logger.error("%s", lost)
            self._reported.add(lost.rank)
            self._heartbeat.forget(lost.rank)
        return found
