"""Whether the other ranks are still there.

Most launchers end a job that has lost a rank; some never notice, or not that a node stands
still, and the others would wait for ever.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence

from ecgmpi.errors import JobError

PATIENCE = "ECGMPI_RANK_TIMEOUT"
"""Environment variable: seconds without a word after which a rank is lost."""

_DEFAULT = "300"
"""A shared filesystem may make a rank stand still for minutes."""

ALIVE_EVERY = 2.0
"""Seconds between two words to rank 0 of a rank that has nothing else to say."""

_STOOD_STILL = 0.1
"""Part of its patience between two looks after which it may be this process that was stopped."""


class LostRankError(JobError):
    """A rank does not answer: the others cannot end in order, and are to be ended."""


class Heartbeat:
    """Knows when each of some ranks was last heard of.

    Parameters
    ----------
    ranks
        Whom to watch.
    hosts
        Host name of each rank of the job.
    """

    def __init__(self, ranks: Iterable[int], hosts: Sequence[str]) -> None:
        self._hosts = hosts
        self._patience = float(os.environ.get(PATIENCE, _DEFAULT))
        self._looked = time.monotonic()
        self._heard = dict.fromkeys(ranks, self._looked)

    def begin(self, rank: int) -> None:
        """From now on `rank` is expected to say something."""
        self._heard[rank] = time.monotonic()

    def hear(self, rank: int) -> None:
        """Rank `rank` has said something."""
        if rank in self._heard:
            self._heard[rank] = time.monotonic()

    def leave(self, rank: int) -> None:
        """Nothing more is expected of `rank`."""
        self._heard.pop(rank, None)

    def look(self) -> None:
        """See whether all are there.

        Raises
        ------
        LostRankError
            One has not been heard of for too long.
        """
        now = time.monotonic()
        if now - self._looked > _STOOD_STILL * self._patience:
            # What they have said in the meantime is still to be read.
            self._heard = {
                rank: max(heard, now - self._patience / 2) for rank, heard in self._heard.items()
            }
        self._looked = now
        for rank, heard in self._heard.items():
            if now - heard > self._patience:
                raise LostRankError(
                    f"rank {rank} on {self._hosts[rank]} has not been heard of for "
                    f"{self._patience:g} s ({PATIENCE} says how long to wait): see to that node, "
                    "then run the same command again to resume"
                )
