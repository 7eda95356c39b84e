"""The one module that imports mpi4py, and only inside a function.

An import at the top would start MPI in every process that imports this package, and child
processes would hang.
"""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from typing import Any, NoReturn

from ecgmpi.errors import ExitStatus, JobError, StartError
from ecgmpi.host.launch import Launch
from ecgmpi.host.shared_memory import remove_segments, segments_of

logger = logging.getLogger(__name__)

_TAG = 7

RANK_0_FIRST = 2.0
"""Seconds that the other ranks wait for rank 0 to report an error before they fail, too."""

ABORT_WITHIN = 3.0
"""Seconds that MPI_Abort may take before this process ends without it."""

CONNECTION_BROKE = "its connection broke, so it was killed or its node is down"

START_NOTICE = 1.0
"""Seconds after which Slurm has notified every node that all ranks have started."""


def connect(launch: Launch, host: str, mask: frozenset[int]) -> MpiCommunicator:
    """Start MPI and connect to the other ranks.

    Raises
    ------
    StartError
        This rank cannot load an MPI library.
    JobError
        The launcher started more processes than MPI sees.
    """
    try:
        import mpi4py

        # The library is examined before MPI starts. mpi4py finalizes MPI after all output is
        # flushed: Open MPI's mpirun then ends the processes that are left.
        mpi4py.rc.initialize = False
        mpi4py.rc.finalize = True
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        reason = ": ".join(str(error).splitlines()[:2]) or type(error).__name__
        if launch.rank > 0:
            # Perhaps only this rank fails. If all do, rank 0 must report first.
            time.sleep(RANK_0_FIRST)
        raise StartError(
            f"rank {launch.rank} of {launch.size} on {host}: started by {launch.launcher}, but MPI "
            f"cannot be loaded ({reason}); install one with pip install 'ecgmpi[mpich]' and use "
            "the mpirun that comes with it, or start without a launcher"
        ) from error
    library = _library(MPI)
    # MPICH would abort in MPI_Init with a page of internals. A build that knows PMIx says so.
    if launch.launcher == "Open MPI" and MPI.get_vendor()[0] == "MPICH" and not _knows_pmix(MPI):
        raise _refused(launch, f"mpi4py loads another MPI ({library})")
    if not MPI.Is_initialized():
        with warnings.catch_warnings():
            # mpi4py warns on every rank of what the error below reports in full.
            warnings.simplefilter("ignore")
            MPI.Init_thread(MPI.THREAD_FUNNELED)
        _launcher.detach(MPI)
        if (
            MPI.get_vendor()[0] == "Open MPI"
            and int(os.environ.get("SLURM_JOB_NUM_NODES", "1")) > 1
        ):
            # Open MPI 5.0 crashes (in mca_pml_ob1_recv_frag_callback_match) if a first message
            # reaches a rank that has not yet been notified that all have started. Nodes are
            # notified one after another, and a busy one takes a moment.
            time.sleep(START_NOTICE)
    world = MPI.COMM_WORLD
    if world.size != launch.size:
        raise _refused(launch, f"each is rank 0 of {world.size} to its MPI ({library})")
    try:
        return MpiCommunicator(MPI, host, mask)
    except MPI.Exception as error:
        logger.warning("another rank ended during the start: %s", _reason(error))
        if launch.rank == 0:
            print(
                "ecgmpi: another rank ended while all ranks were starting; its own message, if "
                "there is one, is above; run the same command again to resume",
                file=sys.stderr,
            )
        leave(ExitStatus.STOPPED_EARLY)


class _Launcher:
    """The connection of MPICH to its launcher, which can be taken away from it for a while.

    Where the connection to a killed rank breaks at the wrong moment, MPICH aborts, whatever the
    error handler, and asks the launcher to end all ranks. Slurm then kills everything of the
    step at once, before this rank or its script could say what was lost, or clean up.
    """

    def __init__(self) -> None:
        self._used = self._kept = -1

    def detach(self, MPI: Any) -> None:  # noqa: N803
        """Let what MPICH says to its launcher go nowhere, until `attach` or the end of Python."""
        name = os.environ.get("PMI_FD", "")
        if MPI.get_vendor()[0] != "MPICH" or not name.isdigit():
            return
        self._used = int(name)
        self._kept = os.dup(self._used)
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, self._used)
        os.close(nowhere)
        # Before MPI_Finalize.
        atexit.register(self.attach)

    def attach(self) -> None:
        """Give MPICH its connection back."""
        if self._kept >= 0:
            os.dup2(self._kept, self._used)
            os.close(self._kept)
            self._kept = -1


