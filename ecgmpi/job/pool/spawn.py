"""Processes of the job's own: this Python, this package, one core, no signals of the group.

They are started with exec: MPI runs in a rank, and what is forked from it may hang.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from ecgmpi.host.signals import NOT_FOR_SUPERVISORS

# Such a process is on one core: libraries must not start threads of their own.
_SINGLE_THREADED = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "BLIS_NUM_THREADS",
)


def start(module: str) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start ``python -m MODULE FD``; the process, and our end of the line that FD is to it.

    `NOT_FOR_THE_CREW` is blocked in it, so that signals to the whole group while it starts
    do not end it.
    """
    ours, theirs = socket.socketpair()
    environment = os.environ | dict.fromkeys(_SINGLE_THREADED, "1")
    # It finds the same package as this process, from whatever folder it was started.
    package = str(Path(__file__).resolve().parents[3])
    paths = [package, *filter(None, [environment.get("PYTHONPATH")])]
    environment["PYTHONPATH"] = os.pathsep.join(paths)
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, NOT_FOR_SUPERVISORS)
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env=environment,
        )
    except BaseException:
        ours.close()
        raise
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        theirs.close()
    return process, ours
