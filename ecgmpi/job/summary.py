"""How a job ended, for the user and for a caller in Python."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ecgmpi.labels.facts import SplitFacts, TableFacts


@dataclass(frozen=True, slots=True)
class Summary:
    """How a job ended.

    Attributes
    ----------
    status
        Exit status of the command.
    recordings, failed, pictures, bytes
        What OUT holds now, of `expected` recordings.
    failures
        How many recordings failed, by class.
    assumed
        How many recordings a rate, unit or lead order was assumed for, by the value assumed.
    skipped
        How many files of unknown format were skipped, by extension.
    labels
        How each table of labels matched the recordings; none where there are no labels.
    split
        How recordings are divided into splits; None where they are not.
    drawn_now
        Recordings that this run drew or tried; the others were done before.
    restored, retried
        Those of them that had been drawn before but had a picture missing or altered; and those
        that had failed before.
    seconds
        Wall time.
    rate
        Recordings a second once the first were done, without what it takes to start; 0 if that
        was not measured.
    stopped_by
        What stopped the job early, or empty.
    rank
        The rank that returned it; only rank 0 has the counts.
    part
        Which part of the job this was, such as 3/8; empty for a whole job.
    rank_lost
        Whether a rank was lost.
    report
        Where its report is; empty where none was written.
    """

    status: int
    rank: int = 0
    expected: int = 0
    recordings: int = 0
    failed: int = 0
    pictures: int = 0
    bytes: int = 0
    failures: dict[str, int] | None = None
    assumed: dict[str, int] | None = None
    skipped: dict[str, int] | None = None
    labels: tuple[TableFacts, ...] = ()
    split: SplitFacts | None = None
    drawn_now: int = 0
    restored: int = 0
    retried: int = 0
    seconds: float = 0.0
    rate: float = 0.0
    stopped_by: str = ""
    part: str = ""
    rank_lost: bool = False
    report: str = ""

    @property
    def facts(self) -> dict[str, Any]:
        """What run.json has of it: all but the report, which is written after that."""
        return {name: value for name, value in asdict(self).items() if name != "report"}
