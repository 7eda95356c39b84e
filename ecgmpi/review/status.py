"""What `ecgmpi status` tells of a job: how far it is, how fast, which ranks stand out."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecgmpi.outdir.lease import BEAT
from ecgmpi.results.activity import ENDED
from ecgmpi.results.timing import STAGES
from ecgmpi.results.totals import Totals

from .clocks import AGREE
from .job_state import JobState, State, look_at
from .ranks import SILENT_AFTER, RankState, newest_in, rank_states


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of a job; made by `of`.

    Attributes
    ----------
    job
        Where it stands.
    ranks
        The ranks of its newest run, of each part.
    """

    job: JobState
    ranks: list[RankState]

    @classmethod
    def of(cls, out: Path) -> Status:
        """Look at the job of an OUT; nothing is written.

        Raises
        ------
        UsageError
            It is not an OUT.
        """
        job = look_at(out)
        found = newest_in(job.paths.progress, job.state == State.COMPLETE)
        return cls(job, rank_states(found, job.alive))

    @property
    def total(self) -> Totals:
        """What is done."""
        return self.job.journals.total if self.job.journals else Totals.none()

    @property
    def left(self) -> int:
        """How many recordings are left."""
        return max(0, self.job.expected - self.total.recordings)

    @property
    def rate(self) -> float:
        """Recordings a second now, over all ranks; 0 where the job does not run."""
        return sum(rank.rate for rank in self.ranks) if self.job.alive else 0.0

    @property
    def overall(self) -> float:
        """Recordings a second over all of the newest run, or the newest of each part."""
        lasted: dict[str, float] = {}
        done: dict[str, int] = {}
        for rank in self.ranks:
            one = rank.activity
            lasted[one.part] = max(one.lasted, lasted.get(one.part, 0.0))
            done[one.part] = done.get(one.part, 0) + one.recordings
        return sum(done[part] / lasted[part] for part in done if lasted[part] > 0)

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at the present rate, s; None where that is not known."""
        return self.left / self.rate if self.rate > 0 else None

    @property
    def clocks_may_differ(self) -> bool:
        """Whether the job may do well, and the clock of this host be ahead of the filesystem's.

        All ranks and holders are silent then, for the same time but for what passes between two
        renewals. A rank on this host tells that the clocks agree.
        """
        at_work = [rank for rank in self.ranks if rank.activity.doing != ENDED]
        held = [holder.age for holder in self.job.holders if not holder.gone]
        here = socket.gethostname()
        if not at_work or not held or any(rank.activity.host == here for rank in self.ranks):
            return False
        ages = [*(rank.age for rank in at_work), *held]
        between = max(BEAT, *(rank.activity.every for rank in at_work)) + AGREE
        all_silent = all(rank.silent for rank in at_work) and min(held) > SILENT_AFTER
        return self.job.alive and all_silent and max(ages) - min(ages) <= between


def as_json(status: Status) -> dict[str, Any]:
    """What is known of a job, with every rank, ready for JSON."""
    job, total, left = status.job, status.total, status.seconds_left
    return {
        "out": job.called,
        "state": str(job.state),
        "holders": [str(holder) for holder in job.holders],
        "stopped_by": job.stopped_by,
        "expected": job.expected,
        "done": total.recordings,
        "failed": total.failed,
        "left": status.left,
        "failures": total.failures,
        "assumed": total.assumed,
        "pictures": total.pictures,
        "bytes": total.bytes,
        "rate": round(status.rate, 3),
        "overall_rate": round(status.overall, 3),
        "seconds_left": None if left is None else round(left, 1),
        "ranks": [rank_as_json(rank) for rank in status.ranks],
    }


def rank_as_json(rank: RankState) -> dict[str, Any]:
    """What is known of a rank, ready for JSON."""
    one = rank.activity
    return {
        "rank": one.rank,
        "part": one.part,
        "run": one.run,
        "host": one.host,
        "pid": one.pid,
        "workers": one.workers,
        "doing": one.doing,
        "recordings": one.recordings,
        "failed": one.failed,
        "rate": round(rank.rate, 3),
        "busy": None if rank.busy is None else round(rank.busy, 3),
        "speed": None if rank.speed is None else round(rank.speed, 3),
        "last_sign_s": round(rank.age, 1),
        "silent": rank.silent,
        "slow": rank.slow,
        "seconds": dict(zip(STAGES, (round(s, 3) for s in one.seconds), strict=True)),
        "workers_lost": one.workers_lost,
        "supervisors_lost": one.supervisors_lost,
    }
