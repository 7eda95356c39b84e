"""Every error that ecgmpi raises on purpose, and the exit status of each.

Two families. A `JobError` ends the command: one line on standard error and its
`exit_status`. A `RecordingError` costs one recording: its `kind`, `message` and
`remedy` become a row of ``failures.csv`` and the job continues.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

from ecgmpi.names import readable


class ExitStatus(IntEnum):
    """The meaning of each exit status, the same for every command."""

    COMPLETE = 0
    COULD_NOT_RUN = 1
    USAGE = 2
    COMPLETE_WITH_FAILURES = 3
    STOPPED_EARLY = 75


class FailureKind(StrEnum):
    """Why a recording could not be drawn; the ``class`` column of ``failures.csv``."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    BAD_NAME = "bad-name"
    NOT_RECOGNISED = "not-recognised"
    EMPTY_FILE = "empty-file"
    TRUNCATED = "truncated"
    CORRUPT = "corrupt"
    NO_VARIABLE = "no-variable"
    NOT_NUMERIC = "not-numeric"
    COMPLEX = "complex"
    WRONG_SHAPE = "wrong-shape"
    NO_SAMPLES = "no-samples"
    ALL_NAN = "all-nan"
    INFINITE = "infinite"
    NO_SUCH_LEAD = "no-such-lead"
    TOO_LARGE = "too-large"
    NOT_SUPPORTED = "not-supported"
    ASSUMED = "assumed"
    CONTRADICTORY = "contradictory"
    CRASHED = "crashed"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    INTERNAL = "internal"


class EcgmpiError(Exception):
    """Base class of every error that ecgmpi raises on purpose."""


class JobError(EcgmpiError):
    """The command cannot continue; the message is the one line that the user sees."""

    exit_status = ExitStatus.COULD_NOT_RUN

    def __str__(self) -> str:
        # It may name files, and ends up on terminals and in logs.
        return readable(super().__str__())


class UsageError(JobError):
    """The command as typed is invalid."""

    exit_status = ExitStatus.USAGE


class StoppedError(JobError):
    """Something stopped the job before it began to draw.

    Parameters
    ----------
    why
        A signal, or a limit.
    """

    exit_status = ExitStatus.STOPPED_EARLY

    def __init__(self, why: str) -> None:
        super().__init__(f"stopped by {why}; run the same command again to resume")


class StartError(JobError):
    """A rank cannot start. It may be the only one, so any rank reports it, not only rank 0."""


class LostRankError(JobError):
    """Another rank is lost, so this one cannot go on.

    Parameters
    ----------
    lost
        Which rank, on which host, and how that was found.
    """

    exit_status = ExitStatus.STOPPED_EARLY

    def __init__(self, lost: str) -> None:
        super().__init__(f"{lost}; run the same command again to resume")


class LostLauncherError(JobError):
    """The launcher that started this rank has ended, and would not end it any more."""

    exit_status = ExitStatus.STOPPED_EARLY

    def __init__(self, rank: int, host: str) -> None:
        super().__init__(
            f"rank {rank} on {host} has lost its launcher (mpirun or srun was killed, or its node "
            "is down); run the same command again to resume"
        )


class LostSupervisorError(JobError):
    """The supervisor of the workers of a rank has ended.

    Parameters
    ----------
    host, how
        Where, and with which signal or exit status.
    again
        Whether it was replaced and has ended again and again.
    """

    def __init__(self, host: str, how: str, again: bool) -> None:
        times = ", again and again" if again else ""
        super().__init__(
            f"the supervisor of the workers on {host} ended with {how}{times}: was it killed, or "
            "is memory short (--memory, or fewer --workers)? Run the same command again to resume"
        )


class JournalError(JobError):
    """The journal below OUT cannot be read or written, as `what` says."""

    def __init__(self, what: str, error: OSError) -> None:
        super().__init__(
            f"cannot {what} the journal below OUT: {error.strerror}; check that OUT exists and "
            "has room, then run the same command again to resume"
        )


class OtherRankError(JobError):
    """The error that another rank reports, with the exit status that it means."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.exit_status = ExitStatus(status)


class StoreError(JobError):
    """The place that pictures are written to is full, read-only or gone."""


class LostSampleError(StoreError):
    """A sample that is to be kept is not in its shard, or its shard cannot be read."""


class RecordingError(EcgmpiError):
    """One recording cannot be drawn.

    Parameters
    ----------
    kind
        The class of the failure.
    message
        What was found, in one line, without any absolute path (the manifest must be the
        same bytes wherever the corpus lies).
    remedy
        What the user can do about it, in one line.
    """

    def __init__(self, kind: FailureKind, message: str, remedy: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}; {self.remedy}"

    def __reduce__(self) -> tuple[type[RecordingError], tuple[FailureKind, str, str]]:
        return type(self), (self.kind, self.message, self.remedy)
