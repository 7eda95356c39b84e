"""The supervisor of a rank: one process that forks workers, feeds them and replaces lost ones.

    rank  --items-->  supervisor  --an item-->  worker
          <-results--             <-a result--

The supervisor never loads MPI: it is forked from the rank before that does, or a fresh interpreter
(see `spawn`). It imports what drawing needs and draws once, then forks, so that workers start in
milliseconds and share those pages. A worker
that dies, takes too long or grows too large costs the recording that it had in flight, and
that one only after a retry with nothing else in flight.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time
from collections import deque
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from ecgmpi.corpus.item import Item
from ecgmpi.host.process_name import SUPERVISOR, name_this_process
from ecgmpi.host.shared_memory import segments_of
from ecgmpi.host.signals import (
    NOT_FOR_SUPERVISORS,
    die_with_parent,
    dump_stacks_on_quit,
    outlive_parent,
)
from ecgmpi.results.result import Result

from . import failures, worker
from .attempts import SLOW, Attempts
from .channel import GarbledError
from .failures import WorkerFailure
from .messages import (
    DRAIN,
    Answer,
    JobSpec,
    Settled,
    StartWorkers,
    StorageFailed,
    Suspects,
    Work,
    WorkerLost,
    item_of,
)
from .rank_watch import await_start, clear_after, received
from .worker_process import EXIT_GRACE, Closable, WorkerProcess

CHECK_EVERY = 0.2
"""Seconds between two checks of the workers that are busy."""

MOST_KEPT = 0.5
"""Share of its memory that a worker may keep between two recordings; above, it is replaced."""

RECORDINGS_PER_MEMORY_CHECK = 32
"""Recordings of a worker between two checks of the memory that it keeps."""

SUBREAPER = 36
"""``PR_SET_CHILD_SUBREAPER`` of Linux's prctl(2)."""

_REMEDY = "check that OUT exists and has room, then run the same command again to resume"


