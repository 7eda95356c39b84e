"""A whole job in one process: `run_job` for every rank, one of which runs at a time.

Each rank is a thread that stops wherever it receives messages, until a test lets it go on. So
what really runs on many nodes runs here in an order that a test chooses, and a rank can be
killed between any two of its turns. Only what `tests.job.fakes` has is not real.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ecgmpi.errors import JobError
from ecgmpi.host.signals import Signals
from ecgmpi.job import context, follow, handshake, lead, run
from ecgmpi.job.peers import Peers
from ecgmpi.job.pool.messages import JobSpec
from ecgmpi.job.protocol import Begin, Message
from ecgmpi.job.rank import Rank
from ecgmpi.job.summary import Summary
from ecgmpi.job.suspects import retry_alone
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.running import Running
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.results.journal_writer import JournalWriter
from tests.job.fakes import Clock, FakeCommunicator, FakePool, Network
from tests.outputs import journaled, manifest

N = 40
"""Recordings of the jobs that the fixture `start` starts."""

A_TURN = 0.01
"""Seconds that a turn of a rank takes, by the clock of the job."""


class Killed(KeyboardInterrupt):
    """Ends the thread of a rank that was killed."""


class Turns:
    """A thread that runs one turn at a time."""

    def __init__(self, call: Callable[[], Summary]) -> None:
        self._call = call
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._main)
        self._killed = False
        self.ended = False
        self.summary: Summary | None = None
        self.error: BaseException | None = None

    def _main(self) -> None:
        self._go.acquire()
        try:
            self.summary = self._call()
        except BaseException as error:
            self.error = error
        self.ended = True
        self._stopped.release()

    def turn(self) -> None:
        """Let it run until it has ended its turn, or itself."""
        if self.ended:
            return
        if not self._thread.ident:
            self._thread.start()
        self._go.release()
        self._stopped.acquire()

    def end_turn(self) -> None:
        """In the thread: wait until it is its turn again."""
        if self._killed:
            raise Killed
        self._stopped.release()
        self._go.acquire()
        if self._killed:
            raise Killed

    def kill(self) -> None:
        """End it wherever it is."""
        self._killed = True
        while self._thread.ident and not self.ended:
            self.turn()


class SteppedCommunicator(FakeCommunicator):
    """Ends the turn of its rank before each look for messages."""

    turns: Turns

    def receive(self) -> Iterator[tuple[int, Message]]:
        self.turns.end_turn()
        yield from super().receive()


class PromptJournal(JournalWriter):
    """A journal on a disk that takes no time, by the clock of the job."""

    def on_disk(self, wait: bool = False) -> Iterator[int]:
        return super().on_disk(wait=True)


class OneProcess:
    """A job of several ranks on `inputs`, to be advanced turn by turn.

    Attributes
    ----------
    pools, signals
        The workers of each rank, and the signals that it has received.
    killed
        The ranks that were killed or stand still.
    """

    def __init__(
        self,
        inputs: Path,
        out: Path,
        n_ranks: int = 4,
        rendering: Rendering | None = None,
        running: Running | None = None,
    ) -> None:
        self.paths = JobPaths(out)
        self.clock = Clock()
        self.network = Network(n_ranks, SteppedCommunicator)
        rendering = rendering or Rendering()
        running = running or Running(workers=2, progress="none")
        spec = JobSpec(rendering, out, rendering.pack, running.timeout)
        strict = rendering.strict
        self.pools = [
            FakePool(spec.open_store(), self.clock, content=strict) for _ in range(n_ranks)
        ]
        self.signals = [Signals() for _ in range(n_ranks)]
        self.killed: set[int] = set()
        self.ranks = [
            Turns(partial(run.run_job, [str(inputs)], out, rendering, running))
            for _ in range(n_ranks)
        ]
        for number, communicator in enumerate(self.network.ranks):
            assert isinstance(communicator, SteppedCommunicator)
            communicator.turns = self.ranks[number]
        self._current = 0
        # What rank 0 does when its Python ends.
        self._last: Callable[[], None] | None = None

    def turn(self, rank: int) -> None:
        """Let one rank run until it looks for messages again."""
        if rank not in self.killed:
            self.clock.advance(A_TURN)
            self._current = rank
            self.ranks[rank].turn()
            if rank == 0 and self._last and self.ranks[0].ended:
                self._last()
                self._last = None

    def round(self) -> None:
        """A turn of each rank."""
        for rank in range(self.network.size):
            self.turn(rank)

    def rounds(self, n: int) -> None:
        for _ in range(n):
            self.round()

    def kill(self, rank: int) -> None:
        self.killed.add(rank)
        self.network.lose(rank)

    def freeze(self, rank: int) -> None:
        """Let `rank` stand still, so that its connections stay."""
        self.killed.add(rank)
        self.network.lose_silently(rank)

    @property
    def begun(self) -> bool:
        """Whether rank 0 has let the others begin."""
        return any(isinstance(message, Begin) for _, _, message in self.network.sent)

    @property
    def over(self) -> bool:
        """Whether every rank that lives has ended."""
        return all(one.ended for k, one in enumerate(self.ranks) if k not in self.killed)

    def finish(self, most: int = 2000) -> None:
        """Take rounds until all have ended; fail after so `most` of them."""
        for _ in range(most):
            if self.over:
                return
            self.round()
        raise AssertionError(f"not over after {most} rounds: {[r.ended for r in self.ranks]}")

    def status(self, rank: int) -> int:
        """The exit status of a rank that has ended."""
        ended = self.ranks[rank]
        if isinstance(ended.error, JobError):
            return int(ended.error.exit_status)
        assert ended.summary, ended.error
        return ended.summary.status

    @property
    def statuses(self) -> list[int]:
        """Those of the ranks that live."""
        return [self.status(k) for k in range(self.network.size) if k not in self.killed]

    @property
    def left(self) -> dict[int, list[int]]:
        """The ranks that left without MPI_Finalize, and with what status."""
        return {one.rank: one.left for one in self.network.ranks if one.left}

    @property
    def summary(self) -> Summary:
        summary = self.ranks[0].summary
        assert summary, self.ranks[0].error
        return summary

    @property
    def drawn(self) -> list[int]:
        """Indices of all recordings that any rank gave to its workers, sorted."""
        return sorted(index for pool in self.pools for index in pool.given)

    # --- what `run_job` makes for itself elsewhere ------------------------------------------

    def _patch(self, patch: pytest.MonkeyPatch) -> None:
        patch.setattr(run, "WorkerPool", lambda *_: self.pools[self._current])
        patch.setattr(run, "connect_ranks", lambda _: self.network.ranks[self._current])
        patch.setattr(run, "Signals", lambda: self.signals[self._current])
        patch.setattr(run, "Peers", partial(Peers, clock=self.clock))
        patch.setattr(run, "SPEAKS_WITHIN", 0.0)
        patch.setattr(context, "atexit", SimpleNamespace(register=self._at_exit))
        no_sleep = SimpleNamespace(monotonic=self.clock, sleep=lambda _: None)
        patch.setattr(handshake, "time", no_sleep)
        patch.setattr(lead, "retry_alone", partial(retry_alone, clock=self.clock))
        for module in (lead, follow):
            patch.setattr(module, "PAUSE", 0.0)
            patch.setattr(module, "UNASKED", 0.0)
            patch.setattr(module, "Rank", partial(Rank, clock=self.clock))
            patch.setattr(module, "JournalWriter", PromptJournal)

    def _at_exit(self, leave: Callable[[int], None], status: int) -> None:
        self._last = partial(leave, status)

    def close(self) -> None:
        """End whatever still runs."""
        for number, one in enumerate(self.ranks):
            self._current = number
            one.kill()


@contextmanager
def one_process(
    inputs: Path,
    out: Path,
    n_ranks: int = 4,
    rendering: Rendering | None = None,
    running: Running | None = None,
) -> Iterator[OneProcess]:
    """A job whose ranks are all ended at the end of the block."""
    with pytest.MonkeyPatch.context() as patch:
        job = OneProcess(inputs, out, n_ranks, rendering, running)
        job._patch(patch)
        level = logging.getLogger("ecgmpi").level
        try:
            yield job
        finally:
            job.close()
            # Ranks that share a process do not end in the order that their logs expect.
            logging.getLogger("ecgmpi").setLevel(level)


def recordings(folder: Path, n: int) -> Path:
    """Files that look like recordings to a walk; no worker here reads them."""
    folder.mkdir(parents=True)
    for number in range(n):
        (folder / f"R{number:04d}.mat").write_bytes(b"x")
    return folder


StartJob = Callable[..., AbstractContextManager[OneProcess]]
"""Starts a job of `N` recordings on several ranks."""


def run_whole(start: StartJob, **options: Any) -> OneProcess:
    """Run a job undisturbed: it must complete."""
    with start(**options) as job:
        job.finish()
    assert job.statuses == [0] * job.network.size
    assert [row["name"] for row in manifest(job.paths.out)] == [f"R{k:04d}" for k in range(N)]
    return job


def chunks_done(job: OneProcess) -> list[int]:
    """The chunks that journals have, of one recording each, as often as they have them."""
    return [chunk for chunks in journaled(job.paths.out).values() for chunk in chunks]
