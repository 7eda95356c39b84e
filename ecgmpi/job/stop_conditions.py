"""What stops a job early without a signal: its time is up, or too much has failed."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress

from ecgmpi.options.running import Running
from ecgmpi.results.journal_index import JournalIndex
from ecgmpi.results.tables import texts

FEW = 50
"""Recordings below which a percentage of failures does not count."""

MOST_ROWS_ON_A_STOP = 20_000
"""Most recordings whose rows are written when a job is stopped: more would take longer than
schedulers wait. The run that completes the job writes all rows."""

ENDING = 12.0
"""Seconds that a job takes at most to end once it is stopped, without the times below."""

WRITING_ONE = 2e-4
"""Seconds to write the rows of a recording; five times what a local disk takes."""

READING_ONE = 5e-6
"""Seconds to find a recording in the journals when these are not cached in memory."""


class StopConditions:
    """The limits of a job, watched by rank 0.

    Parameters
    ----------
    running
        Its ``--time-limit``, counted from now, and its ``--max-failures``.
    environment
        Where Slurm says when it ends the job, in seconds since 1970.

    Attributes
    ----------
    of_failures
        What `reached` returns when too many recordings have failed.
    """

    def __init__(self, running: Running, environment: Mapping[str, str] = os.environ) -> None:
        began = time.monotonic()
        # When the job must have ended, by the clock of `time.monotonic`, and what sets that limit.
        self._ends: list[tuple[float, str]] = []
        if running.time_limit is not None:
            self._ends.append((began + running.time_limit, "--time-limit"))
        with suppress(ValueError):
            left = float(environment.get("SLURM_JOB_END_TIME", "")) - time.time()
            # A time in the past is not this job's, or was extended.
            if left > 0:
                self._ends.append((began + left, "the time limit of Slurm"))
        self._allowance = running.max_failures
        self._done = self._failed = 0
        self.of_failures = f"--max-failures {running.max_failures}"

    def count(self, recordings: int, failed: int) -> None:
        """Count more recordings that are done, `failed` of which failed."""
        self._done += recordings
        self._failed += failed

    def reached(self) -> str:
        """Which limit is reached, or empty. Time is up early enough to end in what is left."""
        rows = self._done if self._done <= MOST_ROWS_ON_A_STOP else 0
        margin = ENDING + WRITING_ONE * rows + READING_ONE * self._done
        for end, who in self._ends:
            if time.monotonic() > end - margin:
                return who
        return self.of_failures if self._fails() else ""

    def _fails(self) -> bool:
        allowance = self._allowance
        if allowance is None or (allowance.percent and self._done < FEW):
            return False
        return self._failed > allowance.of(self._done)


def examples(journals: JournalIndex) -> dict[str, str]:
    """Class of failure -> the first recording of that class, with what was found."""
    found: dict[str, str] = {}
    wanted = set(journals.total.failures)
    for _, tables in journals.rows():
        told = (texts(tables.recordings[name]) for name in ("class", "source", "message", "remedy"))
        for kind, source, message, remedy in zip(*told, strict=True):
            if kind and kind not in found:
                found[kind] = f"{source}: {message}; {remedy}"
        if found.keys() == wanted:
            break
    return found


def too_many_failed(limit: str, journals: JournalIndex) -> str:
    """The message of a job that was stopped by its `limit` of failures."""
    total = journals.total
    such = examples(journals)
    reasons = [
        f"\n  {kind} {number}, such as {such.get(kind, '?')}"
        for kind, number in sorted(total.failures.items(), key=lambda one: (-one[1], one[0]))
    ]
    return (
        f"{total.failed} of {total.recordings} recordings failed, more than {limit} allows; "
        "allow more and run the same command again to resume, or repair the files or options and "
        f"start afresh with --overwrite{''.join(reasons)}"
    )
