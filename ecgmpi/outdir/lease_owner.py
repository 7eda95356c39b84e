"""The holder of an OUT, described so that any other process can judge whether it is alive."""

from __future__ import annotations

import json
import os
import socket
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ecgmpi.amounts import utc

from .provenance import now

_NOT_RUNNING = ("T", "t", "D")
"""States of a process, in /proc, in which it does nothing: stopped, traced, waiting for a disk."""

_ENDED = ("Z", "X", "x")


@dataclass(frozen=True, slots=True)
class LeaseOwner:
    """A process that holds an OUT.

    Attributes
    ----------
    token
        Unique to this one lease.
    host, boot, namespace
        Where its process id is valid: host name, boot of that host, and process-id namespace
        (two containers of one host have different ones).
    pid, start
        The process, and when it started (clock ticks after the boot): ids are reused.
    cluster, job, restart
        Of Slurm: which job, and how often it was requeued; empty without Slurm.
    since
        UTC, by its own clock: for people to read, never to be compared.
    """

    token: str
    host: str
    boot: str
    namespace: int
    pid: int
    start: int
    cluster: str
    job: str
    restart: int
    since: str

    @classmethod
    def here(cls, environment: Mapping[str, str] = os.environ) -> LeaseOwner:
        """Describe the present process."""
        boot, namespace = "", 0
        with suppress(OSError):
            boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
            namespace = Path("/proc/self/ns/pid").stat().st_ino
        restart = environment.get("SLURM_RESTART_COUNT", "")
        return cls(
            token=uuid.uuid4().hex,
            host=socket.gethostname(),
            boot=boot,
            namespace=namespace,
            pid=os.getpid(),
            start=(_process(os.getpid()) or ("", 0))[1],
            cluster=environment.get("SLURM_CLUSTER_NAME", ""),
            job=environment.get("SLURM_JOB_ID", ""),
            restart=int(restart) if restart.isdigit() else 0,
            since=now(),
        )

    @classmethod
    def parse(cls, line: bytes) -> LeaseOwner | None:
        """Parse `line`; None if it is torn."""
        try:
            return cls(**json.loads(line))
        except (ValueError, TypeError):
            return None

    def line(self) -> bytes:
        """The description as a line of a file."""
        return json.dumps(asdict(self)).encode() + b"\n"

    def is_gone(self, here: LeaseOwner) -> bool:
        """Whether the process `here` knows for certain that it has ended."""
        restarted = (self.cluster, self.job) == (here.cluster, here.job)
        if self.job and restarted and here.restart > self.restart:
            return True
        if not self._is_beside(here):
            return False
        found = _process(self.pid)
        return found is not None and (found[0] in _ENDED or found[1] != self.start)

    def is_at_work(self, here: LeaseOwner) -> bool:
        """Whether the process `here` knows for certain that it is running."""
        if not self._is_beside(here):
            return False
        found = _process(self.pid)
        if found is None or found[1] != self.start:
            return False
        return found[0] not in (*_ENDED, *_NOT_RUNNING)

    def _is_beside(self, here: LeaseOwner) -> bool:
        """Whether process ids mean the same to both."""
        one, other = ((who.host, who.boot, who.namespace) for who in (self, here))
        return one == other and all(one)

    def __str__(self) -> str:
        job = f", Slurm job {self.job}" if self.job else ""
        return f"process {self.pid} on {self.host}{job}, since {utc(self.since)}"


def _process(pid: int) -> tuple[str, int] | None:
    """State of process `pid`, and when it started, in ticks after the boot.

    The state is ``X`` if there is none. None if that cannot be determined.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        # Some systems hide the processes of other users.
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return "X", 0
        except OSError:
            pass
        return None
    # The name in parentheses may hold anything; the fields follow it.
    fields = stat.rpartition(")")[2].split()
    return fields[0], int(fields[19])
