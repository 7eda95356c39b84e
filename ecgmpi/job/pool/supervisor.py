"""A rank's hands: one process that forks workers, feeds them, and replaces the lost.

    rank  --items-->  crew  --an item-->  worker
          <-results--       <-a result--

The crew is a fresh interpreter that never loads MPI: it imports what drawing needs and
draws once, then forks, so that workers start in milliseconds and share those pages. A
worker that dies, takes too long or grows too large costs the recording it had in hand,
and that one only after a second try with nothing else running.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from multiprocessing.connection import Connection, wait

from ecgmpi.corpus.item import Item
from ecgmpi.host.launch import detect
from ecgmpi.host.signals import NOT_FOR_SUPERVISORS
from ecgmpi.results.result import Result
from ecgmpi.store import open_store

from . import failures, worker
from .attempts import SLOW, Attempts
from .channel import GarbledError
from .failures import WorkerFailure
from .messages import (
    DRAIN,
    RANKS_READY,
    JobSpec,
    Settled,
    StartWorkers,
    StorageFailed,
    Work,
    WorkerLost,
)
from .worker_process import LAST_BREATH, Closable, WorkerProcess

PATIENCE = "ECGMPI_START_TIMEOUT"
"""Environment variable: seconds that a rank may wait for the others to start."""

LOOK = 0.2
"""Seconds between two looks at what workers that are busy are up to."""

MOST_KEPT = 0.5
"""Share of its memory that a worker may keep between two recordings; then it is replaced."""

LOOK_EVERY = 32
"""Recordings between two looks at what a worker keeps."""

SUBREAPER = 36
"""``PR_SET_CHILD_SUBREAPER`` of Linux's prctl(2)."""

GO_ON = "see that OUT is there and has room, then run the same command again to resume"


