"""Where the job of an OUT stands, from its files alone: running, killed, stopped, or complete."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from sqlite3 import Error as SqliteError
from typing import Any

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.chunks import EMPTY, Chunks
from ecgmpi.errors import UsageError
from ecgmpi.names import written
from ecgmpi.outdir.job_file import half_labelled
from ecgmpi.outdir.lease_holders import Holder, holders
from ecgmpi.outdir.paths import NAME_OUT, JobPaths
from ecgmpi.results.journal_index import JournalIndex

from .clocks import present
from .ranks import newest_in


class State(StrEnum):
    """Where a job stands."""

    STARTING = "starting"
    RUNNING = "running"
    COMPLETE = "complete"
    STOPPED = "stopped"
    KILLED = "killed"


@dataclass(frozen=True, slots=True)
class JobState:
    """Where a job stands; made by `look_at`.

    Attributes
    ----------
    paths
        Of OUT.
    state
        In a word.
    holders
        The processes that lead it, of a divided job one a part.
    chunks, skipped
        Of its catalogue: how recordings are divided into chunks, and files that were skipped for
        their extension; none where there is no catalogue yet.
    journals
        What is done; None where there is no catalogue yet.
    run
        What run.json says of the last run that ended; empty without one.
    labelling
        Whether ``ecgmpi label`` is at work, or was ended before OUT had all labels.
    """

    paths: JobPaths
    state: State
    holders: list[Holder]
    journals: JournalIndex | None = None
    chunks: Chunks = EMPTY
    skipped: dict[str, int] = field(default_factory=dict)
    run: dict[str, Any] = field(default_factory=dict)
    labelling: bool = False

    @property
    def expected(self) -> int:
        """How many recordings its catalogue has; 0 where there is none yet."""
        return self.chunks.n_recordings

    @property
    def called(self) -> str:
        """How messages name OUT."""
        return written(str(self.paths.out))

    @property
    def stopped_by(self) -> str:
        """What stopped the last run, where the job is stopped; empty where that is not known."""
        return str(self.run.get("stopped_by", "")) if self.state == State.STOPPED else ""

    @property
    def alive(self) -> bool:
        """Whether its job runs."""
        return self.state in (State.STARTING, State.RUNNING)


def require_out(out: Path) -> JobPaths:
    """Give the paths of an OUT.

    Raises
    ------
    UsageError
        It is not an OUT.
    """
    paths = JobPaths.of_folder(out)
    if not paths.hidden.is_dir():
        more = ""
        if paths.manifest_h5.is_file():
            more = "; copy its folder .ecgmpi, too, when you copy an OUT"
        raise UsageError(
            f"{written(str(out))} is not an OUT: it has no folder {paths.hidden.name}; "
            f"{NAME_OUT}{more}"
        )
    return paths


def look_at(out: Path, quick: bool = True, ended: bool = False) -> JobState:
    """Look at an OUT; nothing is written, and a job that runs there is not disturbed.

    Parameters
    ----------
    out
        OUT.
    quick
        Read the totals of the journals alone, as `JournalIndex` does.
    ended
        This process holds OUT, and its job is over.

    Raises
    ------
    UsageError
        It is not an OUT.
    """
    paths = require_out(out)
    held = [] if ended else _holders(paths)
    alive = any(not holder.gone for holder in held)
    run = _run(paths)
    try:
        # To open one that is not there would make it.
        if not paths.catalogue.is_file():
            raise SqliteError
        with closing(Catalogue.open(paths.catalogue)) as catalogue:
            chunks, skipped = catalogue.chunks, catalogue.skipped
    except (SqliteError, TypeError):
        # It is being made, or was when the job ended.
        state = State.STARTING if alive else State.KILLED if held else State.STOPPED
        return JobState(paths, state, held, run=run)
    journals = JournalIndex(paths.journals, chunks.n, quick=quick)
    if alive:
        state = State.RUNNING
    elif held:
        state = State.KILLED
    elif journals.total.recordings >= chunks.n_recordings and paths.manifest_h5.is_file():
        state = State.COMPLETE
    else:
        state = State.STOPPED
    labelling = half_labelled(paths) is not None
    return JobState(paths, state, held, journals, chunks, skipped, run, labelling)


def _holders(paths: JobPaths) -> list[Holder]:
    held = holders(paths.hidden)
    if any(holder.overdue for holder in held):
        # Perhaps it is the clock of this host that is ahead.
        held = holders(paths.hidden, present(newest_in(paths.progress)))
    return held


def _run(paths: JobPaths) -> dict[str, Any]:
    try:
        found = json.loads(paths.run_json.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
