"""Start helper processes: this Python, this package, one core, shielded from group signals.

They are started with exec: MPI runs in a rank, and a process forked from it may hang.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from ecgmpi.host.cores import SINGLE_THREADED
from ecgmpi.host.signals import NOT_FOR_SUPERVISORS


def start(module: str) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start ``python -m MODULE FD``; return the process and our end of the socket FD.

    `NOT_FOR_SUPERVISORS` is blocked in it, so that a signal to the whole group does not end it
    while it starts.
    """
    ours, theirs = socket.socketpair()
    # Such a process uses one core: libraries must not start threads of their own.
    environment = os.environ | dict.fromkeys(SINGLE_THREADED, "1")
    # It imports the same package as this process, whatever folder it is started in.
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
            # A launcher that kills the group of a rank leaves it a moment to clean up.
            process_group=0,
        )
    except BaseException:
        ours.close()
        raise
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        theirs.close()
    return process, ours
