"""One worker, as its crew sees it: a forked process, the line to it, what it has in hand."""

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
from .messages import JobSpec

LAST_BREATH = 0.5
"""Seconds that a worker which hung up may take to end by itself."""

REAPING = 2.0
"""Seconds to wait for a killed worker. One that waits for a lost disk cannot even be killed."""


class Closable(Protocol):
    """What a forked worker must not hold on to."""

    def close(self) -> None:
        """Let go of it."""


class WorkerProcess:
    """A worker that is forked from this process.

    Parameters
    ----------
    brief, bound
        What it is told: the job, and the bytes of memory that it may add to its own.
    strangers
        What is open here and none of its business: it would never see those lines close.
    slot
        Which of the crew's workers it is.

    Attributes
    ----------
    item, since
        What it has in hand, and since when (`time.monotonic`).
    noted
        Whether that was brought to the disk.
    done
        Recordings that it has done.
    """

    def __init__(self, spec: JobSpec, bound: int, strangers: Iterable[Closable], slot: int) -> None:
        ours, theirs = socket.socketpair()
        self._held_at_start = memory.unreclaimable_bytes(os.getpid())
        self._pid = os.fork()
        if self._pid == 0:
            ours.close()
            for stranger in strangers:
                stranger.close()
            worker.main(Channel(theirs), spec, bound)
        theirs.close()
        # Both do it, for neither knows who is first.
        with suppress(OSError):
            os.setpgid(self._pid, self._pid)
        self._channel = Channel(ours)
        self.slot = slot
        self.item: Item | None = None
        self.since = 0.0
        self.noted = False
        self.done = 0

    def fileno(self) -> int:
        """The descriptor that tells when there is an answer."""
        return self._channel.fileno()

    def close(self) -> None:
        """Let go of the line."""
        self._channel.close()

    def give(self, item: Item) -> None:
        """Hand it a recording."""
        self.item, self.since, self.noted = item, time.monotonic(), False
        # One that died while idle is found by the read that follows.
        with suppress(OSError):
            self._channel.send(item)

    def answers(self) -> list[Any]:
        """What it has to say; raises what `Channel.take` raises."""
        return self._channel.take()

    def grown(self) -> int:
        """Bytes of memory that it holds beyond what it was forked with."""
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
        """Kill it, with whatever it has started."""
        self._channel.close()
        # Its group first: until it is waited for, nobody else can have that number.
        for kill in (os.killpg, os.kill):
            with suppress(ProcessLookupError, PermissionError):
                kill(self._pid, signal.SIGKILL)
        give_up = time.monotonic() + REAPING
        while time.monotonic() < give_up:
            try:
                # Orphans of the group are this process's own: see `crew.main`.
                ended, _ = os.waitpid(-self._pid, os.WNOHANG)
            except ChildProcessError:
                return
            if not ended:
                time.sleep(0.001)
