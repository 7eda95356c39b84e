"""How ranks begin and end together: when rank 0 says so."""

from __future__ import annotations

import time
from typing import Any

from ecgmpi.errors import JobError
from ecgmpi.host.signals import Signals

from .communicator import Communicator, Message

PAUSE = 0.005
"""Seconds that a rank sleeps when nothing happens: a blocking MPI call would spin."""

DRAIN_FOR = 5.0
"""Seconds that recordings in hand may still take after a signal."""

SupervisorFacts = dict[str, Any]
"""What run.json says of a rank's crew: how many workers it kept, how many it lost to what."""


def await_begin(comm: Communicator) -> Message:
    """On the others, first: wait for rank 0 to claim OUT.

    Returns
    -------
    Message
        ``("begin", run)``, the number of this run; or ``("exit", status)`` where rank 0 could
        not claim it.
    """
    while True:
        for _, message in comm.receive():
            if message[0] == "exit":
                _leave(comm)
            return message
        time.sleep(PAUSE)


def dismiss(comm: Communicator, status: int) -> None:
    """On rank 0, last: tell all others to exit with `status`, and wait until they write no more.

    That is until their workers have ended; but not for ever, for one may be lost.
    """
    left = set(range(1, comm.size))
    for other in left:
        comm.send(other, ("exit", status))
    give_up = time.monotonic() + DRAIN_FOR
    while left and time.monotonic() < give_up:
        left -= {source for source, message in comm.receive() if message[0] == "ended"}
        time.sleep(PAUSE)


def _leave(comm: Communicator) -> None:
    """On the others, at the very end: tell rank 0 that nothing is written here any more."""
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
    """On the others, last: report, and wait for rank 0 to say how it all ended.

    Parameters
    ----------
    link, signals
        The other ranks, and what was signalled to this one.
    status
        What rank 0 has told this rank to exit with, where it already has.
    facts
        What became of the crew.
    trouble
        Why this rank cannot go on, if it cannot.

    Returns
    -------
    int
        The exit status, the same on every rank.
    """
    if status is not None:
        _leave(comm)
        return status
    if trouble:
        comm.send(0, ("broken", str(trouble), int(trouble.exit_status)))
    else:
        comm.send(0, ("finished", facts))
    told = bool(signals.received)
    while True:
        if signals.received and not told:
            # This rank has done its share, but the signal is meant for the whole job.
            comm.send(0, ("stopping", signals.received))
            told = True
        for _, message in comm.receive():
            if message[0] == "exit":
                _leave(comm)
                return int(message[1])
        time.sleep(PAUSE)
