"""Ranks start and end together, when rank 0 says so."""

from __future__ import annotations

import time
from typing import Any

from ecgmpi.errors import JobError
from ecgmpi.host.signals import Signals

from .communicator import Communicator, Message

PAUSE = 0.005
"""Seconds that an idle rank sleeps: a blocking MPI call would spin."""

DRAIN_FOR = 5.0
"""Seconds that recordings in flight may still take after a signal."""

SupervisorFacts = dict[str, Any]
"""What run.json says of a rank's workers: how many it ran, and how many it lost to what."""


def await_begin(comm: Communicator) -> Message:
    """On every other rank, first: wait for rank 0 to claim OUT.

    Returns
    -------
    Message
        ``("begin", run)``, the number of this run; or ``("exit", status)`` if rank 0 could
        not claim OUT.
    """
    while True:
        for _, message in comm.receive():
            if message[0] == "exit":
                _report_ended(comm)
            return message
        time.sleep(PAUSE)


def dismiss(comm: Communicator, status: int) -> None:
    """On rank 0, last: make all others exit with `status`, and wait until they stop writing.

    A rank stops writing when its workers have ended. The wait is bounded, because a rank may
    be lost.
    """
    left = set(range(1, comm.size))
    for other in left:
        comm.send(other, ("exit", status))
    give_up = time.monotonic() + DRAIN_FOR
    while left and time.monotonic() < give_up:
        left -= {source for source, message in comm.receive() if message[0] == "ended"}
        time.sleep(PAUSE)


def _report_ended(comm: Communicator) -> None:
    """On every other rank, at the very end: report to rank 0 that this rank writes no more."""
    comm.send(0, ("ended",))
    give_up = time.monotonic() + DRAIN_FOR
    while not comm.flushed() and time.monotonic() < give_up:
        time.sleep(PAUSE)


def finish(
    comm: Communicator,
    status: int | None,
    facts: SupervisorFacts,
    trouble: JobError | None,
    signals: Signals,
) -> int:
    """On every other rank, last: report, and wait for rank 0 to say how the job ended.

    Parameters
    ----------
    comm, signals
        The other ranks, and the signals that this one received.
    status
        The exit status that rank 0 has sent, if it already has.
    facts
        What became of the workers.
    trouble
        Why this rank cannot continue, if it cannot.

    Returns
    -------
    int
        The exit status, the same on every rank.
    """
    if status is not None:
        _report_ended(comm)
        return status
    if trouble:
        comm.send(0, ("broken", str(trouble), int(trouble.exit_status)))
    else:
        comm.send(0, ("finished", facts))
    reported = bool(signals.received)
    while True:
        if signals.received and not reported:
            # This rank has finished, but the signal is meant for the whole job.
            comm.send(0, ("stopping", signals.received))
            reported = True
        for _, message in comm.receive():
            if message[0] == "exit":
                _report_ended(comm)
                return int(message[1])
        time.sleep(PAUSE)
