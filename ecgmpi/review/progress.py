"""How far a check is: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Never

from tqdm import tqdm

from .problems import Checked

LOG_EVERY = 30.0
"""Seconds between two lines of a log."""

FIRST_AFTER = 5.0
"""Seconds until the first of them."""


class Progress:
    """Counts pictures.

    Parameters
    ----------
    total
        Pictures that will be looked at.
    shown
        Whether anything is printed.
    clock
        Seconds, for tests.
    """

    def __init__(
        self, total: int, shown: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._total = total
        self._clock = clock
        self._started = clock()
        self._next = self._started + FIRST_AFTER
        self._shown = shown
        self._bar: tqdm[Never] | None = None
        if shown and sys.stderr.isatty():
            self._bar = tqdm(total=total, unit="pic", dynamic_ncols=True, file=sys.stderr)

    def show(self, so_far: Checked) -> None:
        """Show what was looked at so far."""
        if self._bar is not None:
            self._bar.set_postfix(problems=so_far.counts.total(), refresh=False)
            self._bar.update(so_far.pictures - self._bar.n)
            return
        now = self._clock()
        if not self._shown or now < self._next:
            return
        self._next = now + LOG_EVERY
        rate = so_far.pictures / (now - self._started)
        left = tqdm.format_interval((self._total - so_far.pictures) / rate) if rate else "?"
        problems = so_far.counts.total()
        print(
            f"ecgmpi: {so_far.pictures:,} of {self._total:,} pictures, "
            f"{problems:,} problem{'' if problems == 1 else 's'}, {rate:.1f} a second, {left} left",
            file=sys.stderr,
            flush=True,
        )

    def close(self) -> None:
        """Restore the terminal."""
        if self._bar is not None:
            self._bar.close()
