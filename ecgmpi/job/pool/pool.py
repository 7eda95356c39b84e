"""The workers of a rank, through the channel to their supervisor, which is replaced if killed."""

from __future__ import annotations

import logging
import select
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection

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

    Parameters
    ----------
    spec
        The job.
    fork
        Whether this process is the command's own, so that the first supervisor may be forked from
        it: see `spawn`.

    Attributes
    ----------
    lost
        Workers that were lost, by class of failure.
    supervisors_lost
        Supervisors that were killed and replaced.
    """

    def __init__(self, spec: JobSpec, fork: bool = False) -> None:
        self._spec = spec
        self._process: spawn.Process
        self._start: StartWorkers | None = None
        self._started = self._draining = False
        self._sent: dict[int, Work] = {}
        # Those that were in flight when a supervisor was killed, to be tried alone.
        self._suspects: dict[int, Item] = {}
        # Failures of those that took two supervisors along, until another has done something:
        # where none does, it is not recordings that end supervisors.
        self._blamed: dict[int, Result] = {}
        self._fruitless = 0
        self.lost: Counter[str] = Counter()
        self.supervisors_lost = 0
        self._launch(fork=fork and spawn.may_fork())

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
        while self._arrived.poll(1e3 * timeout):
            timeout = 0
            try:
                answer: Result | WorkerLost | StorageFailed = self._channel.recv()
            except (EOFError, OSError):
                self._replace()
                if self._blamed.keys() == self._sent.keys():
                    # Nothing else is left that could come back.
                    yield from self._blame()
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
                    yield from self._blame()

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

    def _launch(self, fork: bool = False) -> None:
        # The supervisor unblocks signals once it ignores them.
        launch = spawn.fork if fork else spawn.start
        self._process, ours = launch("ecgmpi.job.pool.supervisor")
        self._channel = Connection(ours.detach())
        # Waited on many times a second: `multiprocessing.connection.wait` makes one each time.
        self._arrived = select.poll()
        self._arrived.register(self._channel, select.POLLIN)
        self._send(self._spec)

    def _send_start(self) -> None:
        assert self._start is not None
        self._start = replace(self._start, attempts_name=fresh_name())
        self._send(self._start)

    def _send(self, message: object) -> None:
        # One that has been killed is found, and replaced, by the next `take`.
        with suppress(OSError):
            self._channel.send(message)

    def _blame(self) -> Iterator[Result]:
        """The failures of recordings that took two supervisors along."""
        blamed, self._blamed = self._blamed, {}
        for index, failure in blamed.items():
            del self._sent[index]
            yield failure

    def _replace(self) -> None:
        """Start another supervisor."""
        how = self._buried()
        self.supervisors_lost += 1
        self._fruitless += 1
        if self._draining:
            # What is in flight is left for another run, and nothing more will arrive.
            self._sent.clear()
            self._blamed.clear()
            self._arrived = select.poll()
            return
        killed = how.startswith("SIG")
        logger.warning("the supervisor ended with %s", how)
        if not killed or self._fruitless >= MOST_FRUITLESS:
            raise LostSupervisorError(socket.gethostname(), how, again=self._fruitless > 1)
        failure = failures.supervisor(how)
        for item in self._in_flight():
            if item.index in self._suspects:
                # It was alone.
                del self._suspects[item.index]
                self._blamed[item.index] = failures.twice(item, failure, failure)
            else:
                self._suspects[item.index] = item
        self._launch()
        self._send(RANKS_READY)
        self._send_start()
        self._send(Suspects(list(self._suspects.values()), failure))
        held_back = self._suspects.keys() | self._blamed.keys()
        self._send([work for index, work in self._sent.items() if index not in held_back])

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
        due = held & self._sent.keys() - self._blamed.keys()
        works = [self._sent[index] for index in sorted(due)]
        return [work for work in works if not isinstance(work, Settled)]
