"""Local processes that do the tasks of a check.

Each gets one task at a time through a pipe of its own. One that is killed is replaced and its
task is tried once more, so that a check never waits for a process that is gone.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import traceback
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess

from ecgmpi.errors import JobError
from ecgmpi.host.forkserver import start_server

from .checker import Checker
from .problems import Checked
from .tasks import Setting, Task

MOST_LOST = 20
"""Processes that are lost one after another, without a task done, before it is given up."""

_TRIES = 2


@dataclass(slots=True)
class _Worker:
    process: ForkServerProcess
    task: Task
    tries: int


def run_tasks(
    tasks: Iterator[Task], n_workers: int, setting: Setting
) -> Generator[Checked, None, None]:
    """Do tasks on some processes; give what came of each, in any order.

    Raises
    ------
    JobError
        The manifest is damaged, or the processes are killed again and again.
    """
    context = multiprocessing.get_context("forkserver")
    start_server(__name__)
    workers: dict[Connection, _Worker] = {}
    again: deque[tuple[Task, int]] = deque()
    coming = ((task, 1) for task in tasks)
    lost = 0

    def following() -> tuple[Task, int] | None:
        return again.popleft() if again else next(coming, None)

    try:
        while True:
            while len(workers) < n_workers and (job := following()) is not None:
                ours, theirs = context.Pipe()
                process = context.Process(target=_work, args=(theirs, setting), daemon=True)
                process.start()
                theirs.close()
                workers[ours] = _Worker(process, *job)
                _send(ours, job[0])
            if not workers:
                return
            for ready in wait(list(workers)):
                assert isinstance(ready, Connection)
                worker = workers[ready]
                try:
                    answer = ready.recv()
                except (EOFError, OSError):
                    lost += 1
                    _end(ready, workers.pop(ready))
                    if lost > MOST_LOST:
                        raise JobError(
                            "the processes that check are killed again and again: is memory "
                            "short? Give fewer --workers"
                        ) from None
                    if worker.tries < _TRIES:
                        again.append((worker.task, worker.tries + 1))
                    else:
                        yield _unchecked(
                            worker.task, "the process that looked at it was killed, twice"
                        )
                    continue
                if isinstance(answer, JobError):
                    raise answer
                lost = 0
                if (job := following()) is None:
                    _end(ready, workers.pop(ready))
                else:
                    worker.task, worker.tries = job
                    _send(ready, worker.task)
                yield answer
    finally:
        for connection, worker in workers.items():
            worker.process.terminate()
            _end(connection, worker)


def _send(connection: Connection, task: Task) -> None:
    # One that is gone already is found when it is asked.
    with contextlib.suppress(OSError):
        connection.send(task)


def _end(connection: Connection, worker: _Worker) -> None:
    connection.close()
    worker.process.join()


def _work(connection: Connection, setting: Setting) -> None:
    """Do what comes through a pipe, until it is closed."""
    # Ctrl-C reaches the whole group: the process that asks decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(EOFError, OSError):
        try:
            checker = Checker(setting)
            while True:
                task = connection.recv()
                connection.send(_answer(checker, task))
        except JobError as error:
            connection.send(error)


def _answer(checker: Checker, task: Task) -> Checked:
    try:
        return checker.check(task)
    except JobError:
        raise
    except Exception:
        traceback.print_exc()
        how = "this is a mistake in ecgmpi: please report it, with the lines above"
        return _unchecked(task, how)


def _unchecked(task: Task, how: str) -> Checked:
    checked = Checked()
    checked.unchecked(task.called, how)
    return checked