_launcher = _Launcher()


def leave(status: int) -> NoReturn:
    """End this process with `status`, without MPI: after the loss of a rank.

    MPI_Finalize would wait for that rank. MPI_Abort would make Slurm kill everything that
    belongs to the job at once, what reports and cleans up included.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    remove_segments(segments_of(os.getpid()))
    os._exit(status)


def _refused(launch: Launch, why: str) -> JobError:
    error = JobError(
        f"{launch.launcher} started {launch.size} processes, but {why}: the launcher belongs to "
        "another MPI; use the mpirun of that library, or srun --mpi=pmix for Open MPI and "
        "srun --mpi=pmi2 for MPICH"
    )
    if launch.rank > 0:
        # Every rank finds the same, and rank 0 reports it. Open MPI's mpirun ends all ranks at
        # the first that fails, perhaps before rank 0 has reported.
        error.exit_status = ExitStatus.COMPLETE
    return error


def _library(MPI: Any) -> str:  # noqa: N803
    """Version line of the MPI library: the first line of it, without the C terminator."""
    return str(MPI.Get_library_version()).splitlines()[0].strip(" \t\0")


def _knows_pmix(MPI: Any) -> bool:  # noqa: N803
    return "pmix" in str(MPI.Get_library_version()).lower()


class MpiCommunicator:
    """The ranks of MPI_COMM_WORLD.

    An error of MPI means that another rank has died, or its node. It is noted in `lost`, where
    the rank is known, or in `broken`; none is raised.
    """

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
        self.lost: dict[int, str] = {}
        self.broken = ""
        self._sending: list[tuple[int, Any]] = []
        self._parent = os.getppid()

    def send(self, to: int, message: object) -> None:
        """Copy `message` and start to send it; to a rank that is lost, send nothing."""
        if to in self.lost:
            return
        try:
            self._sending.append((to, self._world.isend(message, dest=to, tag=_TAG)))
        except self._mpi.Exception as error:
            self._lose(to, error)

    def receive(self) -> Iterator[tuple[int, Any]]:
        """The messages that have arrived: (source rank, message), in the order of each sender.

        A message is received when the iterator reaches it; the rest stays for the next call.
        """
        self.flushed()
        status = self._mpi.Status()
        while not self.broken:
            try:
                if not self._world.iprobe(self._mpi.ANY_SOURCE, _TAG, status):
                    return
            except self._mpi.Exception as error:
                self.broken = _reason(error)
                logger.warning("cannot receive: %s", self.broken)
                return
            source = status.source
            try:
                message = self._world.recv(source=source, tag=_TAG)
            except self._mpi.Exception as error:
                self._lose(source, error)
                return
            yield source, message

    def flushed(self) -> bool:
        """Whether every message has left this process, but for those to lost ranks."""
        left = []
        for to, request in self._sending:
            try:
                if to not in self.lost and not request.test()[0]:
                    left.append((to, request))
            except self._mpi.Exception as error:
                self._lose(to, error)
        self._sending = left
        return not left

    def _lose(self, rank: int, error: Exception) -> None:
        logger.warning("rank %d on %s: %s", rank, self.hosts[rank], _reason(error))
        self.lost.setdefault(rank, CONNECTION_BROKE)

    def orphaned(self) -> bool:
        """Whether the launcher that started this rank is gone: another process is its parent."""
        return os.getppid() != self._parent

    def leave(self, status: int) -> None:
        """End this process with `status`, without MPI."""
        leave(status)

    def abort(self, status: int) -> None:
        """End the processes of all ranks at once, this one with `status`."""
        sys.stdout.flush()
        sys.stderr.flush()
        _launcher.attach()
        # Abort waits for a launcher that may be gone.
        deadline = threading.Timer(ABORT_WITHIN, os._exit, [status])
        deadline.daemon = True
        deadline.start()
        self._world.Abort(status)
        # Abort may return before the launcher has ended this process.
        os._exit(status)


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
