"""The control groups that limit this process, in versions 1 and 2."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")


def groups(controller: str, root: Path = ROOT, membership: Path = MEMBERSHIP) -> Iterator[Path]:
    """Folders of the groups that this process is in, from its own up to the root.

    Parameters
    ----------
    controller
        What version 1 calls the resource: ``cpu``, ``memory``. Version 2 has one tree.
    root
        Where the control groups are mounted.
    membership
        What the kernel says this process belongs to.

    Notes
    -----
    Linux kernel, Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/cgroups.rst.
    """
    yield root
    yield root / controller
    try:
        lines = membership.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "" or controller in controllers.split(","):
            top = root / controllers if controllers else root
            group = top / path.lstrip("/")
            while group not in (top, group.parent):
                yield group
                group = group.parent
