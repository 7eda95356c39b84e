"""A whole job of this tree beside the same job of another, in CPU seconds.

    git worktree add --detach ../before be8bb24
    python -m tests.bench.job ../before [--recordings N] [--rounds N]

All processes of a job count: rank, supervisor and workers. In each round the same recordings are
drawn by both, one after the other, the order changing; what is printed are medians over the
rounds. Three kinds of job: strips and pages as they come, and one lead at 25 dpi, where there
is little to draw and what is left is the job around it.

Fails where one of the first two takes more than 5 % longer than that of the other tree. In the
third, starting up and looking at the samples are a large part, and both have learnt things.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from ecgmpi.ecg.synthetic import write_corpus
from ecgmpi.job.pool.supervisor import SUBREAPER

MOST = 1.05
KINDS = {
    "strips, 400 dpi": (),
    "3x4+1, 200 dpi": ("--layout", "3x4+1"),
    "one lead, 25 dpi": ("--leads", "II", "--dpi", "25"),
}
JUDGED = tuple(KINDS)[:2]
HERE = Path(__file__).resolve().parents[2]


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.job")
    parser.add_argument("other", type=Path, help="a tree of another version")
    parser.add_argument("--recordings", type=int, default=400, help="of a job (default: 400)")
    parser.add_argument("--rounds", type=int, default=5, help="how often (default: 5)")
    parser.add_argument("--workers", type=int, default=2, help="of a job (default: 2)")
    arguments = parser.parse_args()
    # What a job leaves behind becomes this process's own, and is counted.
    ctypes.CDLL(None).prctl(SUBREAPER, 1)
    trees = (HERE, arguments.other.resolve())
    slow = False
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "in"
        write_corpus(corpus, arguments.recordings)
        for kind, options in KINDS.items():
            seconds: dict[Path, list[float]] = {tree: [] for tree in trees}
            for number in range(arguments.rounds):
                for tree in trees[:: 1 if number % 2 else -1]:
                    out = Path(folder) / "OUT"
                    command = ("render", corpus, "-o", out, "--workers", arguments.workers)
                    seconds[tree].append(cpu_of(tree, *command, *options))
                    shutil.rmtree(out)
            ours, theirs = (statistics.median(seconds[tree]) for tree in trees)
            ratios = [ours / other for ours, other in zip(*seconds.values(), strict=True)]
            ratio = statistics.median(ratios)
            slow |= kind in JUDGED and ratio > MOST
            print(
                f"{kind}: {1000 * ours / arguments.recordings:.2f} ms CPU a recording, "
                f"before {1000 * theirs / arguments.recordings:.2f}; ratio {ratio:.3f} "
                f"({min(ratios):.3f} to {max(ratios):.3f})",
                flush=True,
            )
    if slow:
        print(f"more than {MOST} of what it was", file=sys.stderr)
    return int(slow)


def cpu_of(tree: Path, *arguments: object) -> float:
    """CPU seconds of ``ecgmpi`` of a tree, with all processes that it starts."""
    before = used()
    subprocess.run(
        [sys.executable, "-m", "ecgmpi", *map(str, arguments), "--progress", "none"],
        env=os.environ | {"PYTHONPATH": str(tree)},
        cwd=tree,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    return used() - before


def used() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
