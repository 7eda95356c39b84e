"""How far the job is: a bar on a terminal, a line now and then in a log; rank 0 alone."""

from __future__ import annotations

import sys
import time
from typing import Never

from tqdm import tqdm

LOG_EVERY = 30.0
"""Seconds between two lines of a log."""


class Progress:
    """Counts recordings as chunks are completed.

    Parameters
    ----------
    how
        ``bar``, ``log``, ``none``, or ``auto``: a bar where standard error is a terminal,
        else lines.
    total, done, failed
        Recordings of the job, and how many earlier runs finished and failed.
    """

    def __init__(self, how: str, total: int, done: int, failed: int) -> None:
        if how == "auto":
            how = "bar" if sys.stderr.isatty() else "log"
        self._how = how
        self._total, self._done, self._failed = total, done, failed
        self._at_start = done
        self._started = self._logged = time.monotonic()
        self._bar: tqdm[Never] | None = None
        if how == "bar":
            self._bar = tqdm(
                total=total, initial=done, unit="rec", dynamic_ncols=True, file=sys.stderr
            )

    def add(self, recordings: int, failed: int) -> None:
        """Count a chunk that is done."""
        self._done += recordings
        self._failed += failed
        if self._bar is not None:
            self._bar.set_postfix(failed=self._failed, refresh=False)
            self._bar.update(recordings)
        elif self._how == "log" and time.monotonic() - self._logged >= LOG_EVERY:
            self._logged = time.monotonic()
            rate = (self._done - self._at_start) / (self._logged - self._started)
            left = (self._total - self._done) / rate if rate else 0
            print(
                f"ecgmpi: {self._done} of {self._total} recordings, {self._failed} failed, "
                f"{rate:.1f} a second, {tqdm.format_interval(left)} left",
                file=sys.stderr,
                flush=True,
            )

    def close(self) -> None:
        """Restore the terminal."""
        if self._bar is not None:
            self._bar.close()
