"""The report that every job makes at its end."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from ecgmpi.errors import JobError
from ecgmpi.names import typed_path


def report_at_end(out: Path, check: Callable[[], None], contact_sheet: bool = True) -> Path | None:
    """Write the report of a job that this process has just led to its end.

    A report that cannot be made costs a line on standard error, and nothing else.

    Parameters
    ----------
    out, check, contact_sheet
        As `ecgmpi.review.report.write.write_report` takes them.

    Raises
    ------
    JobError
        `check` says that OUT is not this job's any more.
    """
    # What a report needs is loaded when there is something to report.
    try:
        from .write import write_report

        return write_report(out, None, check, ended=True, contact_sheet=contact_sheet)
    except JobError:
        raise
    except Exception as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else repr(error)
        print(
            f"ecgmpi: no report was written: {why}; all else is done, and ecgmpi report "
            f"{typed_path(str(out))} tries again",
            file=sys.stderr,
            flush=True,
        )
        return None
