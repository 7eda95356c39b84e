"""Gives every Python that has this folder on its path files that harm whoever looks into them.

A file of HDF5's whose name begins with a harm does it to the process that counts what it holds.
"""

from __future__ import annotations

import ctypes
import os
import signal
import time
from pathlib import Path

from ecgmpi.readers import ReadHints
from ecgmpi.readers.hdf5 import record

_count = record.count


def _once(path: Path) -> None:
    """Harm only the first that looks."""
    marker = path.with_suffix(".looked")
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)


def count(path: Path, hints: ReadHints) -> int | None:
    """Do what the name says, then count."""
    match path.stem.partition("_")[0]:
        case "segfault":
            ctypes.string_at(0)
        case "exit":
            os._exit(7)
        case "sleep":
            # As a library that never comes back to Python: no signal of the group ends it.
            signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
            time.sleep(3600)
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "once":
            _once(path)
    return _count(path, hints)


vars(record)["count"] = count
