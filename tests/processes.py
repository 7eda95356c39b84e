"""Programs as a user starts them: never for ever, and nothing left running afterwards."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ecgmpi.cli import UNTOLD
from ecgmpi.host.process_name import SUPERVISOR, WORKER

MARK = "ECGMPI_TEST_RUN"

REPORTED: tuple[str, ...] = ("--dpi", "60", "--progress", "none")
"""Small pictures: most of what is tested here is not how they look."""

QUICK = (*REPORTED, "--no-report")
"""The same without a report, which takes longer than a few such pictures."""

# What a launcher or scheduler around the tests themselves may have set.
_OF_LAUNCHERS = ("OMPI_", "PMIX_", "PMI_", "PRTE_", "HYDRA_", "HYDI_", "SLURM_", "MPIR_")


_OURS = re.compile(
    r"ecgmpi|Traceback \(most|Exception (in|ignored)|Fatal Python error|\S*(\.py|>):\d+: "
)


_VERDICT = re.compile(r"ecgmpi: [\d,]+ of [\d,]+ recordings? failed: see ")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def complaints(self) -> list[str]:
        """The messages of ecgmpi, and of Python under it, on standard error: the first line each.

        MPI libraries write warnings of their own there, by what the machine has: of no /sys,
        of a network that is down. How many they are says nothing about ecgmpi. The last one does
        not count where it stands below what a launcher printed, and adds nothing to those above or
        to the summary.
        """
        found = [line for line in self.err.splitlines() if _OURS.match(line)]
        *above, last = found or [""]
        if _VERDICT.match(last):
            return above
        return above if above and last in (UNTOLD, *above) else found

    def expect(self, status: int) -> Ended:
        """Itself, where it ended with `status`; otherwise fail with all that was said."""
        assert self.status == status, f"status {self.status}\n{self.out}\n{self.err}"
        return self


class Running:
    """A program that runs, with all the processes that it starts, wherever they hide.

    They are known by a variable in their environment: launchers put ranks into sessions
    and process groups of their own.
    """

    def __init__(
        self,
        command: Sequence[object],
        environment: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self._mark = uuid.uuid4().hex
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(_OF_LAUNCHERS)
        }
        self._process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=kept | dict(environment or {}) | {MARK: self._mark},
            cwd=cwd,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        """Of the program itself: of the launcher, where there is one."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the program itself has ended."""
        return self._process.poll() is not None

    def processes(self) -> dict[int, list[str]]:
        """Every process of it that is alive now, with its command line."""
        found: dict[int, list[str]] = {}
        wanted = f"{MARK}={self._mark}".encode()
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            # Processes of other users, and those that end while they are looked at.
            with contextlib.suppress(OSError):
                if wanted in (folder / "environ").read_bytes().split(b"\0"):
                    words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
                    found[int(folder.name)] = words[:-1]
        return found

    def ranks(self) -> list[int]:
        """Process ids of the ranks, lowest rank first."""
        return sorted(ranks_among(self.processes()), key=rank_of)

    def supervisors(self) -> list[int]:
        """Process ids of the supervisors of all ranks."""
        family = self._family()
        return sorted(pid for pid in family if parent_of(pid) not in family)

    def workers(self) -> list[int]:
        """Process ids of the workers of all ranks, which the supervisors forked."""
        family = self._family()
        return sorted(pid for pid in family if parent_of(pid) in family)

    def _family(self) -> set[int]:
        return {pid for pid in self.processes() if _is_supervised(pid)}

    def until(self, condition: Callable[[], bool], timeout: float = 60) -> None:
        """Wait for `condition`; fail where the program ends first or it takes too long."""
        give_up = time.monotonic() + timeout
        while not condition():
            if self.ended:
                raise AssertionError(f"ended before that came about: {self.wait(5)}")
            if time.monotonic() > give_up:
                raise AssertionError(f"that did not come about in {timeout:g} s")
            time.sleep(0.002)

    def until_over(self, timeout: float = 5) -> None:
        """Wait until no process of it is left; fail where one stays.

        A launcher, or a rank that is killed, may end a moment before the last of them.
        """
        give_up = time.monotonic() + timeout
        while left := self.processes():
            assert time.monotonic() < give_up, f"left behind: {left}"
            time.sleep(0.01)

    def signal(self, number: int, pid: int | None = None) -> None:
        """Send a signal to the program itself, or to one of its processes."""
        os.kill(pid or self.pid, number)

    def wait(self, timeout: float) -> Ended:
        """Wait for the end.

        Raises
        ------
        subprocess.TimeoutExpired
            It did not come; the program is still running.
        """
        out, err = self._process.communicate(timeout=timeout)
        return Ended(self._process.returncode, out, err)

    def clear(self) -> list[list[str]]:
        """Kill whatever of it is still alive; the command lines of what was."""
        left: list[list[str]] = []
        for _ in range(100):
            alive = self.processes()
            if not alive:
                break
            left.extend(words for words in alive.values() if words not in left)
            for pid in alive:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.poll()
            time.sleep(0.02)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.communicate(timeout=10)
        return left


@contextlib.contextmanager
def started(
    command: Sequence[object],
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[Running]:
    """A program that runs during the block; all of it is dead at the end of the block."""
    running = Running(command, environment, cwd)
    try:
        yield running
    finally:
        running.clear()


def run(
    command: Sequence[object],
    environment: Mapping[str, str] | None = None,
    timeout: float = 120,
    cwd: Path | None = None,
) -> Ended:
    """Run a program to its end, at most `timeout` seconds; fails where it leaves processes."""
    with started(command, environment, cwd) as running:
        ended = running.wait(timeout)
        running.until_over()
    return ended


def ecgmpi(*arguments: object) -> list[object]:
    """The command line of ``ecgmpi`` with `arguments`, as this Python has it."""
    return [sys.executable, "-m", "ecgmpi", *arguments]


def run_ecgmpi(*arguments: object, before: Sequence[str] = ()) -> Ended:
    """``ecgmpi`` as a user starts it, with another command `before` it if need be."""
    return run([*before, *ecgmpi(*arguments)])


def parent_of(pid: int) -> int:
    """The parent of process `pid`; 0 where it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[1])


def _is_supervised(pid: int) -> bool:
    """Whether process `pid` is a supervisor or a worker: they have names, not commands."""
    try:
        name = Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return False
    return name in (SUPERVISOR, WORKER)


def ranks_among(commands: Mapping[int, list[str]]) -> list[int]:
    """Those processes that are ranks, by the command line of each."""
    # python .../bin/ecgmpi render ...; the launcher has it further on in its own line.
    like_one = {
        pid
        for pid, words in commands.items()
        if len(words) > 2 and Path(words[1]).name == "ecgmpi" and words[2] == "render"
    }
    # One that is forked from a rank keeps its command line, and has its own name a moment later.
    return [pid for pid in like_one if parent_of(pid) not in like_one and not _is_supervised(pid)]


def rank_of(pid: int) -> int:
    """Which rank process `pid` is, by what its launcher set; 0 without a launcher."""
    with contextlib.suppress(OSError):
        for entry in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
            name, _, value = entry.partition(b"=")
            if name in (b"PMI_RANK", b"OMPI_COMM_WORLD_RANK"):
                return int(value)
    return 0
