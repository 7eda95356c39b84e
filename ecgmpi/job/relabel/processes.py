"""Label chunks on some processes, or in this one where there is little to do."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event

from ecgmpi.errors import JobError, StoppedError
from ecgmpi.host.forkserver import start_server
from ecgmpi.host.signals import DRAIN

from .chunks import ChunkLabeller, LabelledChunk, LabelTask, Setting

_POLL = 0.2
"""Seconds between two calls of `check`."""

_AHEAD = 2
"""Tasks that wait for each process, so that none waits for a task."""


def label_chunks(
    tasks: Iterator[LabelTask], setting: Setting, n_workers: int, check: Callable[[], None]
) -> Generator[LabelledChunk, None, None]:
    """Label chunks; give what became of each, in any order.

    Parameters
    ----------
    tasks
        The chunks.
    setting
        What is known of OUT.
    n_workers
        Processes to use: with one, it is this one.
    check
        Called now and then. What it raises ends the work within a sample of each process: what
        was being written is taken back.

    Raises
    ------
    OSError, StoreError
        The disk is full or gone.
    JobError
        A process was killed.
    """
    if n_workers == 1:
        labeller = ChunkLabeller(setting, check)
        yield from map(labeller.label, tasks)
        return
    context = multiprocessing.get_context("forkserver")
    start_server(__name__)
    over = context.Event()
    pool = ProcessPoolExecutor(n_workers, context, _begin, (setting, over))
    try:
        waiting: set[Future[LabelledChunk]] = set()
        while True:
            more = islice(tasks, _AHEAD * n_workers - len(waiting))
            waiting |= {pool.submit(_label, task) for task in more}
            if not waiting:
                return
            done, waiting = wait(waiting, _POLL, FIRST_COMPLETED)
            check()
            yield from (future.result() for future in done)
    except BrokenProcessPool:
        # A signal to the whole group ends them, too.
        check()
        raise JobError(
            "a process that labels was killed: is memory short? Run the same command again, with "
            "fewer --workers"
        ) from None
    finally:
        over.set()
        pool.shutdown(cancel_futures=True)


_labeller: ChunkLabeller


def _begin(setting: Setting, over: Event) -> None:
    """Make ready a process."""
    global _labeller
    threading.Thread(target=_end_with, args=(parent_process(),), daemon=True).start()
    for number in DRAIN:
        # They reach the whole group: the process that asks decides.
        signal.signal(number, signal.SIG_IGN)

    def check() -> None:
        if over.is_set():
            raise StoppedError("the process that asked")

    _labeller = ChunkLabeller(setting, check)


def _end_with(asking: BaseProcess | None) -> None:
    """End this process, whatever it is doing, once the one that asks is gone.

    Its parent, as the kernel sees it, is the one that forks, which stays; and it waits for a task
    in a pipe that it could write to itself, and so never sees the end of.
    """
    assert asking is not None
    asking.join()
    os._exit(1)


def _label(task: LabelTask) -> LabelledChunk:
    return _labeller.label(task)