class Supervisor:
    """The workers of a rank, seen from the process that forks them.

    Attributes
    ----------
    drained
        Whether the rank has said that it stops.
    """

    def __init__(self, rank: Connection, spec: JobSpec, start: StartWorkers) -> None:
        self._rank = rank
        self._spec = spec
        self._start = start
        self._store = spec.open_store(start.fragments, start.splits)
        self._attempts = Attempts(start.attempts, start.attempts_name)
        self._workers: list[WorkerProcess] = []
        self._arrived = select.poll()
        self._arrived.register(rank, select.POLLIN)
        self._waiting: deque[Work] = deque()
        # Recordings that lost a worker once: retried when nothing else is in flight.
        self._suspects: deque[Item] = deque()
        self._first_failures: dict[int, WorkerFailure] = {}
        self._retried: Item | None = None
        self._check_next = 0.0
        self.drained = False

    def serve(self) -> None:
        """Work until the rank closes its channel."""
        try:
            while True:
                self._dispatch()
                if not self._wait():
                    return
        except (BrokenPipeError, ConnectionResetError):
            # The rank closed its channel during a send: it needs no more results.
            self._receive_rest()
        finally:
            for one in self._workers:
                one.end()
                if one.item is not None:
                    # It may have been stopped in the middle of a picture.
                    self._store.sweep(one.item.chunk, one.item.name)
            self._attempts.close()

    def _dispatch(self) -> None:
        busy = sum(one.item is not None for one in self._workers)
        if self._suspects and not busy:
            self._retried = self._suspects.popleft()
            # In a fresh worker: what other recordings left in an old one must not count against it.
            if len(self._workers) == self._start.n_workers:
                self._end_worker(self._workers[0])
            self._give(self._fork(), self._retried)
        elif not self._suspects and self._retried is None:
            while self._waiting and busy < self._start.n_workers:
                work = self._waiting.popleft()
                if isinstance(work, Settled):
                    self._send_settled(work.item, work.result)
                else:
                    self._give(self._idle(), work)
                    busy += 1

    def _send_settled(self, item: Item, known: Result) -> None:
        if known.failed:
            # The worker that last drew it may have left half of its pictures.
            self._store.discard(item.chunk, item.name)
        self._rank.send(known)

    def _idle(self) -> WorkerProcess:
        for one in self._workers:
            if one.item is None:
                return one
        return self._fork()

    def _fork(self) -> WorkerProcess:
        # The child must not hold the channels of others, or these would never see them close.
        inherited: list[Closable] = [self._rank, self._attempts, *self._workers]
        taken = {one.slot for one in self._workers}
        slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)
        one = WorkerProcess(self._spec, self._start, inherited, slot)
        self._workers.append(one)
        self._arrived.register(one, select.POLLIN)
        return one

    def _give(self, one: WorkerProcess, item: Item) -> None:
        try:
            self._attempts.begin(one.slot, item.index)
        except OSError as error:
            self._rank.send(StorageFailed(f"cannot write below OUT: {error.strerror}; {_REMEDY}"))
        one.give(item)

    def _wait(self) -> bool:
        """Receive whatever comes first; False once the rank has closed its channel."""
        busy = any(one.item for one in self._workers)
        timeout = 1e3 * max(0.0, self._check_next - time.monotonic()) if busy else None
        ready = {handle for handle, _ in self._arrived.poll(timeout)}
        for one in [one for one in self._workers if one.fileno() in ready]:
            self._receive(one)
        if time.monotonic() >= self._check_next:
            self._check_busy()
            self._check_next = time.monotonic() + CHECK_EVERY
        return self._rank.fileno() not in ready or self._receive_from_rank()

    def _receive_from_rank(self) -> bool:
        try:
            message = self._rank.recv()
        except (EOFError, OSError):
            return False
        if message == DRAIN:
            self.drained = True
            self._attempts.withdraw()
        elif isinstance(message, Suspects):
            for item in message.items:
                self._store.discard(item.chunk, item.name)
                self._first_failures[item.index] = message.failure
            self._suspects.extend(message.items)
        else:
            if not self._workers:
                # Those of a corpus are much alike.
                worker.share(item_of(work).path for work in message)
            self._waiting.extend(message)
        return True

    def _receive_rest(self) -> None:
        with suppress(EOFError, OSError):
            while self._receive_from_rank():
                pass

    def _check_busy(self) -> None:
        """Find busy workers that are lost without having closed their channel."""
        now = time.monotonic()
        for one in [one for one in self._workers if one.item]:
            seconds = now - one.since
            if seconds >= self._spec.timeout:
                self._lost(one, failures.timeout(self._spec.timeout))
            elif (bound := self._start.memory) and one.grown() > bound:
                self._lost(one, failures.memory(bound))
            elif how := one.ended():
                # A child of it still holds its end of the channel.
                self._lost(one, failures.crash(how))
            elif seconds > SLOW and not one.noted:
                self._attempts.sync()
                one.noted = True

    def _receive(self, one: WorkerProcess) -> None:
        try:
            answers = one.answers()
        except (EOFError, OSError):
            self._lost(one, failures.crash(one.ended(EXIT_GRACE)))
            return
        except GarbledError:
            self._lost(one, failures.GARBLED)
            return
        for answer in answers:
            if not self._is_expected(one, answer):
                self._lost(one, failures.GARBLED)
                return
            if isinstance(answer, Answer) and answer.out_of_memory:
                self._lost(one, failures.out_of_memory(answer.out_of_memory, self._start.memory))
                return
            self._done(one, answer)

    def _is_expected(self, one: WorkerProcess, answer: object) -> bool:
        if one.item is None:
            return False
        return isinstance(answer, StorageFailed) or (
            isinstance(answer, Answer) and answer.index == one.item.index
        )

    def _done(self, one: WorkerProcess, answer: Answer | StorageFailed) -> None:
        assert one.item is not None
        if one.item is self._retried:
            self._retried = None
            self._first_failures.pop(one.item.index)
        one.item = None
        one.done += 1
        self._attempts.end(one.slot)
        if isinstance(answer, Answer):
            self._rank.send_bytes(answer.data)
        else:
            self._rank.send(answer)
        # A check costs 0.1 ms: now and then is enough for what libraries leak.
        bound = self._start.memory * MOST_KEPT
        check = bound and one.done % RECORDINGS_PER_MEMORY_CHECK == 0
        if one.done >= self._spec.recycle_after or (check and one.grown() > bound):
            self._end_worker(one)

    def _end_worker(self, one: WorkerProcess) -> None:
        self._workers.remove(one)
        self._arrived.unregister(one)
        one.end()

    def _lost(self, one: WorkerProcess, failure: WorkerFailure) -> None:
        """A worker died or was given up: end it, and retry or fail its recording."""
        item = one.item
        self._end_worker(one)
        if item is None:
            return
        self._attempts.end(one.slot)
        self._store.discard(item.chunk, item.name)
        self._rank.send(WorkerLost(failure.error.kind))
        if item is not self._retried:
            self._suspects.append(item)
            self._first_failures[item.index] = failure
            return
        self._retried = None
        self._rank.send(failures.twice(item, self._first_failures.pop(item.index), failure))


def serve(channel: int) -> None:
    """The life of a supervisor, forked or run as ``python -m ecgmpi.job.pool.supervisor FD``.

    Parameters
    ----------
    channel
        FD, the descriptor of the channel to the rank.
    """
    name_this_process(SUPERVISOR)
    for number in NOT_FOR_SUPERVISORS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, NOT_FOR_SUPERVISORS)
    dump_stacks_on_quit()
    # Until there is something to clean up. What it loads may go away with the rank.
    die_with_parent()
    # Orphans of workers become children of this process, to be killed and reaped.
    ctypes.CDLL(None).prctl(SUBREAPER, 1)
    rank = Connection(channel)
    parent, segments = os.getppid(), frozenset[Path]()
    try:
        spec: JobSpec = received(rank)
        worker.prepare(spec)
        await_start(rank)
        segments = segments_of(parent)
        start = received(rank)
    except EOFError:
        return
    outlive_parent()
    if isinstance(start, StartWorkers):
        supervisor = Supervisor(rank, spec, start)
        supervisor.serve()
        if not supervisor.drained:
            clear_after(parent, segments, start.fragments)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
