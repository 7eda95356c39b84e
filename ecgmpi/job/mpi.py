"""The one module that imports mpi4py, and only inside a function.

An import at the top would start MPI in every process that imports this package, which
hangs children.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ecgmpi.errors import JobError

from .launch import Launch
from .link import Message

_TAG = 7


def connect(launch: Launch, host: str, mask: frozenset[int]) -> MpiLink:
    """Start MPI and meet the other ranks.

    Raises
    ------
    JobError
        There is no MPI library, or the launcher started more processes than MPI sees.
    """
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise JobError(
            f"started by {launch.launcher} as rank {launch.rank} of {launch.size}, but MPI cannot "
            f"be loaded ({reason}); install one with pip install 'ecgmpi[mpich]' and use the "
            "mpirun that comes with it, or start without a launcher"
        ) from error
    world = MPI.COMM_WORLD
    if world.size != launch.size:
        library = MPI.Get_library_version().splitlines()[0].strip()
        raise JobError(
            f"{launch.launcher} started {launch.size} processes, but each is rank 0 of "
            f"{world.size} to its MPI ({library}): the launcher belongs to another MPI; use the "
            "mpirun of that library, or srun --mpi=pmix for Open MPI and srun --mpi=pmi2 for MPICH"
        )
    return MpiLink(MPI, host, mask)


class MpiLink:
    """The ranks of MPI_COMM_WORLD."""

    def __init__(self, MPI: Any, host: str, mask: frozenset[int]) -> None:  # noqa: N803
        self._mpi = MPI
        self._world = MPI.COMM_WORLD
        self.rank: int = self._world.rank
        self.size: int = self._world.size
        self.library = str(MPI.Get_library_version()).splitlines()[0].strip()
        self.hosts: list[str] = self._world.allgather(host)
        node = self._world.Split_type(MPI.COMM_TYPE_SHARED)
        self.masks: list[frozenset[int]] = node.allgather(mask)
        node.Free()
        self._sending: list[Any] = []

    def send(self, to: int, message: Message) -> None:
        """Send `message` on its way; it is copied first."""
        self._sending.append(self._world.isend(message, dest=to, tag=_TAG))

    def receive(self) -> Iterator[tuple[int, Message]]:
        """Whatever has come in: (from, message), in the order of each sender.

        Each is taken in as it is asked for; what is not asked for stays for the next call.
        """
        self.flushed()
        status = self._mpi.Status()
        while self._world.iprobe(self._mpi.ANY_SOURCE, _TAG, status):
            source = status.source
            yield source, self._world.recv(source=source, tag=_TAG)

    def flushed(self) -> bool:
        """Whether everything sent has left."""
        self._sending = [request for request in self._sending if not request.test()[0]]
        return not self._sending

    def abort(self, status: int) -> None:
        """End the processes of all ranks at once."""
        self._world.Abort(status)
