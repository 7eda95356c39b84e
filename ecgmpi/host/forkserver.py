"""The process of multiprocessing that forks others, each of which uses one core."""

from __future__ import annotations

import os
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
    try:
        forkserver.ensure_running()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
