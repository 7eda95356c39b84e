"""How far the job is: a bar on a terminal, a line now and then in a log; rank 0 alone."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Never

from tqdm import tqdm

LOG_EVERY = 30.0
"""Seconds between two lines of a log."""

FIRST_AFTER = 5.0
"""Seconds until the first of them."""


class Progress:
    """Counts recordings as chunks are completed.

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
            how = "bar" if sys.stderr.isatty() else "log"
        self._how = how
        self._clock = clock
        self._total, self._done, self._failed = total, done, failed
        self._at_start = done
        self._started = clock()
        self._log_next = self._started + FIRST_AFTER
        self._bar: tqdm[Never] | None = None
        if how == "bar":
            self._bar = tqdm(
                total=total, initial=done, unit="rec", dynamic_ncols=True, file=sys.stderr
            )

    def begin(self, workers: Sequence[int]) -> None:
        """Say what is drawn with how many `workers`, a number a rank."""
        if self._how == "none":
            return
        left = self._total - self._done
        what = f"{self._total:,} recording{'' if self._total == 1 else 's'}"
        if left < self._total:
            what = f"{left:,} of {what}" if left else f"{what}, all drawn before, looked through"
        self._say(f"{what} on {spread(workers)}")

    def add(self, recordings: int, failed: int, failures: Iterable[str] = ()) -> None:
        """Count a chunk that is done, and print its `failures`."""
        self._done += recordings
        self._failed += failed
        if self._bar is not None:
            self._bar.set_postfix(failed=self._failed, refresh=False)
            self._bar.update(recordings)
        for line in failures:
            self._say(line)
        now = self._clock()
        if self._how == "log" and now >= self._log_next:
            self._log_next = now + LOG_EVERY
            rate = (self._done - self._at_start) / (now - self._started)
            left = (self._total - self._done) / rate if rate else 0
            self._say(
                f"{self._done} of {self._total} recordings, {self._failed} failed, "
                f"{rate:.1f} a second, {tqdm.format_interval(left)} left"
            )

    def _say(self, line: str) -> None:
        """Print a line, above the bar if there is one."""
        tqdm.write(f"ecgmpi: {line}", file=sys.stderr)
        sys.stderr.flush()

    def close(self) -> None:
        """Restore the terminal."""
        if self._bar is not None:
            self._bar.close()


def spread(workers: Sequence[int]) -> str:
    """``4 ranks x 16 workers``; ``2 ranks with 1 to 3 workers``; ``16 workers``."""
    fewest, most = min(workers), max(workers)
    each = f"{most} worker{'' if most == 1 else 's'}"
    if len(workers) == 1:
        return each
    if fewest == most:
        return f"{len(workers)} ranks x {each}"
    return f"{len(workers)} ranks with {fewest} to {each}"
