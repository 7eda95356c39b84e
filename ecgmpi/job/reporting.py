"""The report at the end of a job: whether there is one, and what makes it.

What makes it stands beside this package, which knows nothing of it: the caller hands it in.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

from ecgmpi.errors import JobError

from .context import JobContext
from .stop_conditions import MOST_ROWS_ON_A_STOP
from .summary import Summary


class _GivenUpError(JobError):
    """A signal has arrived while the report was made."""


def reported(job: JobContext, summary: Summary, check: Callable[[], None]) -> Summary:
    """Write the report of a job whose manifest and run.json are written.

    Who stops a job does not wait for its pictures to be shown, nor for the rows of very many
    recordings; and a signal that arrives while the report is made ends that.

    Parameters
    ----------
    job, summary
        The job, and how it ended.
    check
        Called now and then.

    Returns
    -------
    Summary
        With where the report is.
    """
    if job.report is None or not job.running.report or job.running.part:
        return summary
    if summary.stopped_by and summary.recordings > MOST_ROWS_ON_A_STOP:
        return summary
    before = job.signals.received

    def check_signals() -> None:
        check()
        if job.signals.received != before:
            raise _GivenUpError(f"no report was written: {job.signals.received}")

    try:
        page = job.report(job.paths.out, check_signals, not summary.stopped_by)
    except _GivenUpError as error:
        print(f"ecgmpi: {error}; ecgmpi report writes one", file=sys.stderr, flush=True)
        page = None
    return replace(summary, report=str(page or ""))
