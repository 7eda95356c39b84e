"""A rank's hands: one process that forks workers, feeds them, and replaces the lost.

    rank  --items-->  crew  --an item-->  worker
          <-results--       <-a result--

The crew is a fresh interpreter that never loads MPI: it imports what drawing needs and
draws once, then forks, so that workers start in milliseconds and share those pages. A
worker that dies or takes too long costs the recording it had in hand, and that one only
after a second try with nothing else running.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait

from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.store import open_store

from . import worker
from .brief import MET, Brief
from .catalogue import Item
from .launch import detect
from .rows import failed
from .signals import NOT_FOR_THE_CREW

PATIENCE = "ECGMPI_START_TIMEOUT"
"""Environment variable: seconds that a rank may wait for the others to start."""

MOST_WAIT = 3600.0
"""Seconds to wait for anything at a time."""


@dataclass(slots=True)
class _Worker:
    """A process, the line to it, and what it has in hand since when."""

    pid: int
    line: Connection
    item: Item | None = None
    since: float = 0.0


class Crew:
    """The workers of a rank, seen from the process that forks them."""

    def __init__(self, rank: Connection, brief: Brief, n_workers: int) -> None:
        self._rank = rank
        self._brief = brief
        self._store = open_store(brief.pack, brief.out)
        self._n_workers = n_workers
        self._workers: list[_Worker] = []
        self._waiting: deque[Item] = deque()
        # Recordings that lost a worker once: tried again when nothing else is in hand.
        self._suspects: deque[Item] = deque()
        self._first_losses: dict[int, RecordingError] = {}
        self._on_trial: Item | None = None

    def serve(self) -> None:
        """Work until the rank hangs up."""
        try:
            while True:
                self._give_out()
                if not self._wait():
                    return
        except (BrokenPipeError, ConnectionResetError):
            # The rank hung up while it was being told something: it has no more use for us.
            pass
        finally:
            for one in self._workers:
                self._end(one)

    def _give_out(self) -> None:
        busy = [one for one in self._workers if one.item]
        if self._suspects and not busy:
            self._on_trial = self._suspects.popleft()
            self._give(self._idle(), self._on_trial)
        elif not self._suspects and self._on_trial is None:
            while self._waiting and len(busy) < self._n_workers:
                one = self._idle()
                busy.append(one)
                self._give(one, self._waiting.popleft())

    def _idle(self) -> _Worker:
        for one in self._workers:
            if one.item is None:
                return one
        one = self._hire()
        self._workers.append(one)
        return one

    def _hire(self) -> _Worker:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            # The child must not hold the lines of others, or it would never see them close.
            ours.close()
            self._rank.close()
            for other in self._workers:
                other.line.close()
            worker.main(Connection(theirs.detach()), self._brief)
        theirs.close()
        return _Worker(pid, Connection(ours.detach()))

    def _give(self, one: _Worker, item: Item) -> None:
        one.item, one.since = item, time.monotonic()
        # A worker that died while idle is found by the read that follows.
        with suppress(OSError):
            one.line.send(item)

    def _wait(self) -> bool:
        """Take in whatever comes first; False once the rank has hung up."""
        busy = [one for one in self._workers if one.item]
        timeout: float | None = None
        if busy:
            oldest = min(one.since for one in busy)
            timeout = max(0.0, oldest + self._brief.timeout - time.monotonic())
            # The system takes no more than some weeks.
            timeout = min(timeout, MOST_WAIT)
        lines: list[Connection] = [self._rank, *(one.line for one in self._workers)]
        ready = wait(lines, timeout)
        for one in list(self._workers):
            if one.line in ready:
                self._hear(one)
            elif one.item and time.monotonic() - one.since >= self._brief.timeout:
                self._lost(
                    one,
                    RecordingError(
                        FailureKind.TIMEOUT,
                        f"not done after {self._brief.timeout:g} s",
                        "look at the file, or give it longer with --timeout",
                    ),
                )
        if self._rank in ready:
            try:
                self._waiting.extend(self._rank.recv())
            except (EOFError, OSError):
                return False
        return True

    def _hear(self, one: _Worker) -> None:
        try:
            answer = one.line.recv()
        except (EOFError, OSError):
            self._lost(one, None)
            return
        if one.item is not None and one.item is self._on_trial:
            self._on_trial = None
            self._first_losses.pop(one.item.index, None)
        one.item = None
        self._rank.send(answer)

    def _lost(self, one: _Worker, reason: RecordingError | None) -> None:
        """A worker died, or was given up on: end it, and see to its recording."""
        item = one.item
        status = self._end(one)
        self._workers.remove(one)
        if item is None:
            return
        self._store.discard(item.name, self._brief.in_folder, self._brief.suffixes)
        reason = reason or RecordingError(
            FailureKind.CRASHED,
            f"the process that read or drew it ended with {_words(status)}",
            "the file makes a library crash: repair it or leave it out",
        )
        if item is not self._on_trial:
            self._suspects.append(item)
            self._first_losses[item.index] = reason
            return
        self._on_trial = None
        first = self._first_losses.pop(item.index)
        twice = ", twice" if first.message == reason.message else f"; before that: {first.message}"
        self._rank.send(
            failed(item, RecordingError(reason.kind, reason.message + twice, reason.remedy))
        )

    def _end(self, one: _Worker) -> int:
        one.line.close()
        with suppress(ProcessLookupError):
            os.kill(one.pid, signal.SIGKILL)
        _, status = os.waitpid(one.pid, 0)
        return os.waitstatus_to_exitcode(status)


def _words(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"


def _await_start(rank: Connection) -> None:
    """Keep watch over the rank while it starts MPI.

    There it may wait for ever for a rank that has failed, deaf to everything but a kill.
    """
    patience = float(os.environ.get(PATIENCE, "300"))
    if not rank.poll(patience):
        launch = detect()
        which = f"rank {launch.rank} of {launch.size}" if launch else "this process"
        print(
            f"ecgmpi: {which} on {socket.gethostname()} has waited {patience:g} s for the other "
            "ranks to start: one of them failed (see what was printed above), or is slower "
            f"than that ({PATIENCE} says how many seconds to wait)",
            file=sys.stderr,
            flush=True,
        )
        os.kill(os.getppid(), signal.SIGKILL)
        raise EOFError
    answer = rank.recv()
    assert answer == MET, answer


def main() -> None:
    """The crew process: ``python -m ecgmpi.job.crew FD``, FD being the line to the rank."""
    for number in NOT_FOR_THE_CREW:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, NOT_FOR_THE_CREW)
    rank = Connection(int(sys.argv[1]))
    try:
        brief: Brief = rank.recv()
        worker.prepare(brief)
        _await_start(rank)
        n_workers: int = rank.recv()
    except EOFError:
        return
    Crew(rank, brief, n_workers).serve()


if __name__ == "__main__":
    main()
