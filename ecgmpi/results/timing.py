"""How long the way of a recording took, stage by stage.

Times are no part of a result's rows: these depend on inputs and options alone.
"""

from __future__ import annotations

import time
from typing import NamedTuple

READING, CHECKING, DRAWING, WRITING = range(4)
STAGES = ("reading", "checking", "drawing", "writing")
"""The stages of the way of a recording, in order; drawing includes encoding."""


class Timing(NamedTuple):
    """What a worker took for one recording.

    Attributes
    ----------
    ended
        When it was done, s, by `time.monotonic` of its node: every process there has that clock.
    seconds
        How long it took in each of `STAGES`, s.
    """

    ended: float
    seconds: tuple[float, ...]


class StageClock:
    """Measures the stages of one recording after another."""

    def __init__(self) -> None:
        self._seconds = [0.0] * len(STAGES)
        self._stage = READING
        self._since = 0.0

    def start(self) -> None:
        """Begin with a recording, which is read first."""
        self._seconds = [0.0] * len(STAGES)
        self._stage = READING
        self._since = time.monotonic()

    def enter(self, stage: int) -> None:
        """Begin with a stage, an index of `STAGES`; the one before has ended."""
        now = time.monotonic()
        self._seconds[self._stage] += now - self._since
        self._stage, self._since = stage, now

    def stop(self) -> Timing:
        """End with the recording, wherever it is."""
        self.enter(self._stage)
        return Timing(self._since, tuple(self._seconds))
