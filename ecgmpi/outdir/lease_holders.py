"""Who holds an OUT, for whoever only looks: nothing here takes a lease or writes."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .lease import BEAT, EXPIRES
from .lease_names import is_lease
from .lease_owner import LeaseOwner

OVERDUE = 3 * BEAT
"""Seconds after which a lease should have been renewed, on a filesystem that is slow, too."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that holds an OUT, or part of it, or did so until it was killed.

    Attributes
    ----------
    owner
        Which process; None where the lease does not say.
    age
        Seconds since it renewed its lease.
    gone
        Whether it is known to have ended, or has been silent for so long that another job may
        take over.
    """

    owner: LeaseOwner | None
    age: float
    gone: bool

    @property
    def overdue(self) -> bool:
        """Whether it has not renewed its lease in time: it is suspended, or cut off."""
        return self.age > OVERDUE

    def __str__(self) -> str:
        return str(self.owner or "a job that just began")


def holders(folder: Path, now: float | None = None) -> list[Holder]:
    """Find who holds an OUT.

    Parameters
    ----------
    folder
        Its .ecgmpi.
    now
        s since 1970, by the clock of the filesystem; None for the present by that of this host.
    """
    here, found = LeaseOwner.here(), []
    now = time.time() if now is None else now
    try:
        paths = sorted(path for path in folder.iterdir() if is_lease(path))
    except OSError:
        return []
    for path in paths:
        # It may be released meanwhile.
        with suppress(OSError):
            owner = LeaseOwner.parse(path.read_bytes().partition(b"\n")[0])
            age = max(0.0, now - path.stat().st_mtime)
            # A process that is there and stopped holds its lease only until others take over.
            alive = owner is not None and owner.is_at_work(here)
            gone = (owner is not None and owner.is_gone(here)) or (age > EXPIRES and not alive)
            found.append(Holder(owner, age, gone))
    return found
