"""Peak resident memory of every process of a job, of few recordings and of many.

A recording of the many takes some 1 MB below TMPDIR. ``--ranks 2`` starts the job by mpirun.

Fails where a process needs a third more for the many, besides some tens of bytes a recording on
rank 0.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure, figure, parser_of, run_case
from tests.bench.passes import add_corpus, files_of
from tests.corpora import repeated_corpus
from tests.processes import Ended, Running, parent_of, rank_of, started

MOST = 1.35
"""Times the memory for few: more of the many are large, and a worker of 70 MB keeps up to 24 MB of
backgrounds, which few do not fill."""

TENS_OF_BYTES = 50

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


def main() -> int:
    """``python -m tests.bench.memory --help``."""
    parser = parser_of(__doc__, "memory")
    parser.add_argument("options", nargs="*", help="of ecgmpi render, after --")
    add_corpus(parser)
    parser.add_argument("--few", type=int, default=40, help="default: 40")
    parser.add_argument("--many", type=int, help="default: 4000, or 400 with --quick")
    parser.add_argument("--ranks", type=int, default=1, help="more than one: by mpirun")
    return run_case(parser, measure)


def measure(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Run both jobs, looking at their processes."""
    few, many = arguments.few, arguments.many or (400 if arguments.quick else 4000)
    here = Path(sys.executable).parent
    launcher: list[object] = [here / "mpirun", "-n", arguments.ranks] if arguments.ranks > 1 else []
    peaks: dict[int, Peaks] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = files_of(arguments.corpus, few, folder)
        for n in (few, many):
            corpus, out = repeated_corpus(folder / f"in{n}", files, n), folder / f"out{n}"
            command = [*launcher, here / "ecgmpi", "render", corpus, "-o", out, *arguments.options]
            ended, peaks[n] = peaks_of(command, timeout=36000)
            ended.expect(0)
            shutil.rmtree(out)
    for which, n in (("few", few), ("many", many)):
        yield figure(f"memory.{which}", n, "recordings", f"those that are called {which}")
        for role, peak in sorted(peaks[n].items()):
            name = role.replace(" ", "")
            yield figure(f"memory.{name}_{which}_mb", peak / 1024, "MB", f"{role}, at most")
    for role, peak in sorted(peaks[many].items()):
        own = TENS_OF_BYTES * many / 1024 if role == "rank 0" else 0.0
        growth = (peak - own) / peaks[few][role]
        about = f"{role}: the memory for {few} recordings"
        yield figure(f"memory.{role.replace(' ', '')}_growth", growth, "times", about, most=MOST)


if __name__ == "__main__":
    sys.exit(main())
