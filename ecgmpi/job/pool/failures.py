"""Why a worker was lost, in the words that its recording's row has if it fails for that."""

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
    """What is said of the recording that a lost worker had in hand.

    Attributes
    ----------
    error
        Its class, what was found, what to do.
    how
        What ended the process, where it ended by itself.
    """

    error: RecordingError
    how: str = ""


GARBLED = WorkerFailure(
    RecordingError(
        FailureKind.CRASHED,
        "the process that read or drew it sent what is no answer",
        _LEAVE_OUT,
    ),
    "garbled answer",
)


def timeout(seconds: float) -> WorkerFailure:
    """It took longer than it may."""
    return WorkerFailure(
        RecordingError(
            FailureKind.TIMEOUT,
            f"not done after {seconds:g} s",
            "look at the file, or give it longer with --timeout",
        )
    )


def memory(bound: int) -> WorkerFailure:
    """It grew larger than it may, bytes."""
    return WorkerFailure(
        RecordingError(
            FailureKind.MEMORY, f"it took more than {bound / MIB:.0f} MiB of memory", _MORE_MEMORY
        )
    )


def out_of_memory(result: Result, bound: int) -> WorkerFailure | None:
    """The loss of a worker that could not get memory; None where that is not what it says.

    What the recordings before have left in the process may be why: it is a loss like others.
    """
    row = result.recording
    if row["class"] != FailureKind.MEMORY:
        return None
    told = f"{row['message']} (a worker may take {bound / MIB:.0f} MiB)"
    return WorkerFailure(RecordingError(FailureKind.MEMORY, told, _MORE_MEMORY))


def crash(how: str) -> WorkerFailure:
    """It ended by itself: with a signal's name or an exit status, or it only hung up."""
    how = how or "hung up"
    ended = "hung up" if how == "hung up" else f"ended with {how}"
    remedy = _LEAVE_OUT
    if how == _KILLED:
        remedy = f"most likely the node's memory ran out: {_MORE_MEMORY}"
    return WorkerFailure(
        RecordingError(FailureKind.CRASHED, f"the process that read or drew it {ended}", remedy),
        how,
    )


def twice(item: Item, first: WorkerFailure, second: WorkerFailure) -> Result:
    """The row of a recording that lost a worker among others, and again alone."""
    error = second.error
    before = first.error.message
    again = ", twice" if before == error.message else f"; before that: {before}"
    told = RecordingError(error.kind, error.message + again, error.remedy)
    return failed(item, told, second.how)


def too_often(item: Item) -> Result:
    """The row of a recording that is not tried again."""
    error = RecordingError(
        FailureKind.CRASHED,
        f"it was in hand when the job died, {MOST_ATTEMPTS} times, the last time alone",
        "it takes the job or the node down: draw it by itself to see how, or leave it out",
    )
    return failed(item, error, "job died")
