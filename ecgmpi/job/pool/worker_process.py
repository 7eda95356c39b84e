"""One worker as its supervisor sees it: a forked process, its channel, what it has in flight."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Protocol

from ecgmpi.corpus.item import Item
from ecgmpi.host import memory

from . import worker
from .channel import Channel
from .messages import JobSpec, StartWorkers

EXIT_GRACE = 0.5
"""Seconds that a worker may take to end by itself after it has closed its channel."""

REAP_TIMEOUT = 2.0
"""Seconds to wait for a killed worker: one that waits for a lost disk cannot be killed."""


class Closable(Protocol):
    """A resource that a forked worker must not keep open."""

    def close(self) -> None:
        """Close it."""


class WorkerProcess:
    """A worker that is forked from this process.

    Parameters
    ----------
    spec, start
        The job, and what the supervisor of the worker was started with.
    inherited
        What is open here and is not the worker's: kept open, it would never be seen to close.
    slot
        The number of the worker among those of its supervisor.

    Attributes
    ----------
    item, since
        The recording that it has in flight, and since when (`time.monotonic`).
    noted
        Whether that attempt was synced to disk.
    done
        Recordings that it has done.
    """

    def __init__(
        self, spec: JobSpec, start: StartWorkers, inherited: Iterable[Closable], slot: int
    ) -> None:
        ours, theirs = socket.socketpair()
        self._held_at_start = memory.unreclaimable_bytes(os.getpid())
        self._pid = os.fork()
        if self._pid == 0:
            ours.close()
            for resource in inherited:
                resource.close()
            worker.main(Channel(theirs), spec, start)
        theirs.close()
        # Parent and child both do it: either may be first.
        with suppress(OSError):
            os.setpgid(self._pid, self._pid)
        self._channel = Channel(ours)
        self.slot = slot
        self.item: Item | None = None
        self.since = 0.0
        self.noted = False
        self.done = 0

    def fileno(self) -> int:
        """The descriptor, to wait on for an answer."""
        return self._channel.fileno()

    def close(self) -> None:
        """Close the channel."""
        self._channel.close()

    def give(self, item: Item) -> None:
        """Send it a recording."""
        self.item, self.since, self.noted = item, time.monotonic(), False
        # One that died while idle is found by the read that follows.
        with suppress(OSError):
            self._channel.send(item)

    def answers(self) -> list[Any]:
        """The answers that have arrived; raises what `Channel.take` raises."""
        return self._channel.take()

    def grown(self) -> int:
        """Bytes of memory that it has added to what it was forked with."""
        return memory.unreclaimable_bytes(self._pid) - self._held_at_start

    def ended(self, within: float = 0.0) -> str:
        """How it ended by itself, as a signal's name or an exit status; empty while it lives."""
        give_up = time.monotonic() + within
        while True:
            flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
            end = os.waitid(os.P_PID, self._pid, flags)
            if end is not None:
                if end.si_code == os.CLD_EXITED:
                    return f"exit status {end.si_status}"
                return signal.Signals(end.si_status).name
            if time.monotonic() >= give_up:
                return ""
            time.sleep(0.001)

    def end(self) -> None:
        """Kill it and every process that it has started."""
        self._channel.close()
        # Its group first: until it is reaped, no other process can have that number.
        for kill in (os.killpg, os.kill):
            with suppress(ProcessLookupError, PermissionError):
                kill(self._pid, signal.SIGKILL)
        give_up = time.monotonic() + REAP_TIMEOUT
        while time.monotonic() < give_up:
            try:
                # Orphans of the group are children of this process: see `supervisor.serve`.
                ended, _ = os.waitpid(-self._pid, os.WNOHANG)
            except ChildProcessError:
                return
            if not ended:
                time.sleep(0.001)
