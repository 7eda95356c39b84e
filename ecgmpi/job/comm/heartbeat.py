"""Heartbeats of the other ranks: which of them have been silent for too long.

Most launchers end a job that has lost a rank. Some never notice, or do not notice that a node
hangs, and the other ranks would wait for ever.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable

RANK_TIMEOUT = "ECGMPI_RANK_TIMEOUT"
"""Environment variable: seconds without a message after which a rank is lost."""

_DEFAULT = "300"
"""A shared filesystem may block a rank for minutes."""

HEARTBEAT_EVERY = 2.0
"""Seconds between two heartbeats of a rank."""

_STOOD_STILL = 0.1
"""If this share of the time-out passes between two checks, this process itself was stopped."""

_BUSY = 2.0
"""Seconds between two checks that are nothing unusual, even if the time-out is short."""


class Heartbeat:
    """Knows when each of some ranks last sent a message.

    Parameters
    ----------
    ranks
        Ranks to watch, from now on.
    clock
        Seconds, for tests.

    Attributes
    ----------
    timeout
        Seconds without a message after which a rank is lost.
    """

    def __init__(self, ranks: Iterable[int], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.timeout = float(os.environ.get(RANK_TIMEOUT, _DEFAULT))
        self._checked = clock()
        self._heard = dict.fromkeys(ranks, self._checked)

    def heard(self, rank: int) -> None:
        """Note that `rank` has sent a message."""
        if rank in self._heard:
            self._heard[rank] = self._clock()

    def forget(self, rank: int) -> None:
        """Expect no more messages from `rank`."""
        self._heard.pop(rank, None)

    def shorten(self, timeout: float) -> None:
        """Wait no longer than `timeout` seconds, counted from now."""
        if timeout >= self.timeout:
            return
        self.timeout = timeout
        now = self._clock()
        self._heard = dict.fromkeys(self._heard, now)

    def silent(self) -> list[int]:
        """The ranks that have sent no message for too long."""
        now = self._clock()
        if now - self._checked > max(_BUSY, _STOOD_STILL * self.timeout):
            # Their messages of the meantime have not been read yet.
            self._heard = {
                rank: max(heard, now - self.timeout / 2) for rank, heard in self._heard.items()
            }
        self._checked = now
        return [rank for rank, heard in self._heard.items() if now - heard > self.timeout]
