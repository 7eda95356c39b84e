"""How fast a job is, over the whole of this run and lately."""

from __future__ import annotations

from collections import deque

LATELY = 60.0
"""Seconds that count as lately."""

_STEP = 1.0
"""Seconds between two counts that are kept."""


class Pace:
    """Counts what is done over time.

    Parameters
    ----------
    now
        When the run began, s.
    """

    def __init__(self, now: float) -> None:
        self._began = now
        self._done = 0
        self._kept: deque[tuple[float, int]] = deque([(now, 0)])

    @property
    def done(self) -> int:
        """How many were done in this run."""
        return self._done

    def add(self, now: float, n: int) -> None:
        """Count `n` more that are done."""
        self._forget(now)
        self._done += n
        last = self._kept[-1][0]
        if now - last >= _STEP:
            self._kept.append((now, self._done))
        elif len(self._kept) > 1:
            self._kept[-1] = last, self._done

    def elapsed(self, now: float) -> float:
        """Seconds of this run."""
        return now - self._began

    def overall(self, now: float) -> float:
        """How many a second, over the whole run."""
        return self._done / max(now - self._began, _STEP)

    def lately(self, now: float) -> float:
        """How many a second, over the last `LATELY` seconds."""
        self._forget(now)
        since, done = self._kept[0]
        return (self._done - done) / max(now - since, _STEP)

    def _forget(self, now: float) -> None:
        # The first one kept is the last before the time that counts.
        while len(self._kept) > 1 and self._kept[1][0] <= now - LATELY:
            self._kept.popleft()
