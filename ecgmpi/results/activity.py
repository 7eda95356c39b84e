"""What a rank does, over time: a small file that it renews while it works.

`ecgmpi status` and the report read these files; nothing else of a job does, and no result depends
on them. A file has a bounded size, however long the job runs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, fields
from itertools import chain
from pathlib import Path
from typing import Any

from ecgmpi.atomic import replacing
from ecgmpi.options.quantities import Part

from .timing import STAGES

FORMAT = 1

MOST_BINS = 128
"""Bins of the history of a rank; once they are full, two become one."""

PER_BIN = ("recordings", "failed", *STAGES)
"""What a bin counts: recordings, those of them that failed, and seconds of workers per stage."""

RUNS_KEPT = 4
"""Newest runs of a job, or of a part, whose files are kept."""

STARTING, RETRYING, DRAWING, DRAINING, WAITING, GATHERING, REPORTING, ENDED = (
    "starting",
    "retrying alone",
    "drawing",
    "draining",
    "waiting for other ranks",
    "writing the manifest",
    "writing the report",
    "ended",
)
"""What a rank says that it does."""

_NAME = re.compile(r"((?:\d+-of-\d+\.)?)\d+-(\d+)\.json")


@dataclass(slots=True)
class History:
    """What was done when, in bins of equal length.

    Attributes
    ----------
    bin_s
        Length of a bin, s.
    bins
        For each bin, from the first second of the rank on, a value of each of `PER_BIN`.
    """

    bin_s: float = 0.25
    bins: list[list[float]] = field(default_factory=list)

    def count(self, at: float, failed: bool) -> None:
        """Count a recording that was done `at` so many seconds after the rank began."""
        one = self._bin(at)
        one[0] += 1
        one[1] += failed

    def spend(self, stage: int, begin: float, end: float) -> None:
        """Count the time from `begin` to `end`, s, as spent in a stage, an index of `STAGES`."""
        # A worker may have begun before its rank did.
        begin = max(begin, 0.0)
        while begin < end:
            one = self._bin(begin)
            until = min(end, (int(begin / self.bin_s) + 1) * self.bin_s)
            if until <= begin:
                # As close to the edge of a bin as numbers are.
                until = end
            one[2 + stage] += until - begin
            begin = until

    def _bin(self, at: float) -> list[float]:
        at = max(at, 0.0)
        while at >= MOST_BINS * self.bin_s:
            self._halve()
        number = int(at / self.bin_s)
        while len(self.bins) <= number:
            self.bins.append([0.0] * len(PER_BIN))
        return self.bins[number]

    def _halve(self) -> None:
        if len(self.bins) % 2:
            self.bins.append([0.0] * len(PER_BIN))
        pairs = zip(self.bins[::2], self.bins[1::2], strict=True)
        self.bins = [[x + y for x, y in zip(*pair, strict=True)] for pair in pairs]
        self.bin_s *= 2


@dataclass(slots=True)
class Activity:
    """What a rank has done in a run.

    Attributes
    ----------
    rank, ranks
        Which rank, of how many.
    run
        Which run, as in the names of journals.
    part
        Which part of a divided job, such as 3/8; empty for a whole job.
    host, workers, pid
        Where it runs, how many workers it has, and its process.
    began, renewed
        When it began, and when this was written, s since 1970 by the clock of its host.
    every
        How often it is renewed, s.
    command, folder
        On rank 0: what was typed, without the launcher, and in which folder.
    doing
        What the rank does: one of the words above.
    recordings, failed, pictures, bytes
        What it has done in this run. The journal counts the same a little later.
    seconds
        Seconds that its workers spent in each of `STAGES`.
    history
        The same over time.
    slowest
        The recordings that took longest: seconds and name of each.
    silences
        When it gave no sign of life for long, though it did later: from and to, s since it began.
    workers_lost, supervisors_lost
        Workers that were lost, by class of failure, and supervisors.
    """

    rank: int
    ranks: int
    run: int
    part: str
    host: str
    workers: int
    pid: int = 0
    began: float = 0.0
    every: float = 0.0
    renewed: float = 0.0
    command: list[str] = field(default_factory=list)
    folder: str = ""
    doing: str = ""
    recordings: int = 0
    failed: int = 0
    pictures: int = 0
    bytes: int = 0
    seconds: list[float] = field(default_factory=lambda: [0.0] * len(STAGES))
    history: History = field(default_factory=History)
    slowest: list[tuple[float, str]] = field(default_factory=list)
    silences: list[tuple[float, float]] = field(default_factory=list)
    workers_lost: dict[str, int] = field(default_factory=dict)
    supervisors_lost: int = 0

    @property
    def lasted(self) -> float:
        """How long the rank has worked, s."""
        return max(self.renewed - self.began, 0.0)

    @property
    def rate(self) -> float:
        """Recordings a second, over all that it has worked; 0 where there was no time yet."""
        return self.recordings / self.lasted if self.lasted else 0.0

    @property
    def busy(self) -> float | None:
        """Share of the workers' time in which they worked; None where there was no time yet."""
        there = self.workers * self.lasted
        return min(sum(self.seconds) / there, 1.0) if there > 0 else None

    def save(self, path: Path) -> None:
        """Write it to a file in one step; a file that is not written is not missed.

        The folder must be there: an OUT that was moved away must not come back.
        """
        document = {one.name: getattr(self, one.name) for one in fields(self)}
        document["format"] = FORMAT
        document["history"] = {
            "bin_s": self.history.bin_s,
            "bins": [[round(value, 3) for value in one] for one in self.history.bins],
        }
        with suppress(OSError), replacing(path, sync=False) as temporary:
            temporary.write_text(json.dumps(document, separators=(",", ":")), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Activity | None:
        """Read what a rank wrote; None where that is not readable, or of another version."""
        try:
            document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if document.pop("format") != FORMAT:
                return None
            document["history"] = History(**document["history"])
            return cls(**document)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None


def file_name(part: Part | None, rank: int, run: int) -> str:
    """What the file of a rank is called: of a part, as parts may run side by side."""
    prefix = f"{part.number}-of-{part.of}." if part else ""
    return f"{prefix}{rank:05d}-{run:06d}.json"


def remove_outdated(folder: Path, part: Part | None, run: int) -> None:
    """Make room for the files of a run that is about to begin, before any rank writes its own.

    A run that was killed before it wrote anything down had the same number, and perhaps more
    ranks. Of the runs before, the newest stay, `RUNS_KEPT` with this one. Those of parts go unless
    they are other parts of the same division: no others can be at work beside this run. What
    cannot be removed stays.
    """
    own = str(part or "")
    for other, runs in activity_files(folder).items():
        kept = set(runs)
        if other == own:
            kept = set(sorted(number for number in runs if number < run)[-(RUNS_KEPT - 1) :])
        elif other and division(other) != division(own):
            kept = set()
        for path in chain.from_iterable(runs[number] for number in runs.keys() - kept):
            with suppress(OSError):
                path.unlink()


def division(part: str) -> str:
    """Into how many parts a job is divided of which this is one; empty for a whole job."""
    return part.partition("/")[2]


def activity_files(folder: Path) -> dict[str, dict[int, list[Path]]]:
    """Find the files of each part, such as 3/8 or empty, and each of its runs, by their names."""
    files: dict[str, dict[int, list[Path]]] = {}
    with suppress(OSError):
        for path in sorted(folder.iterdir()):
            if found := _NAME.fullmatch(path.name):
                part = found[1].removesuffix(".").replace("-of-", "/")
                files.setdefault(part, {}).setdefault(int(found[2]), []).append(path)
    return files


def loaded(paths: Iterable[Path]) -> Iterator[tuple[Activity, float]]:
    """Give what each file says, and when it was renewed, s since 1970.

    The latter is by the clock of the filesystem. What cannot be read is passed over.
    """
    for path in paths:
        with suppress(OSError):
            renewed = path.stat().st_mtime
            if (found := Activity.load(path)) is not None:
                yield found, renewed


def activities(folder: Path) -> Iterator[tuple[Activity, float]]:
    """Give what each rank of each run did, as `loaded` does."""
    for runs in activity_files(folder).values():
        for paths in runs.values():
            yield from loaded(paths)
