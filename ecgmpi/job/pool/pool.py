"""The workers of a rank, through the channel to their supervisor, which is replaced if killed."""

from __future__ import annotations

import logging
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection, wait

from ecgmpi.corpus.item import Item
from ecgmpi.errors import JobError, LostSupervisorError
from ecgmpi.results.result import Result

from . import failures, spawn
from .attempts import fresh_name, taken_from
from .messages import (
    DRAIN,
    RANKS_READY,
    JobSpec,
    Settled,
    StartWorkers,
    StorageFailed,
    Suspects,
    Work,
    WorkerLost,
    index_of,
)

logger = logging.getLogger(__name__)

MOST_FRUITLESS = 3
"""Supervisors in a row that are killed before one recording comes back: then the job ends."""


class WorkerPool:
    """Starts the supervisor, sends it recordings and takes their results.

    A supervisor that is killed takes its workers along. Another takes its place: what was in
    flight is tried again, each with nothing else in flight, and then what was queued.

    Attributes
    ----------
    lost
        Workers that were lost, by class of failure.
    supervisors_lost
        Supervisors that were killed and replaced.
    """

    def __init__(self, spec: JobSpec) -> None:
        self._spec = spec
        self._start: StartWorkers | None = None
        self._started = self._draining = False
        self._sent: dict[int, Work] = {}
        # Those that were in flight when a supervisor was killed, to be tried alone.
        self._suspects: dict[int, Item] = {}
        self._fruitless = 0
        self.lost: Counter[str] = Counter()
        self.supervisors_lost = 0
        self._launch()

    @property
    def in_flight(self) -> int:
        """Recordings sent whose results have not come back."""
        return len(self._sent)

    def ranks_ready(self) -> None:
        """Say that all ranks have started: until then the supervisor watches this one."""
        self._send(RANKS_READY)

    def begin(self, start: StartWorkers) -> None:
        """Set the workers that the supervisor starts once there is work."""
        self._start = start

    def give(self, items: Sequence[Work]) -> None:
        """Send recordings to the workers."""
        self._sent |= {index_of(work): work for work in items}
        if not self._started:
            # Not before: a supervisor without workers can be killed at once.
            self._started = True
            self._send_start()
        self._send(items)

    def take(self, timeout: float) -> Iterator[Result]:
        """Results that have arrived, after waiting up to `timeout` seconds for a first one.

        Raises
        ------
        JobError
            The store can take no more.
        LostSupervisorError
            The supervisor has ended by itself, or one after the other was killed.
        """
        while wait([self._channel], timeout):
            timeout = 0
            try:
                answer: Result | WorkerLost | StorageFailed = self._channel.recv()
            except (EOFError, OSError):
                yield from self._replace()
                return
            match answer:
                case StorageFailed(why):
                    raise JobError(why)
                case WorkerLost(kind):
                    self.lost[kind] += 1
                    logger.warning("a worker was lost: %s", kind)
                case _:
                    self._fruitless = 0
                    self._suspects.pop(answer.index, None)
                    del self._sent[answer.index]
                    yield answer

    def drain(self) -> None:
        """Say that the job stops: what is in flight may be left, and is no attempt."""
        self._draining = True
        if self._started:
            self._send(DRAIN)

    def end(self) -> None:
        """Close the channel: the supervisor ends its workers and itself at once."""
        if not self._channel.closed:
            self.drain()
        self._channel.close()
        if self._started:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
                return
        self._process.kill()
        self._process.wait()

    def _launch(self) -> None:
        # The supervisor unblocks signals once it ignores them.
        self._process, ours = spawn.start("ecgmpi.job.pool.supervisor")
        self._channel = Connection(ours.detach())
        self._send(self._spec)

    def _send_start(self) -> None:
        assert self._start is not None
        self._start = replace(self._start, attempts_name=fresh_name())
        self._send(self._start)

    def _send(self, message: object) -> None:
        # One that has been killed is found, and replaced, by the next `take`.
        with suppress(OSError):
            self._channel.send(message)

    def _replace(self) -> Iterator[Result]:
        """Start another supervisor; the results of recordings that took two along."""
        how = self._buried()
        self.supervisors_lost += 1
        self._fruitless += 1
        if self._draining:
            # What is in flight is left for another run.
            self._sent.clear()
            return
        killed = how.startswith("SIG")
        logger.warning("the supervisor ended with %s", how)
        if not killed or self._fruitless >= MOST_FRUITLESS:
            raise LostSupervisorError(socket.gethostname(), how, again=self._fruitless > 1)
        failure = failures.supervisor(how)
        for item in self._in_flight():
            if item.index in self._suspects:
                # It was alone.
                del self._sent[item.index], self._suspects[item.index]
                yield failures.twice(item, failure, failure)
            else:
                self._suspects[item.index] = item
        self._launch()
        self._send(RANKS_READY)
        self._send_start()
        self._send(Suspects(list(self._suspects.values()), failure))
        self._send([work for index, work in self._sent.items() if index not in self._suspects])

    def _buried(self) -> str:
        """How the supervisor ended: the name of a signal, or an exit status."""
        self._channel.close()
        try:
            status = self._process.wait(1)
        except subprocess.TimeoutExpired:
            # It has closed its channel, and does nothing that could be of use.
            self._process.kill()
            status = self._process.wait()
        return signal.Signals(-status).name if status < 0 else f"exit status {status}"

    def _in_flight(self) -> list[Item]:
        """What the workers of a killed supervisor had in flight, of what is still due."""
        start = self._start
        if start is None or start.attempts is None:
            held = set(self._sent)
        else:
            held = taken_from(start.attempts / start.attempts_name)
        works = [self._sent[index] for index in sorted(held) if index in self._sent]
        return [work for work in works if not isinstance(work, Settled)]
