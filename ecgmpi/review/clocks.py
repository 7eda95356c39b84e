"""Clocks that differ: of the hosts of a job, of its filesystem, and of the host that looks on."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from dataclasses import replace

from ecgmpi.results.activity import Activity

AGREE = 5.0
"""Seconds that clocks may differ by and count as one."""


def present(found: Sequence[tuple[Activity, float]]) -> float:
    """Tell the present by the clock of the filesystem, s since 1970, while a job runs.

    Only ranks on this host tell how its clock and that of the filesystem differ. Without one they
    are taken to agree.

    Parameters
    ----------
    found
        What each rank of a run says, and when its file was renewed, s since 1970.
    """
    ahead = _ahead(found).get(socket.gethostname(), 0.0)
    return time.time() + (ahead if abs(ahead) > AGREE else 0.0)


def on_one_clock(found: Sequence[tuple[Activity, float]]) -> list[Activity]:
    """Give what ranks say, with all times by the clock of the filesystem.

    A rank writes its file within moments of the time that it says in it, by the clock of its host.
    The filesystem has the same moment by its own, so the difference is that of the clocks. In a
    copy of an OUT, the times of the files are those of the copy. So nothing is changed unless at
    least half of the ranks agree with their files; nor is what differs by less than `AGREE`.

    Parameters
    ----------
    found
        What each rank of a run says, and when its file was renewed, s since 1970.
    """
    ahead = _ahead(found)
    agreeing = sum(abs(ahead[one.host]) <= AGREE for one, _ in found)
    if agreeing * 2 < len(found):
        return [one for one, _ in found]
    return [_moved(one, ahead[one.host]) for one, _ in found]


def _moved(one: Activity, ahead: float) -> Activity:
    if abs(ahead) <= AGREE:
        return one
    return replace(one, began=one.began + ahead, renewed=one.renewed + ahead)


def _ahead(found: Sequence[tuple[Activity, float]]) -> dict[str, float]:
    """How far the clock of the filesystem is ahead of that of each host, s."""
    ahead: dict[str, float] = {}
    for one, renewed in found:
        # A filesystem that was slow makes it more, never less.
        ahead[one.host] = min(renewed - one.renewed, ahead.get(one.host, float("inf")))
    return ahead
