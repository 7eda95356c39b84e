"""A folder of this process in the scratch of its node, which is empty again after the job.

Each process that needs one makes a folder and holds a lock on it for as long as it lives. One that
is killed leaves its folder, but not the lock: the next that looks there removes it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = ".ecgmpi-scratch-"
"""What the name of such a folder begins with, and no folder of a user."""

_OF_A_JOB = ("SLURM_TMPDIR", "PBS_JOBFS", "JOBFS")
"""Variables in which schedulers name a folder of the node that is there for one job."""

_IN_A_JOB = ("SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "SGE_TASK_ID")
"""Variables of which one is set in every job of a scheduler."""


def node_scratch(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The node-local folder that the scheduler has made for the job; None where there is none.

    ``TMPDIR`` is one only in a job of a scheduler: elsewhere it is often small, or memory.
    """
    names = list(_OF_A_JOB)
    if any(environment.get(name) for name in _IN_A_JOB):
        names.append("TMPDIR")
    for name in names:
        folder = environment.get(name)
        # A job may inherit the variable from where it was submitted, and not the folder.
        if folder and os.path.isdir(folder) and os.access(folder, os.W_OK):  # noqa: PTH112
            return Path(folder)
    return None


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """Make a folder below `parent` for a block, and remove what killed processes left there.

    Raises
    ------
    OSError
        It cannot be made.
    """
    remove_abandoned(parent)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        # Another process may take a fresh folder for an abandoned one, before it is locked.
        if (lock := _locked(folder)) is not None:
            break
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def remove_abandoned(parent: Path) -> None:
    """Remove the folders below `parent` whose processes are gone."""
    for folder in parent.glob(f"{PREFIX}*"):
        if (lock := _locked(folder)) is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _locked(folder: Path) -> int | None:
    """Lock a folder: an open descriptor that holds the lock; None where it cannot be had."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # It may have been removed since it was opened.
            if os.path.samestat(folder.stat(), os.fstat(descriptor)):
                return descriptor
        except OSError:
            pass
        os.close(descriptor)
    return None
