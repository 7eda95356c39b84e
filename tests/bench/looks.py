"""All processes of a job under a launcher, as they are seen from outside: roles and memory."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def roles_below(launcher: int) -> dict[int, str]:
    """Every process of a job under a launcher, with its role: each is forked by the one above."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                stat = (entry / "stat").read_text()
                parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    children: dict[int, list[int]] = {}
    for pid, parent in parents.items():
        children.setdefault(parent, []).append(pid)
    roles = {launcher: "launcher"}
    below = [launcher]
    while below:
        pid = below.pop()
        for child in children.get(pid, []):
            roles[child] = _role(child, roles[pid])
            below.append(child)
    return roles


def _role(pid: int, above: str) -> str:
    try:
        name = Path(f"/proc/{pid}/comm").read_text()
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return "other"
    if any(word.endswith(b"last_word_process.py") for word in words):
        return "other"
    if above == "launcher":
        return "ranks" if name.startswith("python") else "launcher"
    return {"ranks": "supervisors", "supervisors": "workers"}.get(above, "other")


def memory_of(roles: dict[int, str]) -> dict[str, float]:
    """Proportional memory of each role, MB."""
    memory: dict[str, float] = {}
    for pid, role in roles.items():
        with suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    memory[role] = memory.get(role, 0.0) + float(line.split()[1]) / 1000
    return memory
