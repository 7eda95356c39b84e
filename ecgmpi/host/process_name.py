"""What processes are called by ``ps``, ``top`` and ``/proc/PID/comm``."""

from __future__ import annotations

import ctypes

SUPERVISOR, WORKER = "ecgmpi-superv", "ecgmpi-worker"
"""Processes that are forked keep the command line of another: the rank's, as a rule."""

_SET_NAME = 15
"""``PR_SET_NAME`` of Linux's prctl(2), which keeps 15 bytes."""


def name_this_process(name: str) -> None:
    """Call this process `name`, at most 15 letters."""
    ctypes.CDLL(None).prctl(_SET_NAME, name.encode(), 0, 0, 0)