class Supervisor:
    """The workers of a rank, seen from the process that forks them."""

    def __init__(self, rank: Connection, spec: JobSpec, start: StartWorkers) -> None:
        self._rank = rank
        self._spec = spec
        self._start = start
        self._store = open_store(spec.pack, spec.out)
        self._attempts = Attempts(start.attempts)
        self._workers: list[WorkerProcess] = []
        self._waiting: deque[Work] = deque()
        # Recordings that lost a worker once: tried again when nothing else is in hand.
        self._suspects: deque[Item] = deque()
        self._first_losses: dict[int, WorkerFailure] = {}
        self._on_trial: Item | None = None
        self._look_next = 0.0

    def serve(self) -> None:
        """Work until the rank hangs up."""
        try:
            while True:
                self._give_out()
                if not self._wait():
                    return
        except (BrokenPipeError, ConnectionResetError):
            # The rank hung up while it was being told something: it has no more use for us.
            self._hear_last_words()
        finally:
            for one in self._workers:
                one.end()
                if one.item is not None:
                    # It may have been stopped in the middle of a picture.
                    self._store.sweep(*self._files_of(one.item))
            self._attempts.close()

    def _give_out(self) -> None:
        busy = sum(one.item is not None for one in self._workers)
        if self._suspects and not busy:
            self._on_trial = self._suspects.popleft()
            # A fresh one: what others have left in an old one is not to be held against it.
            if len(self._workers) == self._start.n_workers:
                self._part_from(self._workers[0])
            self._give(self._hire(), self._on_trial)
        elif not self._suspects and self._on_trial is None:
            while self._waiting and busy < self._start.n_workers:
                work = self._waiting.popleft()
                if isinstance(work, Settled):
                    self._pass_on(work.item, work.result)
                else:
                    self._give(self._idle(), work)
                    busy += 1

    def _pass_on(self, item: Item, known: Result) -> None:
        if known.failed:
            # Who was drawing it when it was found out may have left half of its pictures.
            self._store.discard(*self._files_of(item))
        self._rank.send(known)

    def _files_of(self, item: Item) -> tuple[str, bool, Iterable[str]]:
        """What a store needs to know to find the files of `item`."""
        return item.name, self._spec.in_folder, self._spec.endings.values()

    def _idle(self) -> WorkerProcess:
        for one in self._workers:
            if one.item is None:
                return one
        return self._hire()

    def _hire(self) -> WorkerProcess:
        # The child must not hold the lines of others, or it would never see them close.
        strangers: list[Closable] = [self._rank, self._attempts, *self._workers]
        taken = {one.slot for one in self._workers}
        slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)
        one = WorkerProcess(self._spec, self._start.memory, strangers, slot)
        self._workers.append(one)
        return one

    def _give(self, one: WorkerProcess, item: Item) -> None:
        try:
            self._attempts.begin(one.slot, item.index)
        except OSError as error:
            self._rank.send(StorageFailed(f"cannot write below OUT: {error.strerror}; {GO_ON}"))
        one.give(item)

    def _wait(self) -> bool:
        """Take in whatever comes first; False once the rank has hung up."""
        busy = any(one.item for one in self._workers)
        timeout = max(0.0, self._look_next - time.monotonic()) if busy else None
        channels = [self._rank.fileno(), *(one.fileno() for one in self._workers)]
        ready = wait(channels, timeout)
        for one in [one for one in self._workers if one.fileno() in ready]:
            self._hear(one)
        if time.monotonic() >= self._look_next:
            self._look()
            self._look_next = time.monotonic() + LOOK
        return self._rank.fileno() not in ready or self._hear_rank()

    def _hear_rank(self) -> bool:
        try:
            message = self._rank.recv()
        except (EOFError, OSError):
            return False
        if message == DRAIN:
            self._attempts.give_back()
        else:
            self._waiting.extend(message)
        return True

    def _hear_last_words(self) -> None:
        with suppress(EOFError, OSError):
            while self._hear_rank():
                pass

    def _look(self) -> None:
        """See to workers that cannot speak for themselves."""
        now = time.monotonic()
        for one in [one for one in self._workers if one.item]:
            seconds = now - one.since
            if seconds >= self._spec.timeout:
                self._lost(one, failures.timeout(self._spec.timeout))
            elif (bound := self._start.memory) and one.grown() > bound:
                self._lost(one, failures.memory(bound))
            elif how := one.ended():
                # A child of it still holds its end of the line.
                self._lost(one, failures.crash(how))
            elif seconds > SLOW and not one.noted:
                self._attempts.sync()
                one.noted = True

    def _hear(self, one: WorkerProcess) -> None:
        try:
            answers = one.answers()
        except (EOFError, OSError):
            self._lost(one, failures.crash(one.ended(LAST_BREATH)))
            return
        except GarbledError:
            self._lost(one, failures.GARBLED)
            return
        for answer in answers:
            if not self._is_due(one, answer):
                self._lost(one, failures.GARBLED)
                return
            bound = self._start.memory
            if isinstance(answer, Result) and (loss := failures.out_of_memory(answer, bound)):
                self._lost(one, loss)
                return
            self._done(one, answer)

    def _is_due(self, one: WorkerProcess, answer: object) -> bool:
        if one.item is None:
            return False
        return isinstance(answer, StorageFailed) or (
            isinstance(answer, Result) and answer.index == one.item.index
        )

    def _done(self, one: WorkerProcess, answer: Result | StorageFailed) -> None:
        assert one.item is not None
        if one.item is self._on_trial:
            self._on_trial = None
            self._first_losses.pop(one.item.index)
        one.item = None
        one.done += 1
        self._attempts.end(one.slot)
        self._rank.send(answer)
        # Looking costs 0.1 ms: now and then is enough for what libraries leak.
        bound = self._start.memory * MOST_KEPT
        look = bound and one.done % LOOK_EVERY == 0
        if one.done >= self._spec.recycle_after or (look and one.grown() > bound):
            self._part_from(one)

    def _part_from(self, one: WorkerProcess) -> None:
        self._workers.remove(one)
        one.end()

    def _lost(self, one: WorkerProcess, loss: WorkerFailure) -> None:
        """A worker died, or was given up on: end it, and see to its recording."""
        item = one.item
        self._part_from(one)
        if item is None:
            return
        self._attempts.end(one.slot)
        self._store.discard(*self._files_of(item))
        self._rank.send(WorkerLost(loss.error.kind))
        if item is not self._on_trial:
            self._suspects.append(item)
            self._first_losses[item.index] = loss
            return
        self._on_trial = None
        self._rank.send(failures.twice(item, self._first_losses.pop(item.index), loss))


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
    assert answer == RANKS_READY, answer


def main() -> None:
    """Run as ``python -m ecgmpi.job.pool.supervisor FD``, FD being the channel to the rank."""
    for number in NOT_FOR_SUPERVISORS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, NOT_FOR_SUPERVISORS)
    # What workers leave behind becomes this process's own, to be killed and waited for.
    ctypes.CDLL(None).prctl(SUBREAPER, 1)
    rank = Connection(int(sys.argv[1]))
    try:
        spec: JobSpec = rank.recv()
        worker.prepare(spec)
        _await_start(rank)
        start = rank.recv()
    except EOFError:
        return
    if isinstance(start, StartWorkers):
        Supervisor(rank, spec, start).serve()


if __name__ == "__main__":
    main()
