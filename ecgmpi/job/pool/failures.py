"""Why a worker was lost, in the words of the row of a recording that fails for it."""

from __future__ import annotations

from dataclasses import dataclass

from ecgmpi.corpus.item import Item
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.host.memory import MIB
from ecgmpi.results.result import Result, failed

from .attempts import MOST_ATTEMPTS

_KILLED = "SIGKILL"

_MORE_MEMORY = (
    "draw part of it with --duration, or give each worker more: --memory, and fewer --workers"
)
_LEAVE_OUT = "the file makes a library crash: repair it or leave it out"


@dataclass(frozen=True, slots=True)
class WorkerFailure:
    """Why a worker was lost, as its recording would report it.

    Attributes
    ----------
    error
        The class of failure, what was found, what to do.
    how
        What ended the process, where it ended by itself.
    """

    error: RecordingError
    how: str = ""


GARBLED = WorkerFailure(
    RecordingError(
        FailureKind.CRASHED,
        "the process that read or drew it sent a garbled answer",
        _LEAVE_OUT,
    ),
    "garbled answer",
)


def timeout(seconds: float) -> WorkerFailure:
    """The worker took longer than it may."""
    return WorkerFailure(
        RecordingError(
            FailureKind.TIMEOUT,
            f"not done after {seconds:g} s",
            "look at the file, or give it longer with --timeout",
        )
    )


def memory(bound: int) -> WorkerFailure:
    """The worker grew beyond `bound` bytes."""
    return WorkerFailure(
        RecordingError(
            FailureKind.MEMORY, f"it took more than {bound / MIB:.0f} MiB of memory", _MORE_MEMORY
        )
    )


def out_of_memory(result: Result, bound: int) -> WorkerFailure:
    """The failure of a worker whose `result` is that it ran out of memory.

    Earlier recordings may have left too much in the process, so it counts as a lost worker.
    """
    message = f"{result.recording['message']} (a worker may take {bound / MIB:.0f} MiB)"
    return WorkerFailure(RecordingError(FailureKind.MEMORY, message, _MORE_MEMORY))


def crash(how: str) -> WorkerFailure:
    """The worker ended by itself, with a signal or an exit status, or only closed its channel."""
    how = how or "hung up"
    ended = "hung up" if how == "hung up" else f"ended with {how}"
    remedy = _LEAVE_OUT
    if how == _KILLED:
        remedy = f"most likely the node's memory ran out: {_MORE_MEMORY}"
    return WorkerFailure(
        RecordingError(FailureKind.CRASHED, f"the process that read or drew it {ended}", remedy),
        how,
    )


def supervisor(how: str) -> WorkerFailure:
    """The supervisor of the worker was killed, and its workers with it."""
    return WorkerFailure(
        RecordingError(
            FailureKind.CRASHED,
            f"the supervisor of the process that read or drew it ended with {how}",
            f"perhaps the node's memory ran out: {_MORE_MEMORY}",
        ),
        f"supervisor {how}",
    )


def twice(item: Item, first: WorkerFailure, second: WorkerFailure) -> Result:
    """The result of a recording that lost a worker among others, and again alone."""
    error = second.error
    before = first.error.message
    again = ", twice" if before == error.message else f"; before that: {before}"
    combined = RecordingError(error.kind, error.message + again, error.remedy)
    return failed(item, combined, second.how)


def too_often(item: Item) -> Result:
    """The result of a recording that is not tried again."""
    error = RecordingError(
        FailureKind.CRASHED,
        f"it was in flight when the job died, {MOST_ATTEMPTS} times, the last time alone",
        "it takes the job or the node down: draw it by itself to see how, or leave it out",
    )
    return failed(item, error, "job died")
