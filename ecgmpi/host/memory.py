"""How much memory a worker may use, by the node, control group and Slurm, and what it keeps."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from pathlib import Path

from ecgmpi.errors import UsageError

from . import cgroup

MIB = 1 << 20

FOR_WORKERS = 0.9
"""Share of the memory that is divided among workers; the rest is for ranks and the kernel."""


_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Of mallopt(3)."""


def keep_freed_memory(bound: int = 0) -> None:
    """Have this process keep freed memory for the next picture, and not return it to the kernel.

    By default, glibc returns blocks of megabytes. Each page of the next picture is then cleared
    by the kernel once more when it is first touched: 200 to 250 page faults a strip, a tenth of
    its time. Other C libraries are left as they are.

    Parameters
    ----------
    bound
        Bytes that the process may use; 0 for no bound. At most an eighth of them, and at most
        96 MiB, are kept, in blocks of a third of that: what wears a page at 200 dpi lets go of.
    """
    in_all = min(96 * MIB, bound // 8) if bound else 96 * MIB
    block = in_all // 3
    with suppress(AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, block)
        mallopt(_M_TRIM_THRESHOLD, in_all)


def allowed(root: Path = cgroup.ROOT, membership: Path = cgroup.MEMBERSHIP) -> int:
    """Bytes of memory that the processes of this job may use on this node together.

    The least of what the node has, what its control groups allow (version 2
    ``memory.max``, version 1 ``memory.limit_in_bytes``) and what Slurm has granted.
    """
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for folder in cgroup.groups("memory", root, membership):
        for name in ("memory.max", "memory.limit_in_bytes"):
            try:
                limits.append(int((folder / name).read_text()))
            except (OSError, ValueError):
                # Not there, or "max".
                continue
    per_node = _megabytes("SLURM_MEM_PER_NODE")
    per_cpu = _megabytes("SLURM_MEM_PER_CPU") * _number("SLURM_CPUS_ON_NODE")
    limits += [limit for limit in (per_node, per_cpu) if limit]
    return min(limits)


def share(n_ranks: int, n_workers: int, of: int | None = None) -> int:
    """Bytes that one worker may use.

    Parameters
    ----------
    n_ranks
        Ranks on this node.
    n_workers
        Workers of each of them.
    of
        Bytes for all of them; None is what is `allowed`.
    """
    return int((allowed() if of is None else of) * FOR_WORKERS / (n_ranks * n_workers))


def worker_limit(mebibytes: float | None, least: float, n_ranks: int, n_workers: int) -> int:
    """Bytes that a worker may come to hold: what the user says, or its share.

    Parameters
    ----------
    mebibytes
        What the user says, MiB; None where they do not.
    least
        What a worker needs to draw anything, MiB.
    n_ranks
        Ranks on this node.
    n_workers
        Workers of each of them.

    Raises
    ------
    UsageError
        Its share is so little that every recording would fail.
    """
    if mebibytes is not None:
        return int(mebibytes * MIB)
    each, together = share(n_ranks, n_workers), n_ranks * n_workers
    if each < least * MIB:
        workers = f"{together:,} worker{'' if together == 1 else 's'}"
        raise UsageError(
            f"{workers} would share {together * each / MIB:,.0f} MiB of {os.uname().nodename}, "
            f"{each / MIB:.3g} MiB each, and none can draw with less than {least:g}: give "
            "fewer --workers, ask for more memory, or say --memory, how much each may take"
        )
    return each


def unreclaimable_bytes(pid: int) -> int:
    """Bytes of memory that a process holds and the kernel cannot take back from it.

    Anonymous and shared memory and what of it was swapped out; not the pages of files,
    which the kernel drops when it needs the room. 0 where the process is gone.
    """
    kilobytes = 0
    try:
        status = Path(f"/proc/{pid}/status").read_bytes()
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith((b"RssAnon:", b"RssShmem:", b"VmSwap:")):
            kilobytes += int(line.split()[1])
    return kilobytes * 1024


def _megabytes(variable: str) -> int:
    return _number(variable) * MIB


def _number(variable: str) -> int:
    text = os.environ.get(variable, "")
    return int(text) if text.isdigit() else 0
