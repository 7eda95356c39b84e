"""The ranks of a job as their files tell: how fast each is, and which are silent or slow."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ecgmpi.amounts import duration
from ecgmpi.results.activity import ENDED, Activity, activity_files, division, loaded

from .clocks import on_one_clock, present

SILENT_AFTER = 10.0
"""Seconds without a sign of life after which a rank is silent, or `RENEWALS_MISSED` renewals."""

RENEWALS_MISSED = 5

RECENT = 30.0
"""Seconds that count as now."""

SLOW = 0.6
"""A rank is slow whose workers do less than this share of the recordings a second that those of
the rank in the middle do."""

LEAST_BUSY = 3.0
"""Seconds of work below which the speed of a rank is not judged."""


@dataclass(frozen=True, slots=True)
class RankState:
    """A rank in the newest run of its job.

    Attributes
    ----------
    activity
        What it says of itself, with times by the clock of the filesystem, as `on_one_clock` gives
        them.
    age
        Seconds since its last sign of life.
    rate
        Recordings a second, lately.
    busy
        Share of the workers' time in which they work, lately; None where there was none.
    speed
        How many recordings a second its workers do while they work, as a share of what those of
        the rank in the middle do; None where that cannot be judged.
    silent
        Whether it has given no sign of life for too long, though it has not ended: until now, or
        until the last sign of any rank where the job has ended.
    silence
        For how long it has not, s.
    ended
        Whether the job has ended.
    """

    activity: Activity
    age: float
    rate: float
    busy: float | None
    speed: float | None
    silent: bool
    silence: float
    ended: bool

    @property
    def stood_still(self) -> float:
        """For how long it gave no sign of life before, though it did later, s."""
        return sum(end - begin for begin, end in self.activity.silences)

    @property
    def slow(self) -> bool:
        """Whether it stands out as slow."""
        return self.speed is not None and self.speed < SLOW

    @property
    def label(self) -> str:
        """How it is called: by its number, and by its part where the job is divided."""
        part = self.activity.part
        return f"{part} rank {self.activity.rank}" if part else f"rank {self.activity.rank}"

    @property
    def trouble(self) -> str:
        """What is wrong with it, in words; empty where nothing is."""
        if self.silent:
            when = "the last " if self.ended else ""
            return f"silent for {when}{duration(self.silence)}"
        if self.slow:
            return f"slow: {self.speed:.2f} x the usual speed"
        if self.activity.silences:
            return f"late: it stood still for {duration(self.stood_still)}"
        return ""


def newest(
    found: Iterable[tuple[Activity, float]], complete: bool = False
) -> list[tuple[Activity, float]]:
    """Keep the ranks of the newest run, or of each part its newest.

    If a job was divided otherwise before, or not at all, only its present parts count. Of a job
    that is `complete`, runs that found nothing left to do are passed over.
    """
    found = list(found)
    if complete:
        busy = {(one.part, one.run) for one, _ in found if one.recordings}
        found = [pair for pair in found if (pair[0].part, pair[0].run) in busy] or found
    runs: dict[str, int] = {}
    for one, _ in found:
        runs[one.part] = max(one.run, runs.get(one.part, 0))
    last = max((one for one, _ in found), key=lambda one: (one.run, one.began), default=None)
    return [
        (one, renewed)
        for one, renewed in found
        if last and one.run == runs[one.part] and division(one.part) == division(last.part)
    ]


def newest_in(folder: Path, complete: bool = False) -> list[tuple[Activity, float]]:
    """Find the ranks that `newest` keeps, in a folder of which few files are read."""
    files = activity_files(folder)
    if not complete:
        last = max((max(runs) for runs in files.values()), default=0)
        present = {division(part) for part, runs in files.items() if last in runs}
        files = {part: runs for part, runs in files.items() if division(part) in present}
    found = [pair for runs in files.values() for pair in _newest_run(runs, complete)]
    return newest(found, complete)


def _newest_run(runs: dict[int, list[Path]], busy: bool) -> list[tuple[Activity, float]]:
    """Load the newest run of a part, or its newest `busy` one if there is one."""
    first: list[tuple[Activity, float]] = []
    for run in sorted(runs, reverse=True):
        found = list(loaded(runs[run]))
        if found and (not busy or any(one.recordings for one, _ in found)):
            return found
        first = first or found
    return first


def rank_states(
    found: Sequence[tuple[Activity, float]], alive: bool, now: float | None = None
) -> list[RankState]:
    """Judge the ranks of one run, as `newest` gives them.

    Parameters
    ----------
    found
        What each says, and when it was renewed, s since 1970.
    alive
        Whether the job still runs.
    now
        s since 1970, by the clock of the filesystem; None for the present.
    """
    if now is None:
        now = present(found) if alive else time.time()
    # In a job that was killed, those that fell silent before the others.
    until = now if alive else max((renewed for _, renewed in found), default=now)
    ranks = on_one_clock(found)
    speeds = [_speed(one) for one in ranks]
    known = sorted(speed for speed in speeds if speed is not None)
    usual = known[len(known) // 2] if len(known) > 1 else None
    shares = [speed / usual if speed and usual else None for speed in speeds]
    return [
        _state(one, now - renewed, until - renewed, not alive, share)
        for one, (_, renewed), share in zip(ranks, found, shares, strict=True)
    ]


def _state(
    one: Activity, age: float, silence: float, ended: bool, speed: float | None
) -> RankState:
    late = silence > max(SILENT_AFTER, RENEWALS_MISSED * one.every)
    silent = late and one.doing != ENDED
    rate, busy = lately(one)
    if silent:
        rate, busy = 0.0, 0.0
    return RankState(one, max(age, 0.0), rate, busy, speed, silent, max(silence, 0.0), ended)


def lately(one: Activity) -> tuple[float, float | None]:
    """Recordings a second and share of time busy, in the last `RECENT` seconds of a rank."""
    bins, bin_s, lasted = one.history.bins, one.history.bin_s, one.lasted
    if lasted <= 0:
        return 0.0, None
    # Whole bins, as they are all that is known.
    first = int(max(0.0, lasted - RECENT) / bin_s)
    seconds = lasted - first * bin_s
    if seconds < bin_s / 2 and first:
        first, seconds = first - 1, seconds + bin_s
    some = bins[first:]
    rate = sum(one[0] for one in some) / seconds
    spent = sum(sum(one[2:]) for one in some)
    there = one.workers * seconds
    return rate, min(1.0, spent / there) if there else None


def _speed(one: Activity) -> float | None:
    """Recordings a second of one worker while it works."""
    busy = sum(one.seconds)
    return one.recordings / busy if busy >= LEAST_BUSY else None
