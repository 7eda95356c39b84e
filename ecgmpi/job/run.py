"""The job on one page: claim OUT, build the catalogue, draw on every rank, gather."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from ecgmpi.errors import ExitStatus, JobError, LostLauncherError, LostRankError
from ecgmpi.host.launch import detect
from ecgmpi.host.signals import Signals, interruptible
from ecgmpi.options.rendering import Rendering
from ecgmpi.options.running import Running
from ecgmpi.outdir.paths import JobPaths

from .context import JobContext, ReportWriter, connect_ranks
from .follow import follow_job
from .peers import Peers
from .pool.messages import JobSpec
from .pool.pool import WorkerPool
from .protocol import JobCommunicator
from .summary import Summary

SPEAKS_WITHIN = 5.0
"""Seconds that the ranks which find the loss of rank 0 leave to the one that reports it."""


def run_job(
    inputs: Iterable[str],
    out: Path,
    rendering: Rendering,
    running: Running,
    report: ReportWriter | None = None,
    command: Sequence[str] = (),
    fork: bool = False,
) -> Summary:
    """Draw every recording of `inputs` into `out`, with all the ranks there are.

    Parameters
    ----------
    inputs, out, rendering, running
        INPUT, OUT, and the options.
    report
        Writes the report on rank 0, while the others wait; None for no report.
    command
        What was typed to run the job, without the launcher; empty where nothing was.
    fork
        Whether this process is that of the command: see `WorkerPool`.

    Raises
    ------
    JobError
        The job cannot be run, or cannot continue. Under a launcher it is raised on rank 0
        alone; the others return its exit status.
    """
    paths = JobPaths(out.absolute())
    spec = JobSpec(rendering, paths.out, rendering.pack, running.timeout, running.verbose)
    # Before MPI starts: a process started after it would inherit too much of it.
    pool = WorkerPool(spec, fork)
    comm: JobCommunicator | None = None
    job: JobContext | None = None
    ending = ExitStack()
    try:
        with interruptible():
            comm = connect_ranks(detect())
        pool.ranks_ready()
        with Signals() as signals:
            job = JobContext(
                comm,
                Peers(comm),
                pool,
                signals,
                paths,
                spec,
                list(inputs),
                rendering,
                running,
                report,
                command,
                ending,
            )
            if comm.rank > 0:
                return follow_job(job)
            # Not at the top: the other ranks have no use for it.
            from .lead import lead_job

            return lead_job(job)
    except (LostRankError, LostLauncherError) as error:
        assert comm is not None
        speaks = _speaks(comm) if isinstance(error, LostRankError) else comm.rank == 0
        if speaks:
            print(f"ecgmpi: {error}", file=sys.stderr, flush=True)
        pool.end()
        ending.close()
        if not speaks:
            # A launcher ends all ranks as soon as one leaves.
            time.sleep(SPEAKS_WITHIN)
        comm.leave(error.exit_status)
        raise
    except JobError as error:
        if job:
            job.dismiss(error.exit_status)
        raise
    except BaseException as error:
        # The other ranks would wait for ever for a rank that failed.
        if comm and comm.size > 1:
            if not isinstance(error, KeyboardInterrupt):
                traceback.print_exc()
                sys.stderr.flush()
            ending.close()
            comm.abort(ExitStatus.COULD_NOT_RUN)
        raise
    finally:
        pool.end()
        ending.close()


def _speaks(comm: JobCommunicator) -> bool:
    """Whether this rank is the one that reports the loss of rank 0.

    Every rank finds it by itself. One on another node speaks, if there is one: the loss may be
    that of a node.
    """
    elsewhere = (rank for rank in range(1, comm.size) if comm.hosts[rank] != comm.hosts[0])
    return comm.rank == next(elsewhere, 1)
