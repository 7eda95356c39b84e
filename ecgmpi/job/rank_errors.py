"""Errors that end a rank, and with it the job."""

from __future__ import annotations

from ecgmpi.errors import ExitStatus, JobError


def journal_error(error: OSError, what: str) -> JobError:
    """Make the error for a journal that cannot be read or written, as `what` says."""
    return JobError(
        f"cannot {what} the journal below OUT: {error.strerror}; check that OUT exists and has "
        "room, then run the same command again to resume"
    )


def error_of(message: str, status: int) -> JobError:
    """Make the error that another rank reports, with the exit status it would have had."""
    error = JobError(message)
    error.exit_status = ExitStatus(status)
    return error
