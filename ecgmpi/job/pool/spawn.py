"""Start helper processes: this Python, this package, one core, shielded from group signals.

As a rule they are started with exec: MPI runs in a rank, and a process forked from it may hang, or
hold what belongs to MPI. The first supervisor of a rank is started before MPI is: if the rank is
the command's own process and has a single thread, it is forked, which saves loading Python and
this package once more, and shares their pages.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import F_DUPFD_CLOEXEC, fcntl
from importlib import import_module
from pathlib import Path
from typing import NoReturn, Protocol

from ecgmpi.host.cores import SINGLE_THREADED
from ecgmpi.host.signals import NOT_FOR_SUPERVISORS

_PACKAGE = str(Path(__file__).resolve().parents[3])
"""The folder from which this process imports ecgmpi."""

_POLL = 0.002
"""Seconds between two looks whether a forked process has ended."""


class Process(Protocol):
    """A helper process: `subprocess.Popen` as far as it is used, or a `ForkedProcess`."""

    @property
    def pid(self) -> int:
        """Its number."""
        ...

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and give its exit status, or minus the signal that killed it."""
        ...

    def kill(self) -> None:
        """Kill it, unless it has been waited for."""


class ForkedProcess:
    """A child that was forked, with the methods of `subprocess.Popen` that are used."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._status: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; the exit status, or minus the number of the signal that killed it.

        Raises
        ------
        subprocess.TimeoutExpired
            It has not ended after `timeout` seconds.
        """
        give_up = None if timeout is None else time.monotonic() + timeout
        while self._status is None:
            flags = 0 if give_up is None else os.WNOHANG
            try:
                pid, status = os.waitpid(self.pid, flags)
            except ChildProcessError:
                # Whoever started this process ignores SIGCHLD: nothing is known of the end.
                pid, status = self.pid, 0
            if pid:
                self._status = os.waitstatus_to_exitcode(status)
            elif give_up is not None and time.monotonic() >= give_up:
                raise subprocess.TimeoutExpired("supervisor", timeout or 0.0)
            else:
                time.sleep(_POLL)
        return self._status

    def kill(self) -> None:
        """Kill it, unless it has been waited for: its number may be another's by then."""
        if self._status is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


@contextmanager
def _channel_to_helper() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Give our end and the helper's of a channel; ours stays open once the helper has started.

    `NOT_FOR_SUPERVISORS` is blocked meanwhile, and so in the helper from its first moment.
    """
    ours, theirs = socket.socketpair()
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, NOT_FOR_SUPERVISORS)
    try:
        yield ours, theirs
    except BaseException:
        ours.close()
        raise
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        theirs.close()


def start(module: str) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start ``python -m MODULE FD``; return the process and our end of the socket FD.

    `NOT_FOR_SUPERVISORS` is blocked in it, so that a signal to the whole group does not end it
    while it starts.
    """
    # Such a process uses one core: libraries must not start threads of their own.
    environment = os.environ | dict.fromkeys(SINGLE_THREADED, "1")
    # It imports the same package as this process, whatever folder it is started in.
    paths = [_PACKAGE, *filter(None, [environment.get("PYTHONPATH")])]
    environment["PYTHONPATH"] = os.pathsep.join(paths)
    with _channel_to_helper() as (ours, theirs):
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env=environment,
            # A launcher that kills the group of a rank leaves it a moment to clean up.
            process_group=0,
        )
    return process, ours


def may_fork() -> bool:
    """Whether a process can be forked from this one: it has no other thread, and no MPI.

    A lock that another thread holds would be held in the child for ever.
    """
    try:
        threads = len(list(Path("/proc/self/task").iterdir()))
    except OSError:
        return False
    return threads == 1 and "mpi4py.MPI" not in sys.modules


def fork(module: str) -> tuple[ForkedProcess, socket.socket]:
    """Fork a process that runs ``serve(FD)`` of `module`; otherwise as `start`.

    Only where `may_fork`, in a process of the command itself: nothing of it is open in the child
    but the socket FD and the standard streams.
    """
    # No collection looks at what is there any more, here or in the child: that would copy pages.
    gc.freeze()
    for stream in (sys.stdout, sys.stderr):
        # What is waiting to be written would be written twice.
        with suppress(OSError, ValueError):
            stream.flush()
    with _channel_to_helper() as (ours, theirs):
        pid = os.fork()
        if pid == 0:
            _become(module, theirs.fileno())
    return ForkedProcess(pid), ours


def _become(module: str, given: int) -> NoReturn:
    """The life of a forked process, as if it had been started with exec."""
    status = 1
    try:
        os.setpgid(0, 0)
        # The standard streams may have been closed, and the socket be in the place of one.
        channel = fcntl(given, F_DUPFD_CLOEXEC, 3)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - numbers
            if int(name) > 2 and int(name) != channel:
                with suppress(OSError):
                    os.close(int(name))
        if not sys.flags.safe_path:
            # The folder that the command lies in or was typed in.
            sys.path[0] = _PACKAGE
        import_module(module).serve(channel)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)
