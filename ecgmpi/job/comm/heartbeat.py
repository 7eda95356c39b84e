"""Heartbeats of the other ranks: whether each is still alive.

Most launchers end a job that has lost a rank. Some never notice, or do not notice that a node
hangs, and the other ranks would wait for ever.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence

from ecgmpi.errors import JobError

RANK_TIMEOUT = "ECGMPI_RANK_TIMEOUT"
"""Environment variable: seconds without a message after which a rank is lost."""

_DEFAULT = "300"
"""A shared filesystem may block a rank for minutes."""

HEARTBEAT_EVERY = 2.0
"""Seconds between two heartbeats that a rank sends to rank 0."""

_STOOD_STILL = 0.1
"""If this share of the time-out passes between two checks, this process itself was stopped."""


class LostRankError(JobError):
    """A rank does not answer: the others cannot end in order and must be aborted."""


class Heartbeat:
    """Knows when each of some ranks last sent a message.

    Parameters
    ----------
    ranks
        Ranks to watch.
    hosts
        Host name of each rank of the job.
    """

    def __init__(self, ranks: Iterable[int], hosts: Sequence[str]) -> None:
        self._hosts = hosts
        self._timeout = float(os.environ.get(RANK_TIMEOUT, _DEFAULT))
        self._checked = time.monotonic()
        self._heard = dict.fromkeys(ranks, self._checked)

    def expect(self, rank: int) -> None:
        """Expect messages from `rank` from now on."""
        self._heard[rank] = time.monotonic()

    def heard(self, rank: int) -> None:
        """Note that `rank` has sent a message."""
        if rank in self._heard:
            self._heard[rank] = time.monotonic()

    def forget(self, rank: int) -> None:
        """Expect no more messages from `rank`."""
        self._heard.pop(rank, None)

    def check(self) -> None:
        """Check that no rank is lost.

        Raises
        ------
        LostRankError
            A rank has sent no message for too long.
        """
        now = time.monotonic()
        if now - self._checked > _STOOD_STILL * self._timeout:
            # Their messages of the meantime have not been read yet.
            self._heard = {
                rank: max(heard, now - self._timeout / 2) for rank, heard in self._heard.items()
            }
        self._checked = now
        for rank, heard in self._heard.items():
            if now - heard > self._timeout:
                raise LostRankError(
                    f"rank {rank} on {self._hosts[rank]} has sent no message for "
                    f"{self._timeout:g} s (set {RANK_TIMEOUT} to wait longer): check that node, "
                    "then run the same command again to resume"
                )
