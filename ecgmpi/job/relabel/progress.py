"""How far the labelling is: a line of a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from ecgmpi.amounts import count, duration
from ecgmpi.host.terminal_line import TerminalLine

LOG_EVERY = 30.0
"""Seconds between two lines of a log."""

FIRST_AFTER = 5.0
"""Seconds until the first of them."""

LINE_EVERY = 0.2
"""Seconds between two looks of the line of a terminal."""


class Progress:
    """Counts recordings.

    Parameters
    ----------
    total
        Recordings of OUT.
    shown
        Whether anything is printed.
    clock
        Seconds, for tests.
    """

    def __init__(
        self, total: int, shown: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._total = total
        self._done = self._before = 0
        self._clock = clock
        self._started = clock()
        self._shown = shown
        self._drawn = bool(shown and sys.stderr and sys.stderr.isatty())
        self._next = self._started + (0.0 if self._drawn else FIRST_AFTER)
        self._line = TerminalLine(sys.stderr)

    def begin(self, done: int) -> None:
        """Say how many earlier runs have labelled."""
        self._done = self._before = done

    def add(self, recordings: int) -> None:
        """Count some that are labelled."""
        self._done += recordings

    def tick(self) -> None:
        """Print where it is time to."""
        if not self._shown or self._clock() < self._next:
            return
        if self._drawn:
            self._next = self._clock() + LINE_EVERY
            self._line.show(lambda _: self._words())
        else:
            self._next = self._clock() + LOG_EVERY
            self._line.say(f"ecgmpi: {self._words()}")

    def close(self) -> None:
        """Leave the terminal at the start of a line."""
        if self._drawn:
            self._line.show(lambda _: self._words())
        self._line.close()

    def _words(self) -> str:
        elapsed = self._clock() - self._started
        said = f"{self._done:,} of {count(self._total, 'recording')} labelled"
        now = self._done - self._before
        if not now or not elapsed:
            return said
        left = duration((self._total - self._done) * elapsed / now)
        return f"{said}, {now / elapsed:.0f} a second, {left} left"
