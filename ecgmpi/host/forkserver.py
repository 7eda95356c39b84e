"""The process of multiprocessing that forks others, each of which uses one core."""

from __future__ import annotations

import os
import signal
from multiprocessing import forkserver, resource_tracker

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
    # A terminal and schedulers send these to every process of a job. They would end what
    # multiprocessing starts, and one that has just been forked would print a traceback.
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    try:
        # Before SIGINT is blocked, as it unblocks that.
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
