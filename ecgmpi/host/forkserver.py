"""The process of multiprocessing that forks others, each of which uses one core."""

from __future__ import annotations

import os
import signal
from multiprocessing import forkserver

from .cores import SINGLE_THREADED


def start_server(module: str) -> None:
    """Start the process that forks the others, unless it runs.

    Parameters
    ----------
    module
        What all of them import: done once, before they are forked.
    """
    forkserver.set_forkserver_preload([module])
    before = {name: os.environ.get(name) for name in SINGLE_THREADED}
    os.environ |= dict.fromkeys(SINGLE_THREADED, "1")
    # Schedulers send it to every process of a job. These, and the one that multiprocessing starts
    # beside them, would end of it; of SIGINT and SIGTERM it takes care itself.
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
