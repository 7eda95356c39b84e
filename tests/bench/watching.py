"""What it costs a job to tell what it does: its report, and files that others read while it runs.

First the CPU of a job of N recordings, pages, with its report and with ``--no-report``, in turn.
Then the rate of a job of one worker, strips, without activity files, and with them and ``ecgmpi
status`` and ``ecgmpi report`` of it again and again beside it, in pairs. Beside the former the same
commands look at another OUT: what they take of the machine is not what is asked for. ``--quick``
leaves the pairs out.

Fails where the report costs more than is promised, or where the rate is lower by more than pairs
differ among each other.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.figures import Figure, figure, parser_of, run_case
from tests.bench.slowness import allowed
from tests.bench.spent import adopt, of_program
from tests.processes import ecgmpi

MOST_CPU = 0.4
"""Seconds of CPU that the report of 200 recordings may add."""

LEAST_RATIO = 0.9
"""Rate of a job that is watched, as a share of that of one that is not, in the median of ten; pairs
of equal jobs differ by 10 % among each other."""


def main() -> int:
    """``python -m tests.bench.watching --help``."""
    parser = parser_of(__doc__, "watching")
    parser.add_argument("--recordings", type=int, default=200, help="default: 200")
    parser.add_argument("--rounds", type=int, help="of the report; default: 5")
    parser.add_argument("--pairs", type=int, help="of jobs; default: 10, or 0 with --quick")
    return run_case(parser, measure)


def measure(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Run jobs with and without what is watched, in turn."""
    rounds = arguments.rounds or 5
    n_pairs = (0 if arguments.quick else 10) if arguments.pairs is None else arguments.pairs
    adopt()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inputs, out, other = folder / "in", folder / "out", folder / "other"
        of_program(ecgmpi("synth", inputs, "-n", arguments.recordings))
        with_it, without = _report_cost(inputs, out, rounds)
        yield figure("watching.with_report_cpu_s", with_it, "s", "CPU: a job, with its report")
        yield figure("watching.no_report_cpu_s", without, "s", "CPU: a job, with --no-report")
        # What else the machine does only ever adds to CPU time.
        cost = min(with_it) - min(without)
        about = "CPU: what the report adds, the least of each compared"
        # The least of a few is itself off by what they differ by.
        most = allowed(MOST_CPU) + statistics.median(without) - min(without)
        yield figure("watching.report_cpu_s", cost, "s", about, most=most)
        if n_pairs:
            shutil.move(out, other)
            ratios = [_watched_rate(inputs, out, other) for _ in range(n_pairs)]
            about = "the rate of a job that nobody watches"
            yield figure("watching.rate", ratios, "times", about, least=LEAST_RATIO)


def _report_cost(inputs: Path, out: Path, rounds: int) -> tuple[list[float], list[float]]:
    """CPU of jobs with their report and of jobs without, s."""
    with_it, without = [], []
    for _ in range(rounds):
        with_it.append(_cpu(inputs, out))
        without.append(_cpu(inputs, out, "--no-report"))
    return with_it, without


def _cpu(inputs: Path, out: Path, *options: str) -> float:
    shutil.rmtree(out, ignore_errors=True)
    return of_program(_job(inputs, out, "--layout", "3x4+1", *options)).cpu


def _watched_rate(inputs: Path, out: Path, other: Path) -> float:
    """Rate of a job that is watched, as a share of the rate of one that is not."""
    shutil.rmtree(out, ignore_errors=True)
    # A file in the place of the folder: no activity file can be written.
    (out / ".ecgmpi").mkdir(parents=True)
    (out / ".ecgmpi/progress").touch()
    with _watched(other):
        alone = _rate(inputs, out)
    shutil.rmtree(out)
    with _watched(out):
        return _rate(inputs, out) / alone


@contextmanager
def _watched(out: Path) -> Iterator[None]:
    """Look at a job again and again, for a block."""
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            for words in (["status", out], ["report", out, "-o", out.with_suffix(".html")]):
                command = [*map(str, ecgmpi(*words))]
                # At first there may be nothing to look at.
                subprocess.run(
                    command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
                )
            over.wait(1)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()


def _rate(inputs: Path, out: Path) -> float:
    """Recordings a second of a job of one worker, without what it takes to start."""
    # Not `of_program`: those who watch are children of this process, too.
    command = [*map(str, _job(inputs, out, "--no-report"))]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    facts = json.loads((out / "run.json").read_text(encoding="utf-8"))
    return float(facts["rate"])


def _job(inputs: Path, out: Path, *options: str) -> list[object]:
    """The command of a job of one worker."""
    words = ("render", inputs, "-o", out, "--progress", "none", "--workers", "1")
    return ecgmpi(*words, *options)


if __name__ == "__main__":
    sys.exit(main())
