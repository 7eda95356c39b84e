"""How many cores this process may use: affinity, cgroup quota, Slurm, ranks on the node."""

from __future__ import annotations

import os
from pathlib import Path

from . import cgroup

SINGLE_THREADED = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "BLIS_NUM_THREADS",
)
"""What tells libraries, by a 1, not to start threads of their own."""


def affinity() -> frozenset[int]:
    """The cores that this process is allowed to run on."""
    return frozenset(os.sched_getaffinity(0))


def quota(root: Path = cgroup.ROOT, membership: Path = cgroup.MEMBERSHIP) -> float | None:
    """Cores that the control group allows, as a number that need not be whole.

    Looks at version 2 (``cpu.max``) from this process's group up to the root, and at
    version 1 (``cpu.cfs_quota_us``). None where there is no limit.

    Source: Linux kernel, Documentation/admin-guide/cgroup-v2.rst and scheduler/sched-bwc.rst.
    """
    limits: list[float] = []
    for folder in cgroup.groups("cpu", root, membership):
        try:
            allowed, _, period = (folder / "cpu.max").read_text().strip().partition(" ")
            if allowed != "max":
                limits.append(int(allowed) / int(period or 100_000))
        except (OSError, ValueError):
            pass
        try:
            micro = int((folder / "cpu.cfs_quota_us").read_text())
            if micro > 0:
                limits.append(micro / int((folder / "cpu.cfs_period_us").read_text()))
        except (OSError, ValueError):
            pass
    return min(limits, default=None)


def default_workers(
    mine: frozenset[int], node: list[frozenset[int]], limit: float | None = None
) -> int:
    """How many workers a rank should start, at least one.

    Parameters
    ----------
    mine
        Cores that this rank may run on.
    node
        The same for every rank of the node, this one too. A core that several ranks may
        use is shared out among them, so it makes no difference whether the launcher
        bound each rank to its own cores or left them all to all.
    limit
        Quota of the control group, shared among the ranks of the node.
    """
    cores = sum(1 / sum(core in other for other in node) for core in mine)
    if limit is not None:
        cores = min(cores, limit / len(node))
    per_task = os.environ.get("SLURM_CPUS_PER_TASK", "")
    if per_task.isdigit() and int(per_task) > 0:
        cores = min(cores, int(per_task))
    return max(1, int(cores + 1e-9))


def bound_too_tight(mine: frozenset[int], node: list[frozenset[int]]) -> str:
    """A warning if a launcher left most of the node unused; empty if it did not."""
    union = frozenset().union(*node)
    online = os.cpu_count() or 1
    bound = any(name in os.environ for name in ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE"))
    allowed = min(online, int(quota() or online))
    if bound and len(union) < allowed and len(node) <= 2 and len(mine) == 1:
        return (
            f"the launcher bound the ranks of this node to {len(union)} of {online} cores; "
            "start with mpirun --bind-to none to use the others"
        )
    return ""
