"""How ranks talk: one interface, for one process and for many.

Messages are small tuples, a kind and what goes with it. Nothing here ever blocks.
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
        Which rank this is, of how many.
    hosts
        Host name of each rank.
    masks
        Cores that each rank of this node may run on.
    library
        The MPI library, in its own words.
    """

    rank: int
    size: int
    hosts: list[str]
    masks: list[frozenset[int]]
    library: str

    def send(self, to: int, message: Message) -> None:
        """Send `message` on its way."""

    def receive(self) -> Iterable[tuple[int, Message]]:
        """Whatever has come in: (from, message)."""

    def flushed(self) -> bool:
        """Whether everything sent has left."""

    def abort(self, status: int) -> None:
        """End the processes of all ranks at once."""


class SingleProcess:
    """The link of a job that is one process."""

    def __init__(self, host: str, mask: frozenset[int]) -> None:
        self.rank = 0
        self.size = 1
        self.hosts = [host]
        self.masks = [mask]
        self.library = "none"

    def send(self, to: int, message: Message) -> None:
        """There is nobody to send to."""
        raise AssertionError(f"one process, and a message to rank {to}: {message[0]}")

    def receive(self) -> Iterable[tuple[int, Message]]:
        """Nothing ever comes."""
        return ()

    def flushed(self) -> bool:
        """Nothing is ever on its way."""
        return True

    def abort(self, status: int) -> None:
        """Nobody else to end."""
