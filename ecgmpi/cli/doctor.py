"""``ecgmpi doctor``: say what ecgmpi finds here."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from ecgmpi.amounts import size
from ecgmpi.errors import ExitStatus
from ecgmpi.host.cores import affinity, default_workers, quota
from ecgmpi.host.launch import detect
from ecgmpi.host.scratch import node_scratch
from ecgmpi.outdir.provenance import versions

# In a process of its own: a broken MPI may hang or abort the process that loads it.
_PROBE = """
import mpi4py
mpi4py.rc.initialize = False
from mpi4py import MPI
print(MPI.Get_library_version().splitlines()[0].strip())
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path(), metavar="OUT", help="a place to look at"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print what is found, one fact a line."""
    launch = detect()
    if launch and launch.rank > 0:
        return ExitStatus.COMPLETE
    mask, limit, scratch = affinity(), quota(), node_scratch()
    facts = [
        ("host", f"{socket.gethostname()}, {platform.platform()}"),
        (
            "cores",
            f"{os.cpu_count()} in the machine, {len(mask)} by affinity, "
            f"{'no quota' if limit is None else f'{limit:g} by quota'}",
        ),
        ("workers", f"{default_workers(mask, [mask], limit)} for one rank here"),
        (
            "launcher",
            f"rank {launch.rank} of {launch.size}, says {launch.launcher}"
            if launch
            else "none: one rank, no MPI is loaded",
        ),
        ("MPI", _mpi()),
        ("mpirun", _first_line("mpirun", "--version")),
        ("srun", _first_line("srun", "--version")),
        ("Slurm job", os.environ.get("SLURM_JOB_ID", "none")),
        (
            "container",
            os.environ.get("APPTAINER_CONTAINER")
            or os.environ.get("SINGULARITY_CONTAINER")
            or "none",
        ),
        ("filesystem", _filesystem(arguments.folder)),
        ("temporary", _filesystem(Path(os.environ.get("TMPDIR", "/tmp")))),
        (
            "scratch",
            _filesystem(scratch) if scratch else "none of a job: shards are made below OUT",
        ),
    ]
    facts += list(versions().items())
    for name, value in facts:
        print(f"{name:<11} {value}")
    return ExitStatus.COMPLETE


def _mpi() -> str:
    # The variables of a launcher must not reach the probe: MPI would take it for a rank.
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OMPI_", "PMI", "PMIX_", "PRTE_", "HYD"))
    }
    try:
        probe = subprocess.run(
            [sys.executable, "-c", _PROBE],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=kept,
        )
    except subprocess.TimeoutExpired:
        return "takes more than 60 s to load: the installation is broken"
    if probe.returncode == 0:
        return probe.stdout.strip()
    reason = (probe.stderr.strip().splitlines() or ["no reason given"])[-1]
    return f"none ({reason}); without one, all cores of one machine are used"


def _first_line(*command: str) -> str:
    path = shutil.which(command[0])
    if path is None:
        return "not found"
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{path}: {error}"
    lines = (result.stdout or result.stderr).strip().splitlines()
    return f"{path} ({lines[0].strip() if lines else 'prints nothing'})"


def _filesystem(folder: Path) -> str:
    try:
        usage = shutil.disk_usage(folder)
        where = folder.resolve()
    except OSError as error:
        return f"{folder}: {error.strerror}"
    kind, best = "unknown kind", -1
    with Path("/proc/self/mounts").open(encoding="utf-8", errors="replace") as mounts:
        for line in mounts:
            _, point, found, *_ = line.split(" ")
            inside = where == Path(point) or Path(point) in where.parents
            if inside and len(point) > best:
                kind, best = found, len(point)
    writable = "" if os.access(folder, os.W_OK) else ", not writable"
    return f"{where}: {kind}, {size(usage.free)} free of {size(usage.total)}{writable}"
