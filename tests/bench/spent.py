"""CPU and wall seconds: of work in this process, and of programs with all that they start."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ecgmpi.job.pool.supervisor import SUBREAPER


class Spent(NamedTuple):
    """Seconds that something took.

    Attributes
    ----------
    cpu
        Of processors, by all of its processes.
    wall
        By the clock.
    """

    cpu: float
    wall: float


def pin() -> None:
    """Keep this process, and what it will start, on the lowest core that it may use."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def in_turn(
    works: Mapping[str, Callable[[Path], object]], scratch: Path, turns: int = 1, passes: int = 1
) -> dict[str, list[Spent]]:
    """Time some passes of each kind of work, one kind after another, and do so again.

    What else the machine does then meets all of them alike. Several passes in a turn leave in the
    caches of the processor what a job of that kind would find there. Each pass has a new folder to
    write into, as a job has. Work in another process gives what it took there.

    Returns
    -------
    dict
        Name of the work -> what each of its passes took.
    """
    spent: dict[str, list[Spent]] = {name: [] for name in works}
    for number in range(turns):
        order = list(works)[:: -1 if number % 2 else 1]
        for name in [name for name in order for _ in range(passes)]:
            with tempfile.TemporaryDirectory(dir=scratch) as out:
                cpu, wall = time.process_time(), time.perf_counter()
                told = works[name](Path(out))
                here = Spent(time.process_time() - cpu, time.perf_counter() - wall)
                spent[name].append(told if isinstance(told, Spent) else here)
    return spent


def mpirun() -> Path | None:
    """The launcher beside this Python, or on PATH; None where there is none."""
    beside = Path(sys.executable).parent / "mpirun"
    found = beside if beside.exists() else shutil.which("mpirun")
    return Path(found) if found else None


def adopt() -> None:
    """Make what programs leave behind this process's own, so that `of_program` counts it."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1)


def of_program(
    command: Sequence[object],
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Spent:
    """Run a program to its end; this process must have no other children.

    Raises
    ------
    subprocess.CalledProcessError
        It failed; what it said on standard error has been passed on.
    """
    before, begun = _cpu_of_children(), time.perf_counter()
    subprocess.run(
        [str(word) for word in command],
        env=os.environ | dict(environment or {}),
        cwd=cwd,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    wall = time.perf_counter() - begun
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    return Spent(_cpu_of_children() - before, wall)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
