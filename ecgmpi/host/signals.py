"""SIGTERM, SIGINT and SIGUSR1: finish what is in flight, journal it, stop."""

from __future__ import annotations

import faulthandler
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import Any

DRAIN = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)

NOT_FOR_SUPERVISORS = (*DRAIN, signal.SIGHUP)
"""The terminal and the scheduler signal whole groups. The rank decides what to do about it, and
tells its supervisor by a message or by closing the channel."""


_STDERR = 2


def dump_stacks_on_quit() -> None:
    """Make SIGQUIT print what every thread of this process is doing, and nothing else.

    To standard error: where a filesystem hangs, a file could not be written. It works while the
    process is inside a library, and holds for processes that are forked from this one.
    """
    # Standard error may be closed.
    with suppress(OSError, RuntimeError, ValueError):
        faulthandler.register(signal.SIGQUIT, file=_STDERR, all_threads=True)


PDEATHSIG = 1
"""``PR_SET_PDEATHSIG`` of Linux's prctl(2)."""


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends, however it ends."""
    import ctypes

    ctypes.CDLL(None).prctl(PDEATHSIG, signal.SIGKILL)


def outlive_parent() -> None:
    """Undo `die_with_parent`."""
    import ctypes

    ctypes.CDLL(None).prctl(PDEATHSIG, 0)


class Signals:
    """While the block runs, those signals are noted and do not end the process.

    SIGQUIT prints the stacks: see `dump_stacks_on_quit`.

    A second SIGINT raises KeyboardInterrupt: a user who types Ctrl-C twice means it.

    Attributes
    ----------
    received
        Name of the first signal that came, or empty.
    """

    def __init__(self) -> None:
        self.received = ""
        self._interrupts = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        dump_stacks_on_quit()
        # Python lets only the main thread set handlers; a caller in another thread keeps its own.
        if threading.current_thread() is threading.main_thread():
            for number in DRAIN:
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        faulthandler.unregister(signal.SIGQUIT)
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, _: FrameType | None) -> None:
        self.received = self.received or signal.Signals(number).name
        if number == signal.SIGINT:
            self._interrupts += 1
            if self._interrupts > 1:
                raise KeyboardInterrupt


def is_interrupt(error: BaseException) -> bool:
    """Whether an error is an interrupt, or one that Python wrapped.

    Before 3.12 it wraps what is raised in ``__set_name__``, so at any time while a class is made.
    """
    return isinstance(error, KeyboardInterrupt) or isinstance(error.__cause__, KeyboardInterrupt)


@contextmanager
def interruptible() -> Iterator[None]:
    """While the block runs, SIGINT ends the process at once.

    Python acts on it when a call returns; starting MPI does not return where another rank
    has failed to start. Where SIGINT is ignored, as in a job in the background of a script, or
    somebody handles it, that stays.
    """
    waiting = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not waiting or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
