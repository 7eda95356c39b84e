"""How ranks exchange messages: one interface, for one process and for many.

Messages are small tuples: a kind and its data. Nothing here ever blocks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

Message = tuple[Any, ...]


class Communicator(Protocol):
    """The other ranks, as this one sees them.

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
    """

    rank: int
    size: int
    hosts: list[str]
    masks: list[frozenset[int]]
    library: str

    def send(self, to: int, message: Message) -> None:
        """Start to send `message`; does not wait until it has left."""

    def receive(self) -> Iterable[tuple[int, Message]]:
        """The messages that have arrived: (source rank, message)."""

    def flushed(self) -> bool:
        """Whether every message has left this process."""

    def abort(self, status: int) -> None:
        """End the processes of all ranks at once."""


class SingleProcess:
    """The communicator of a job that is a single process."""

    def __init__(self, host: str, mask: frozenset[int]) -> None:
        self.rank = 0
        self.size = 1
        self.hosts = [host]
        self.masks = [mask]
        self.library = "none"

    def send(self, to: int, message: Message) -> None:
        """Fail: there is no other rank."""
        raise AssertionError(f"a single process, but a message to rank {to}: {message[0]}")

    def receive(self) -> Iterable[tuple[int, Message]]:
        """No message ever arrives."""
        return ()

    def flushed(self) -> bool:
        """No message is ever on its way."""
        return True

    def abort(self, status: int) -> None:
        """There is no other process to end."""
