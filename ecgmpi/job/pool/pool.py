"""The rank's end of the line to its crew."""

from __future__ import annotations

import socket
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait

from ecgmpi.errors import JobError
from ecgmpi.results.result import Result

from . import spawn
from .messages import DRAIN, RANKS_READY, JobSpec, StartWorkers, StorageFailed, Work, WorkerLost


class WorkerPool:
    """Starts the crew, passes it recordings and takes what comes back.

    Attributes
    ----------
    in_hand
        Recordings passed on that have not come back.
    lost
        Workers that were lost, by the class of what they were lost to.
    """

    def __init__(self, spec: JobSpec) -> None:
        # The crew unblocks signals when it has learnt to ignore them.
        self._process, ours = spawn.start("ecgmpi.job.pool.supervisor")
        self._channel = Connection(ours.detach())
        self._start: StartWorkers | None = None
        self._begun = False
        self.in_flight = 0
        self.lost: Counter[str] = Counter()
        self._send(spec)

    def met(self) -> None:
        """Say that all ranks have started: until then the crew keeps watch over this one."""
        self._send(RANKS_READY)

    def begin(self, start: StartWorkers) -> None:
        """Say what workers there shall be, when there is work."""
        self._start = start

    def give(self, items: Sequence[Work]) -> None:
        """Pass on recordings."""
        if not self._begun:
            # Not before: a crew that has not begun can be let go at once.
            self._send(self._start)
            self._begun = True
        self._send(items)
        self.in_flight += len(items)

    def take(self, timeout: float) -> Iterator[Result]:
        """Results that are there, after waiting up to `timeout` seconds for a first one.

        Raises
        ------
        JobError
            The store can take no more, or the crew itself was killed.
        """
        while wait([self._channel], timeout):
            timeout = 0
            try:
                answer: Result | WorkerLost | StorageFailed = self._channel.recv()
            except (EOFError, OSError):
                raise self._gone() from None
            match answer:
                case StorageFailed(why):
                    raise JobError(why)
                case WorkerLost(kind):
                    self.lost[kind] += 1
                case _:
                    self.in_flight -= 1
                    yield answer

    def leave(self) -> None:
        """Say that what is in hand may have to be left, and that it is nobody's fault."""
        if self._begun:
            with suppress(OSError):
                self._channel.send(DRAIN)

    def end(self) -> None:
        """Hang up: the crew ends its workers and itself, whatever they are doing."""
        if not self._channel.closed:
            self.leave()
        self._channel.close()
        if self._begun:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
                return
        self._process.kill()
        self._process.wait()

    def _send(self, message: object) -> None:
        try:
            self._channel.send(message)
        except OSError:
            raise self._gone() from None

    def _gone(self) -> JobError:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        self._channel.close()
        status = self._process.returncode
        return JobError(
            f"the process that keeps the workers on {socket.gethostname()} ended by itself "
            f"(status {status}); "
            "was it killed, or is memory short? Run the same command again to resume"
        )
