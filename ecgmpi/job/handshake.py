"""Ranks begin and end together, when rank 0 says so."""

from __future__ import annotations

import time

from ecgmpi.errors import JobError, LostRankError
from ecgmpi.host.signals import Signals

from .peers import Peers
from .protocol import Begin, Broken, Ended, Exit, Finished, Stopping, SupervisorFacts

PAUSE = 0.005
"""Seconds that an idle rank sleeps: a blocking MPI call would spin."""

UNASKED = 0.05
"""Longest sleep of a rank that waits for nothing but results, s. A result wakes it at once; shorter
sleeps would take time from a worker on the same core."""

DRAIN_FOR = 5.0
"""Seconds that recordings in flight may still take after a signal."""


def await_begin(peers: Peers) -> Begin | Exit:
    """On every other rank, first: wait for rank 0 to claim OUT.

    Returns
    -------
    Begin or Exit
        `Exit` if rank 0 could not claim OUT, or was stopped.

    Raises
    ------
    LostRankError
        Rank 0 has died.
    LostLauncherError
        The launcher has.
    """
    while True:
        for _, message in peers.receive():
            if isinstance(message, Exit):
                _report_ended(peers)
                return message
            if isinstance(message, Begin):
                return message
        check_leader(peers)
        time.sleep(PAUSE)


def check_leader(peers: Peers) -> None:
    """On every other rank: make sure that rank 0 and the launcher are there.

    Raises
    ------
    LostRankError
        Rank 0 is lost.
    LostLauncherError
        The launcher is.
    """
    peers.beat()
    for lost in peers.newly_lost():
        raise LostRankError(str(lost))


def dismiss(peers: Peers, status: int) -> bool:
    """On rank 0, last: make all others exit with `status`, and wait until they stop writing.

    A rank stops writing when its workers have ended. The wait is bounded, because a rank may
    be lost.

    Returns
    -------
    bool
        Whether all of them have answered. If not, MPI cannot be ended in order.
    """
    # One that was silent may only have stood still.
    for rank in peers.all:
        peers.send(rank, Exit(status))
    left = set(peers.others)
    give_up = time.monotonic() + DRAIN_FOR
    while left and time.monotonic() < give_up:
        left -= {source for source, message in peers.receive() if isinstance(message, Ended)}
        left -= {lost.rank for lost in peers.newly_lost()}
        time.sleep(PAUSE)
    return not left and not peers.any_lost


def _report_ended(peers: Peers) -> None:
    """On every other rank, at the very end: report to rank 0 that this rank writes no more."""
    peers.send(0, Ended())
    give_up = time.monotonic() + DRAIN_FOR
    while not peers.flushed() and time.monotonic() < give_up:
        time.sleep(PAUSE)


def finish(
    peers: Peers,
    status: int | None,
    facts: SupervisorFacts,
    trouble: JobError | None,
    signals: Signals,
) -> int:
    """On every other rank, last: report, and wait for rank 0 to say how the job ended.

    Parameters
    ----------
    peers, signals
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

    Raises
    ------
    LostRankError
        Rank 0 is lost.
    LostLauncherError
        The launcher is.
    """
    if status is not None:
        _report_ended(peers)
        return status
    if trouble:
        peers.send(0, Broken(str(trouble), int(trouble.exit_status)))
    else:
        peers.send(0, Finished(facts))
    reported = False
    while True:
        if signals.received and not reported:
            # This rank has finished, but the signal is meant for the whole job. One that came
            # earlier may have been reported: the leader acts on the first.
            peers.send(0, Stopping(signals.received))
            reported = True
        for _, message in peers.receive():
            if isinstance(message, Exit):
                _report_ended(peers)
                return message.status
        check_leader(peers)
        time.sleep(PAUSE)
