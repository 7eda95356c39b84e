"""The one module that imports mpi4py, and only inside a function.

An import at the top would start MPI in every process that imports this package, which
hangs children.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Iterator
from typing import Any

from ecgmpi.errors import ExitStatus, JobError, StartError
from ecgmpi.host.launch import Launch

from .communicator import Message

_TAG = 7

HEARD_FIRST = 2.0
"""Seconds that other ranks leave rank 0 to say what is wrong before they fail, too."""

ALL_TOLD = 1.0
"""Seconds after which every node has been told by Slurm that all ranks have started."""


def connect(launch: Launch, host: str, mask: frozenset[int]) -> MpiCommunicator:
    """Start MPI and meet the other ranks.

    Raises
    ------
    StartError
        There is no MPI library for this rank.
    JobError
        The launcher started more processes than MPI sees.
    """
    try:
        import mpi4py

        # Before MPI starts there is something to look at; finalizing is left to mpi4py, which
        # does it when all output is flushed: Open MPI's mpirun then ends whoever is left.
        mpi4py.rc.initialize = False
        mpi4py.rc.finalize = True
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        reason = ": ".join(str(error).splitlines()[:2]) or type(error).__name__
        if launch.rank > 0:
            # Perhaps this rank alone: it fails; but where all do, rank 0 is to be heard first.
            time.sleep(HEARD_FIRST)
        raise StartError(
            f"rank {launch.rank} of {launch.size} on {host}: started by {launch.launcher}, but MPI "
            f"cannot be loaded ({reason}); install one with pip install 'ecgmpi[mpich]' and use "
            "the mpirun that comes with it, or start without a launcher"
        ) from error
    library = _library(MPI)
    # MPICH would abort in MPI_Init, with a page about its insides. Some can do it: they say so.
    if launch.launcher == "Open MPI" and MPI.get_vendor()[0] == "MPICH" and not _knows_pmix(MPI):
        raise _refused(launch, f"the MPI that it finds is another ({library})")
    if not MPI.Is_initialized():
        with warnings.catch_warnings():
            # mpi4py warns of what is told in full below, on every rank.
            warnings.simplefilter("ignore")
            MPI.Init_thread(MPI.THREAD_FUNNELED)
        if (
            MPI.get_vendor()[0] == "Open MPI"
            and int(os.environ.get("SLURM_JOB_NUM_NODES", "1")) > 1
        ):
            # Open MPI 5.0 crashes where a first message comes to a rank that has not yet been
            # told that all have started (in mca_pml_ob1_recv_frag_callback_match); nodes are
            # told one after another, and a busy one takes a moment.
            time.sleep(ALL_TOLD)
    world = MPI.COMM_WORLD
    if world.size != launch.size:
        raise _refused(launch, f"each is rank 0 of {world.size} to its MPI ({library})")
    return MpiCommunicator(MPI, host, mask)


def _refused(launch: Launch, why: str) -> JobError:
    error = JobError(
        f"{launch.launcher} started {launch.size} processes, but {why}: the launcher belongs to "
        "another MPI; use the mpirun of that library, or srun --mpi=pmix for Open MPI and "
        "srun --mpi=pmi2 for MPICH"
    )
    if launch.rank > 0:
        # Every rank finds the same, and rank 0 says so. Open MPI's mpirun ends all at the first
        # that fails, perhaps before rank 0 has spoken.
        error.exit_status = ExitStatus.COMPLETE
    return error


def _library(MPI: Any) -> str:  # noqa: N803
    """The MPI library, in its own words: its first line, without what C puts at its end."""
    return str(MPI.Get_library_version()).splitlines()[0].strip(" \t\0")


def _knows_pmix(MPI: Any) -> bool:  # noqa: N803
    return "pmix" in str(MPI.Get_library_version()).lower()


class MpiCommunicator:
    """The ranks of MPI_COMM_WORLD."""

    def __init__(self, MPI: Any, host: str, mask: frozenset[int]) -> None:  # noqa: N803
        self._mpi = MPI
        self._world = MPI.COMM_WORLD
        self.rank: int = self._world.rank
        self.size: int = self._world.size
        self.library = _library(MPI)
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
        """End the processes of all ranks at once, this one too."""
        self._world.Abort(status)
        # It may come back before the launcher has got to this process.
        os._exit(status)
