"""Two workers beside one, two ranks of one worker beside them, and what the machine itself gives.

In each round the same strips are drawn by a job of one worker, by one of two, and by two ranks of
one worker, in turn. Each job is run with few recordings, too: rates are of those that the other has
more, so that what it takes to start counts for nothing. Beside them one process, and then two,
draw the same without any job, which is as much as two cores of this machine can gain: they share
its memory, and often the machine with others.

Fails where two workers gain less than 80 % of what two such processes do, or two ranks less than
85 % of what two workers do, by more than the rounds differ: on two cores, ranks and supervisors
have none left to themselves, and 0.88 to 0.95 and 0.93 to 1.05 were seen. Where two such processes
gain less than 1.5 times the rate of one, the cores are not free, and nothing is judged. That two
workers draw 1.85 times as fast as one is promised where the machine gives as much: it is told.
"""

from __future__ import annotations

import argparse
import gc
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from ecgmpi.host.cores import SINGLE_THREADED
from ecgmpi.job.pool.worker import settle
from ecgmpi.options.rendering import Rendering
from tests.bench.figures import Figure, figure, parser_of, run_case
from tests.bench.passes import files_of, real_corpus, render
from tests.bench.spent import Spent, adopt, mpirun, of_program
from tests.corpora import repeated_corpus

LEAST_SHARE = 0.8
LEAST_RANKS = 0.85
LEAST_MACHINE = 1.5
MOST_NOISE = 0.1
KINDS = 40
"""Recordings that are drawn again and again."""

FEW = 40
JOBS = ("one", "two", "ranks")


def main() -> int:
    """``python -m tests.bench.workers --help``."""
    parser = parser_of(__doc__, "workers")
    parser.add_argument(
        "--recordings", type=int, help="of a job; default: 400, or 160 with --quick"
    )
    parser.add_argument("--rounds", type=int, help="default: 5, or 3 with --quick")
    return run_case(parser, measure)


def measure(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Run jobs and bare processes in turn, and compare their rates."""
    if len(os.sched_getaffinity(0)) < 2:
        raise SystemExit("tests.bench.workers: two workers need two cores; there is one")
    more = arguments.recordings or (160 if arguments.quick else 400)
    rounds = arguments.rounds or (3 if arguments.quick else 5)
    adopt()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = files_of(real_corpus(), KINDS, folder)
        for n in (FEW, FEW + more):
            repeated_corpus(folder / f"in{n}", files, n)
        jobs = [job for job in JOBS if job != "ranks" or mpirun()]
        found: dict[str, list[Spent]] = {job: [] for job in [*jobs, "alone", "both"]}
        for number in range(rounds):
            for job in jobs[:: -1 if number % 2 else 1]:
                found[job].append(_per_recording(job, folder, more))
            found["alone"].append(_bare(1, more // 2, folder / f"in{FEW + more}"))
            found["both"].append(_bare(2, more // 2, folder / f"in{FEW + more}"))
    yield from told(found)


def told(found: dict[str, list[Spent]]) -> Iterator[Figure]:
    """The figures, from what a recording took in each round by each of `JOBS` and without a job."""

    def gains(fast: str, slow: str) -> list[float]:
        return [a.wall / b.wall for a, b in zip(found[slow], found[fast], strict=True)]

    one_ms = [1e3 * spent.wall for spent in found["one"]]
    yield figure("workers.one_ms", one_ms, "ms", "by the clock: a recording, by a job of 1 worker")
    machine = gains("both", "alone")
    about = "2 processes without a job: the rate of 1, which is what the machine gives"
    yield figure("workers.machine_gain", machine, "times", about)
    gained = gains("two", "one")
    yield figure("workers.gain", gained, "times", "2 workers: the rate of 1 (promised: 1.85)")
    about = "2 workers: of the gain that the machine gives"
    shares = [ours / its for ours, its in zip(gained, machine, strict=True)]
    free = statistics.median(machine) >= LEAST_MACHINE
    yield _gated("workers.share", shares, about, LEAST_SHARE, free)
    if "ranks" in found:
        about = "2 ranks of 1 worker: the rate of 1 worker"
        yield figure("workers.ranks_gain", gains("ranks", "one"), "times", about)
        about = "2 ranks of 1 worker: of the rate of 2 workers"
        yield _gated("workers.ranks_share", gains("ranks", "two"), about, LEAST_RANKS, free)
    for name, fast, slow in (("cpu", "two", "one"), ("machine_cpu", "both", "alone")):
        cpu = [a.cpu / b.cpu for a, b in zip(found[fast], found[slow], strict=True)]
        about = f"CPU of a recording by {fast}, against {slow}: what cores that share memory lose"
        yield figure(f"workers.{name}", cpu, "times", about)


def _gated(name: str, shares: list[float], about: str, least: float, free: bool) -> Figure:
    """A share that must be `least`, but for what rounds differ by, where the cores are `free`."""
    plain = figure(name, shares, "", about)
    if not free:
        return replace(plain, about=f"{about}; not judged, the cores were not free")
    return replace(plain, least=least - min(MOST_NOISE, (plain.high - plain.low) / 2))


def _per_recording(job: str, folder: Path, more: int) -> Spent:
    """Seconds of each of those recordings that the larger of two jobs has more."""
    small, large = (_job(job, folder, n) for n in (FEW, FEW + more))
    return Spent((large.cpu - small.cpu) / more, (large.wall - small.wall) / more)


def _job(job: str, folder: Path, n: int) -> Spent:
    out = folder / "OUT"
    launcher: list[object] = [mpirun(), "-n", 2] if job == "ranks" else []
    workers = 2 if job == "two" else 1
    words = ("render", folder / f"in{n}", "-o", out, "--workers", workers)
    program = Path(sys.executable).parent / "ecgmpi"
    quiet = ("--no-report", "--progress", "none")
    spent = of_program([*launcher, program, *words, *quiet])
    shutil.rmtree(out)
    return spent


def _bare(n: int, recordings: int, corpus: Path) -> Spent:
    """Seconds a recording of `n` processes that each draw so many, all of them together."""
    single = os.environ | dict.fromkeys(SINGLE_THREADED, "1")
    with ExitStack() as stack:
        processes = []
        for number in range(n):
            out = stack.enter_context(tempfile.TemporaryDirectory(dir=corpus.parent))
            part = map(str, (number * recordings, (number + 1) * recordings))
            command = [sys.executable, "-c", _DRAW, str(corpus), out, *part]
            process = subprocess.Popen(
                command, env=single, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            processes.append(stack.enter_context(process))
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        said = [process.communicate()[0].split() for process in processes]
    rates = [recordings / float(wall) for _, wall in said]
    cpu = sum(float(spent) for spent, _ in said) / (n * recordings)
    return Spent(cpu, 1 / sum(rates))


_DRAW = """
import sys
from tests.bench.workers import draw
draw(*sys.argv[1:])
"""


def draw(corpus: str, out: str, begin: str, end: str) -> None:
    """Draw part of a corpus as a worker does, once told to begin; print CPU and wall seconds."""
    settle()
    gc.freeze()
    files = sorted(Path(corpus).rglob("*.mat"))
    render(Rendering(), files[:1], Path(out, "first"))
    print("ready", flush=True)
    sys.stdin.readline()
    cpu, wall = time.process_time(), time.perf_counter()
    render(Rendering(), files[int(begin) : int(end)], Path(out, "all"))
    print(time.process_time() - cpu, time.perf_counter() - wall)


if __name__ == "__main__":
    sys.exit(main())
