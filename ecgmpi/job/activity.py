"""Tell what this rank does, for `ecgmpi status` and the report: a file that it renews.

The rank renews it in its own turns, and no thread does, so that a rank that stands still shows.
"""

from __future__ import annotations

import heapq
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from ecgmpi.results.activity import DRAINING, DRAWING, RETRYING, WAITING, Activity
from ecgmpi.results.result import Result

RENEWED_EVERY = 2.0
"""Seconds between two renewals in a job of few ranks."""

RANKS_A_SECOND = 32
"""Most files that all ranks together renew in a second: a shared filesystem has other work."""

SILENCE = 10.0
"""Seconds between two turns of a rank that are noted as silence: it stood still."""

MOST_SILENCES = 16
"""Silences that are remembered, the longest."""

MOST_SLOW = 5
"""Recordings that are remembered for how long they took."""

TURNING = (RETRYING, DRAWING, DRAINING, WAITING)
"""When it has a turn many times a second, unless it is held up."""


class Workers(Protocol):
    """What is known of the workers that were lost: `ecgmpi.job.pool.pool.WorkerPool`."""

    lost: Counter[str]
    supervisors_lost: int


class ActivityRecorder:
    """Counts what a rank does, and renews its file.

    Parameters
    ----------
    path
        The file; its folder is made if what that is in is there.
    activity
        What is known of the rank at the start; `began` and `every` are set here.
    workers
        Where lost workers are counted; None where that is not of interest.
    clock, now
        Seconds by `time.monotonic` and since 1970, for tests.
    """

    def __init__(
        self,
        path: Path,
        activity: Activity,
        workers: Workers | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._activity = activity
        self._workers = workers
        self._clock = clock
        self._began = clock()
        self._renew_next = self._ticked = self._began
        self._slowest: list[tuple[float, str]] = []
        activity.began = now()
        activity.every = max(RENEWED_EVERY, activity.ranks / RANKS_A_SECOND)
        activity.pid = os.getpid()

    def add(self, result: Result) -> None:
        """Count a recording that came back."""
        activity, row = self._activity, result.recording
        activity.recordings += 1
        activity.failed += result.failed
        activity.pictures += len(result.pictures)
        activity.bytes += row["bytes"] or 0
        if result.timing is None or result.timing.ended > self._clock():
            # No worker of this node drew it: it was known, or its worker was lost.
            activity.history.count(self._clock() - self._began, result.failed)
            return
        ended, seconds = result.timing
        took = sum(seconds)
        at = ended - self._began
        activity.history.count(at, result.failed)
        begin = at - took
        for stage, spent in enumerate(seconds):
            activity.seconds[stage] += spent
            activity.history.spend(stage, begin, begin + spent)
            begin += spent
        if len(self._slowest) < MOST_SLOW:
            heapq.heappush(self._slowest, (took, row["name"]))
        elif took > self._slowest[0][0]:
            heapq.heapreplace(self._slowest, (took, row["name"]))

    def tick(self, doing: str) -> None:
        """Renew the file if it is time to, or if the rank does something else than before."""
        now = self._clock()
        if now - self._ticked > SILENCE and self._activity.doing in TURNING:
            self._note_silence(now)
        self._ticked = now
        if doing != self._activity.doing:
            self._activity.doing = doing
        elif now < self._renew_next:
            return
        self.renew()

    def _note_silence(self, now: float) -> None:
        silences = self._activity.silences
        silences.append((round(self._ticked - self._began, 2), round(now - self._began, 2)))
        if len(silences) > MOST_SILENCES:
            silences.remove(min(silences, key=lambda one: one[1] - one[0]))

    def renew(self) -> None:
        """Renew the file now."""
        activity = self._activity
        self._renew_next = self._clock() + activity.every
        activity.renewed = activity.began + self._clock() - self._began
        activity.slowest = sorted(
            ((round(took, 3), name) for took, name in self._slowest), reverse=True
        )
        if self._workers is not None:
            activity.workers_lost = dict(self._workers.lost)
            activity.supervisors_lost = self._workers.supervisors_lost
        activity.save(self._path)
