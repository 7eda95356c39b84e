"""How ranks exchange messages: one interface, for one process and for many.

Nothing here ever blocks, and nothing raises because another rank has died: that is noted, for
whoever watches the ranks to see.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Generic, Protocol, TypeVar

M = TypeVar("M")


class Communicator(Protocol[M]):
    """The other ranks, as this one sees them, and the messages of type `M` between them.

    Attributes
    ----------
    rank, size
        The number of this rank, and how many there are.
    hosts
        Host name of each rank.
    masks
        Cores that each rank of this node may run on.
    library
        Version line of the MPI library, as it prints it.
    lost
        Ranks to which the connection broke, and how.
    broken
        Why no message of any rank can be received any more; empty while they can be.
    """

    rank: int
    size: int
    hosts: list[str]
    masks: list[frozenset[int]]
    library: str

    @property
    def lost(self) -> Mapping[int, str]:
        """See above."""
        ...

    @property
    def broken(self) -> str:
        """See above."""
        ...

    def send(self, to: int, message: M) -> None:
        """Start to send `message`; does not wait until it has left."""

    def receive(self) -> Iterable[tuple[int, M]]:
        """The messages that have arrived: (source rank, message)."""

    def flushed(self) -> bool:
        """Whether every message has left this process."""

    def abort(self, status: int) -> None:
        """End the processes of all ranks at once, this one with `status`."""

    def leave(self, status: int) -> None:
        """End this process with `status`, where another rank is lost."""

    def orphaned(self) -> bool:
        """Whether the launcher that started this rank is gone."""


class SingleProcess(Generic[M]):
    """The communicator of a job that is a single process."""

    def __init__(self, host: str, mask: frozenset[int]) -> None:
        self.rank = 0
        self.size = 1
        self.hosts = [host]
        self.masks = [mask]
        self.library = "none"
        self.lost: Mapping[int, str] = {}
        self.broken = ""

    def send(self, to: int, message: M) -> None:
        """Fail: there is no other rank."""
        raise AssertionError(f"a single process, but a message to rank {to}: {message}")

    def receive(self) -> Iterable[tuple[int, M]]:
        """No message ever arrives."""
        return ()

    def flushed(self) -> bool:
        """No message is ever on its way."""
        return True

    def abort(self, status: int) -> None:
        """End this process."""
        os._exit(status)

    def leave(self, status: int) -> None:
        """End this process."""
        os._exit(status)

    def orphaned(self) -> bool:
        """Any parent may leave a process that no launcher started."""
        return False
