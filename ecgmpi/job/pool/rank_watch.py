"""The rank, as its supervisor watches it: while it starts, and when it is gone."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ecgmpi.host.launch import detect
from ecgmpi.host.shared_memory import remove_segments

from .messages import RANKS_READY
from .worker_process import EXIT_GRACE

START_TIMEOUT = "ECGMPI_START_TIMEOUT"
"""Environment variable: seconds that a rank may wait for the others to start."""


def await_start(rank: Connection) -> None:
    """Watch the rank while it starts MPI.

    MPI may wait for ever for a rank that has failed, and ignores everything but a kill.
    """
    timeout = float(os.environ.get(START_TIMEOUT, "300"))
    if not rank.poll(timeout):
        launch = detect()
        which = f"rank {launch.rank} of {launch.size}" if launch else "this process"
        print(
            f"ecgmpi: {which} on {socket.gethostname()} has waited {timeout:g} s for the other "
            "ranks to start: one of them failed (see the messages above), or is slower "
            f"(set {START_TIMEOUT} to wait longer)",
            file=sys.stderr,
            flush=True,
        )
        os.kill(os.getppid(), signal.SIGKILL)
        raise EOFError
    answer = received(rank)
    assert answer == RANKS_READY, answer


def received(rank: Connection) -> Any:
    """The next message; EOFError also where the rank was killed in the middle of one."""
    try:
        return rank.recv()
    except OSError:
        raise EOFError from None


def clear_after(rank: int, segments: frozenset[Path], fragments: Path | None) -> None:
    """Remove what a rank that was killed cannot, once it is gone.

    That is the shared memory of MPI, and what was drawn and not packed.
    """
    give_up = time.monotonic() + EXIT_GRACE
    while os.getppid() == rank and time.monotonic() < give_up:
        time.sleep(0.01)
    if os.getppid() != rank:
        remove_segments(segments)
        if fragments is not None:
            shutil.rmtree(fragments, ignore_errors=True)
