"""How far the job is: a bar on a terminal, a line now and then in a log; rank 0 alone."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence

from ecgmpi.host.terminal_line import TerminalLine

from .pace import Pace
from .progress_text import BLOCKS, PLAIN, Standing, bar_line, first_line, log_line

LOG_EVERY = 30.0
"""Seconds between two lines of a log."""

FIRST_AFTER = 5.0
"""Seconds until the first of them."""

BAR_EVERY = 0.2
"""Seconds between two looks of a bar."""


class Progress:
    """Counts recordings as chunks are completed, and says how many by the clock.

    Parameters
    ----------
    how
        ``bar``, ``log``, ``none``, or ``auto``: a bar where standard error is a terminal,
        else lines.
    total, done, failed
        Recordings of the job, and how many earlier runs finished and failed.
    clock
        Seconds, for tests.
    """

    def __init__(
        self,
        how: str,
        total: int,
        done: int,
        failed: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if how == "auto":
            how = "bar" if sys.stderr and sys.stderr.isatty() else "log"
        self._how = how
        self._clock = clock
        self._total, self._done, self._failed = total, done, failed
        self._workers: Sequence[int] = ()
        self._ranks_left = 0
        self._drawing = self._looking = False
        self._drawing_since = started = clock()
        self._pace = Pace(started)
        self._next = started + (FIRST_AFTER if how == "log" else 0.0)
        self._line = TerminalLine(sys.stderr)
        self._blocks = BLOCKS if self._line.can_show(BLOCKS) else PLAIN

    def begin(self, workers: Sequence[int]) -> None:
        """Say what is drawn with how many `workers`, a number a rank."""
        self._workers = workers
        self._ranks_left = len(workers)
        if self._how != "none":
            self.say(first_line(self._total, self._total - self._done, workers))

    def handed_out(self, to_draw: bool) -> None:
        """Note that a rank has got work: recordings to draw, or what was drawn to look through."""
        if to_draw and self._looking:
            self._drawing_since = self._clock()
        self._drawing = self._drawing or to_draw
        self._looking = not self._drawing

    def add(self, recordings: int, failed: int, failures: Iterable[str] = ()) -> None:
        """Count a chunk that is done, and print its `failures`."""
        self._done += recordings
        self._failed += failed
        self._pace.add(self._clock(), recordings)
        for line in failures:
            self.say(line)

    def rank_ended(self) -> None:
        """Count a rank that works no more."""
        self._ranks_left -= 1

    def tick(self) -> None:
        """Print where it is time to: called all the time, whether or not something is done."""
        if self._how == "none" or (now := self._clock()) < self._next:
            return
        if self._how == "bar":
            self._next = now + BAR_EVERY
            self._draw(now)
        else:
            self._next = now + LOG_EVERY
            self.say(log_line(self._standing(now)))

    def say(self, line: str) -> None:
        """Print a line, above the bar if there is one."""
        self._line.say(f"ecgmpi: {line}")

    def close(self) -> None:
        """Leave the bar as it stands now, and the terminal at the start of a line."""
        if self._how == "bar":
            self._draw(self._clock())
        self._line.close()

    def _draw(self, now: float) -> None:
        standing = self._standing(now)
        self._line.show(lambda columns: bar_line(standing, columns, self._blocks))

    def _standing(self, now: float) -> Standing:
        return Standing(
            self._total,
            self._done,
            self._failed,
            self._pace.done,
            self._pace.overall(now),
            self._pace.lately(now),
            self._pace.elapsed(now),
            self._workers,
            self._ranks_left,
            self._looking,
            now - self._drawing_since,
        )
