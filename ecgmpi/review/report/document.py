"""All that a report says of one OUT, before it becomes a page: its numbers, its figures' data."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from sqlite3 import Error as SqliteError
from typing import Any

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.errors import JobError
from ecgmpi.names import readable
from ecgmpi.outdir.job_file import JobFile
from ecgmpi.outdir.provenance import versions
from ecgmpi.results.activity import Activity, activities
from ecgmpi.review.clocks import on_one_clock
from ecgmpi.review.job_state import JobState, State, look_at
from ecgmpi.review.ranks import newest, rank_states
from ecgmpi.review.status import Status, as_json
from ecgmpi.review.status_text import headline

from .attention import Matter, matters
from .commands import Commands
from .findings import Tally
from .gallery import Card, cards
from .over_time import OverTime, over_time
from .tally import tally

FORMAT = 1
"""Of report.json."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a report says of an OUT; made by `gather`.

    Attributes
    ----------
    made
        When, s since 1970.
    status
        Where the job stands, and its ranks.
    headline
        The same in a few words.
    tally
        What is counted over all recordings that are done; None where there is no catalogue yet.
    matters
        What needs attention, the worst first.
    over_time
        What the ranks of the newest run did; None where nothing is known of that.
    cards
        The contact sheet.
    options, versions
        What the pictures were made with.
    commands
        Makes commands for this OUT.
    runs
        What is known of the runs of the job, the newest last.
    """

    made: float
    status: Status
    headline: str
    tally: Tally | None
    matters: list[Matter]
    over_time: OverTime | None
    cards: list[Card]
    options: dict[str, str]
    versions: dict[str, str]
    commands: Commands
    runs: list[dict[str, Any]]

    @property
    def job(self) -> JobState:
        """Where the job stands."""
        return self.status.job


def gather(
    out: Path,
    report: Path,
    check: Callable[[], None] = lambda: None,
    ended: bool = False,
    contact_sheet: bool = True,
) -> Document:
    """Gather all that a report says; nothing is written, and a job that runs is not disturbed.

    Parameters
    ----------
    out
        OUT.
    report
        The folder that the report will lie in.
    check
        Called now and then.
    ended
        This process leads the job, and has just ended it.
    contact_sheet
        Make that, too.

    Raises
    ------
    UsageError
        `out` is not an OUT.
    OSError
        A journal cannot be read.
    """
    job = look_at(out, quick=False, ended=ended)
    check()
    found = list(activities(job.paths.progress))
    last = newest(found, job.state == State.COMPLETE)
    status = Status(job, rank_states(last, job.alive))
    counted = tally(job.journals, job.chunks, check) if job.journals else None
    check()
    options, drawn_with = _made_with(job)
    command, folder = next(
        ((one.command, one.folder) for one, _ in reversed(last) if one.command), ([], "")
    )
    commands = Commands(str(job.paths.out), options, command, folder, _relabelled(job))
    paths = _paths(job, counted)
    listed = job.paths.manifest_csv.is_file()
    return Document(
        time.time(),
        status,
        readable(headline(status)),
        counted,
        matters(counted, status.ranks, commands, paths, listed),
        over_time(status.ranks),
        list(cards(counted.picks, out, report, commands, paths, check))
        if counted and contact_sheet
        else [],
        options,
        drawn_with,
        commands,
        _runs(found),
    )


def as_numbers(document: Document) -> dict[str, Any]:
    """What a report says, ready for JSON."""
    series = document.over_time
    return {
        "format": FORMAT,
        "made": told_time(document.made),
        "status": as_json(document.status),
        "headline": document.headline,
        "attention": [asdict(matter) for matter in document.matters],
        "recordings": asdict(document.tally) if document.tally else None,
        "over_time": None
        if series is None
        else {
            "began": told_time(series.began),
            "bin_s": round(series.bin_s, 3),
            "recordings_per_s": [round(float(value), 3) for value in series.rate],
            "workers_at_work": [round(float(value), 3) for value in series.working],
            "workers": series.workers,
            "seconds": {stage: round(spent, 3) for stage, spent in series.seconds.items()},
            "waited_s": round(series.waited, 3),
        },
        "pictures": [
            {
                "name": card.name,
                "source": card.source,
                "lead": card.lead,
                "reasons": card.reasons,
                "link": card.link,
                "command": card.command,
            }
            for card in document.cards
        ],
        "runs": document.runs,
        "command": list(document.commands.command),
        "folder": document.commands.folder,
        "options": document.options,
        "versions": document.versions,
        "skipped": document.job.skipped,
    }


def told_time(seconds: float) -> str:
    """A time, s since 1970, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _made_with(job: JobState) -> tuple[dict[str, str], dict[str, str]]:
    """The options of the job, and the versions of what draws."""
    try:
        job_file = JobFile.read(job.paths)
    except JobError:
        job_file = None
    options = job_file.options if job_file else {}
    told = job.run.get("versions")
    if isinstance(told, dict):
        return options, {str(name): str(version) for name, version in told.items()}
    return options, (job_file.versions if job_file else {}) | {"ecgmpi": versions()["ecgmpi"]}


def _relabelled(job: JobState) -> list[str]:
    """What was typed to give OUT other labels since its job has run; empty where nothing was."""
    told = job.run.get("labelled")
    command = told.get("command") if isinstance(told, dict) else None
    return [str(word) for word in command] if isinstance(command, list) else []


def _paths(job: JobState, counted: Tally | None) -> dict[int, str]:
    """The files of all recordings that are named, by their index in the catalogue."""
    if counted is None:
        return {}
    groups: Iterable[Any] = chain(
        counted.failures, counted.limb_leads, counted.doubts, counted.assumed
    )
    wanted = {one.index for group in groups for one in group.examples}
    wanted |= {pick.index for pick in counted.picks}
    try:
        with closing(Catalogue.open(job.paths.catalogue)) as catalogue:
            return {item.index: item.path for item in catalogue.items(sorted(wanted))}
    except SqliteError:
        return {}


def _runs(found: Iterable[tuple[Activity, float]]) -> list[dict[str, Any]]:
    """What is known of each run, in order; the files of old ones are removed in time."""
    runs: dict[tuple[str, int], list[tuple[Activity, float]]] = {}
    for one, renewed in found:
        runs.setdefault((one.part, one.run), []).append((one, renewed))
    told = []
    for (part, run), pairs in runs.items():
        ranks = on_one_clock(pairs)
        began = min(one.began for one in ranks)
        lasted = max(one.began + one.lasted for one in ranks) - began
        done = sum(one.recordings for one in ranks)
        told.append(
            {
                "run": run,
                "part": part,
                "began": told_time(began),
                "seconds": round(lasted, 1),
                "ranks": len(ranks),
                "workers": sum(one.workers for one in ranks),
                "hosts": sorted({one.host for one in ranks}),
                "recordings": done,
                "failed": sum(one.failed for one in ranks),
                "rate": round(done / lasted, 2) if lasted else 0.0,
            }
        )
    return sorted(told, key=lambda one: (str(one["began"]), str(one["part"])))
