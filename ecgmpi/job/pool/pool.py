"""The workers of a rank, through the channel to their supervisor."""

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
    """Starts the supervisor, sends it recordings and takes their results.

    Attributes
    ----------
    in_flight
        Recordings sent whose results have not come back.
    lost
        Workers that were lost, by class of failure.
    """

    def __init__(self, spec: JobSpec) -> None:
        # The supervisor unblocks signals once it ignores them.
        self._process, ours = spawn.start("ecgmpi.job.pool.supervisor")
        self._channel = Connection(ours.detach())
        self._start: StartWorkers | None = None
        self._started = False
        self.in_flight = 0
        self.lost: Counter[str] = Counter()
        self._send(spec)

    def ranks_ready(self) -> None:
        """Say that all ranks have started: until then the supervisor watches this one."""
        self._send(RANKS_READY)

    def begin(self, start: StartWorkers) -> None:
        """Set the workers that the supervisor starts once there is work."""
        self._start = start

    def give(self, items: Sequence[Work]) -> None:
        """Send recordings to the workers."""
        if not self._started:
            # Not before: a supervisor without workers can be killed at once.
            self._send(self._start)
            self._started = True
        self._send(items)
        self.in_flight += len(items)

    def take(self, timeout: float) -> Iterator[Result]:
        """Results that have arrived, after waiting up to `timeout` seconds for a first one.

        Raises
        ------
        JobError
            The store can take no more, or the supervisor was killed.
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

    def drain(self) -> None:
        """Say that the job stops: what is in flight may be left, and is no attempt."""
        if self._started:
            with suppress(OSError):
                self._channel.send(DRAIN)

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
            f"the supervisor of the workers on {socket.gethostname()} ended unexpectedly "
            f"(status {status}); "
            "was it killed, or is memory short? Run the same command again to resume"
        )
