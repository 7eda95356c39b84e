"""Peak resident memory of every process of a job.

At full size, which takes minutes and some gigabytes below TMPDIR:

    python -m tests.bench.memory FOLDER_OF_MAT_FILES
    python -m tests.bench.memory FOLDER_OF_MAT_FILES --ranks 2
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import threading
from pathlib import Path

from tests.corpora import repeated_corpus
from tests.processes import Ended, Running, parent_of, rank_of, started

Peaks = dict[str, int]
"""Role (``rank 0``, ``supervisor 0``, ``worker 0``) -> the most of any such process, kB."""


def peaks_of(
    command: list[object], environment: dict[str, str] | None = None, timeout: float = 300
) -> tuple[Ended, Peaks]:
    """Run `command` to its end and look at its processes all the while.

    The kernel keeps the high-water mark of each, so only growth between the last look and
    the end of a process can escape.
    """
    peaks: Peaks = {}
    over = threading.Event()
    with started(command, environment) as job:
        watching = threading.Thread(target=_sample, args=(job, peaks, over))
        watching.start()
        try:
            ended = job.wait(timeout)
        finally:
            over.set()
            watching.join()
    return ended, peaks


def _sample(job: Running, peaks: Peaks, over: threading.Event) -> None:
    roles: dict[int, str] = {}
    while not over.is_set():
        # To find processes is slow; to read those that are known is cheap.
        ranks = job.ranks()
        roles |= {pid: f"rank {rank_of(pid)}" for pid in ranks}
        roles |= {pid: f"supervisor {rank_of(parent_of(pid))}" for pid in job.supervisors()}
        for worker in job.workers():
            if supervisor_role := roles.get(parent_of(worker)):
                roles[worker] = supervisor_role.replace("supervisor", "worker")
        for _ in range(5):
            for pid, role in roles.items():
                peaks[role] = max(peaks.get(role, 0), high_water(pid))
            if over.wait(0.01):
                break


def high_water(pid: int | str) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


def main() -> None:
    """Two runs, of few and of many recordings: ``python -m tests.bench.memory --help``."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.memory", description=main.__doc__)
    parser.add_argument("corpus", type=Path, help="folder of recordings that are repeated")
    parser.add_argument("--few", type=int, default=40)
    parser.add_argument("--many", type=int, default=4000)
    parser.add_argument("--ranks", type=int, default=1, help="more than one: by mpirun")
    arguments, options = parser.parse_known_args()
    here = Path(sys.executable).parent
    launcher: list[object] = [here / "mpirun", "-n", arguments.ranks] if arguments.ranks > 1 else []
    files = sorted(arguments.corpus.rglob("*.mat"))
    with tempfile.TemporaryDirectory() as folder:
        for n in (arguments.few, arguments.many):
            corpus = repeated_corpus(Path(folder) / f"in{n}", files, n)
            out = Path(folder) / f"out{n}"
            command = [*launcher, here / "ecgmpi", "render", corpus, "-o", out, *options]
            ended, peaks = peaks_of(command, timeout=36000)
            print(f"{n} recordings, exit {ended.status}, peak resident memory in MB:")
            print("  " + ", ".join(f"{role} {peaks[role] / 1024:.1f}" for role in sorted(peaks)))
            print("  " + ended.out.strip().replace("\n", "\n  "))


if __name__ == "__main__":
    main()
