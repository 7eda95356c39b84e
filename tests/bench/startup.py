"""What it takes to start: commands that do little, a first picture, and many ranks on one machine.

    git worktree add --detach ../before ecaa20c
    python -m tests.bench.startup --beside ../before

Each command is started as users start it, of this tree and then of the one `beside` it, in turn.
CPU is that of all processes of the command. A first
picture is looked for in OUT from outside, from the moment at which the command is started. The
memory of many ranks is proportional (PSS: a page that n processes share counts 1/n for each), at
its highest among looks at all processes of the job, and is told apart for ranks, supervisors and
workers. ``--quick`` leaves out the many ranks.

Fails where ``--version`` or ``--help`` take more CPU than is promised.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ecgmpi.ecg.synthetic import write_corpus
from tests.bench.figures import Figure, figure, parser_of, run_case
from tests.bench.looks import memory_of, roles_below
from tests.bench.slowness import allowed
from tests.bench.spent import adopt, mpirun

GATES = {"version_cpu_s": 0.1, "help_cpu_s": 0.15}
"""CPU that commands may take, s. Seconds by the clock depend on what else the machine does."""

HERE = Path(__file__).resolve().parents[2]

SMALL = ("--leads", "II", "--dpi", "60", "--workers", "1", "--progress", "none", "--no-report")
"""Little to draw, so that what is measured is the start."""

MANY, LONG = 4, 40
"""Recordings a rank of the large jobs: of that whose start is timed, and of that looked at."""

_COMPILED = tempfile.TemporaryDirectory()
"""Where Python puts what it has compiled, and not into the trees."""

_POLL = 0.005
_LOOK_EVERY = 1.0
"""Seconds between two looks at the memory of all processes."""

_LAST = 5.0
"""Seconds to wait for what a command leaves behind."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command took.

    Attributes
    ----------
    cpu, wall
        Seconds, of all processes and from the start to the end.
    first
        Seconds until the first picture was there; infinite where none came.
    processes
        Most processes at a time, the launcher's included.
    memory
        Proportional memory at the look that found most of it, MB: of each role.
    """

    cpu: float
    wall: float
    first: float = float("inf")
    processes: int = 0
    memory: dict[str, float] = field(default_factory=dict)


def main() -> int:
    """``python -m tests.bench.startup --help``."""
    parser = parser_of(__doc__, "startup")
    parser.add_argument("--beside", type=Path, help="another tree, measured in turn with this one")
    parser.add_argument("--rounds", type=int, help="default: 7, or 3 with --quick")
    parser.add_argument(
        "--ranks", type=int, help="of the large job; default: 64, or none with --quick"
    )
    return run_case(parser, measure)


def measure(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Start every command of each tree in turn, and see what that takes."""
    rounds = arguments.rounds or (3 if arguments.quick else 7)
    ranks = (0 if arguments.quick else 64) if arguments.ranks is None else arguments.ranks
    trees = {"startup": HERE}
    if arguments.beside:
        trees["startup.before"] = arguments.beside.resolve()
    adopt()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_corpus(folder / "few", 4)
        if ranks:
            write_corpus(folder / "many", MANY * ranks)
            write_corpus(folder / "long", LONG * ranks)
        for figures, repeats, warm_up in _cases(folder, ranks, rounds):
            found: dict[str, dict[str, list[float]]] = {tree: {} for tree in trees}
            for number in range(repeats + warm_up):
                for label, tree in list(trees.items())[:: -1 if number % 2 else 1]:
                    for what, value in figures(tree).items():
                        if number >= warm_up:
                            found[label].setdefault(what, []).append(value)
            for what in found["startup"]:
                for label in trees:
                    gated = label == "startup" and what in GATES
                    most = allowed(GATES[what]) if gated else None
                    unit = next((unit for end, unit in UNITS.items() if what.endswith(end)), "")
                    values, about = found[label].get(what, [0.0]), _about(what)
                    yield figure(f"{label}.{what}", values, unit, about, most=most)


UNITS = {"_s": "s", "_mb": "MB"}

ABOUT = {
    "version_cpu_s": "CPU: ecgmpi --version",
    "help_cpu_s": "CPU: ecgmpi --help",
    "render_help_cpu_s": "CPU: ecgmpi render --help",
    "usage_error_cpu_s": "CPU: ecgmpi render without -o",
    "status_cpu_s": "CPU: ecgmpi status of a small OUT",
    "report_cpu_s": "CPU: ecgmpi report of a small OUT",
    "first_picture_s": "from the command to the first picture, at most 1 s promised",
    "job_cpu_s": "CPU: a job of four recordings",
    "job_s": "wall: the same",
    "ranks2_first_picture_s": "the same of two ranks, at most 1.5 s promised",
    "ranks2_cpu_s": "CPU: a job of two ranks",
}


def _about(what: str) -> str:
    if what in ABOUT:
        return ABOUT[what]
    ranks, _, rest = what.removeprefix("ranks").partition("_")
    kind = {
        "first_picture_s": "from mpirun to the first picture",
        "cpu_s": "CPU of all processes",
        "s": "wall",
        "processes": "processes",
        "memory_mb": "proportional memory of all processes",
    }
    return f"{ranks} ranks: {kind.get(rest, 'of that, ' + rest.removesuffix('_mb'))}"


def _cases(
    folder: Path, ranks: int, rounds: int
) -> Iterator[tuple[Callable[[Path], dict[str, float]], int, int]]:
    """What is measured of a tree, how often, and how often before that does not count.

    In the first run, Python compiles what it imports.
    """

    def small(name: str, *words: object) -> Callable[[Path], dict[str, float]]:
        return lambda tree: {f"{name}_cpu_s": ended(tree, words, check=False).cpu}

    yield small("version", "--version"), rounds, 1
    yield small("help", "--help"), rounds, 1
    yield small("render_help", "render", "--help"), rounds, 1
    yield small("usage_error", "render", folder / "few"), rounds, 1
    out, few, many, long = (folder / name for name in ("OUT", "few", "many", "long"))

    def one(tree: Path) -> dict[str, float]:
        job = rendered(tree, few, out)
        return {"first_picture_s": job.first, "job_cpu_s": job.cpu, "job_s": job.wall}

    yield one, rounds, 1
    yield small("status", "status", out), rounds, 1
    yield small("report", "report", out), rounds, 1

    def two(tree: Path) -> dict[str, float]:
        job = rendered(tree, few, out, 2)
        return {"ranks2_first_picture_s": job.first, "ranks2_cpu_s": job.cpu}

    if mpirun():
        yield two, rounds, 1

    def large(tree: Path) -> dict[str, float]:
        # Apart: looks cost time, and must find all workers at work.
        started = rendered(tree, many, out, ranks)
        job = rendered(tree, long, out, ranks, looking=True)
        return {
            f"ranks{ranks}_first_picture_s": started.first,
            f"ranks{ranks}_cpu_s": started.cpu,
            f"ranks{ranks}_s": started.wall,
            f"ranks{ranks}_processes": job.processes,
            f"ranks{ranks}_memory_mb": sum(job.memory.values()),
            **{f"ranks{ranks}_{role}_mb": each for role, each in job.memory.items()},
        }

    if ranks and mpirun():
        yield large, max(1, rounds // 3), 0


def rendered(tree: Path, inputs: Path, out: Path, ranks: int = 0, looking: bool = False) -> Ended:
    """Run a job of small pictures of a tree, under a launcher if there are `ranks`."""
    shutil.rmtree(out, ignore_errors=True)
    before: list[object] = []
    if ranks:
        before = [mpirun(), "-n", ranks]
    if looking:
        # So that a look does not have to wait for all those workers.
        before = ["nice", "-n", "19", *before]
    words = ("render", inputs, "-o", out, *SMALL)
    return ended(tree, words, before, out / "images", looking)


def ended(
    tree: Path,
    words: Sequence[object],
    before: Sequence[object] = (),
    images: Path | None = None,
    looking: bool = False,
    check: bool = True,
) -> Ended:
    """Run ``ecgmpi WORDS`` of a tree to its end, and see what it took.

    Parameters
    ----------
    before
        What stands before it: a launcher and its options.
    images
        Where to look for the first picture.
    looking
        Whether to look at its processes and their memory, too.
    check
        Whether it must succeed.
    """
    command = [*map(str, before), sys.executable, "-m", "ecgmpi", *map(str, words)]
    begun = time.monotonic()
    process = subprocess.Popen(
        command,
        env=_environment(tree),
        cwd=tree,
        stdout=subprocess.DEVNULL,
        stderr=None if check else subprocess.DEVNULL,
    )
    first, processes, look_next, most = float("inf"), 0, 0.0, dict[str, float]()
    while not (end := os.wait4(process.pid, 0 if images is None else os.WNOHANG))[0]:
        assert images is not None
        now = time.monotonic() - begun
        if first == float("inf") and _has_picture(images):
            first = now
        if looking and now >= look_next:
            roles = roles_below(process.pid)
            processes = max(processes, len(roles))
            most = max(most, memory_of(roles), key=lambda one: sum(one.values()))
            look_next = time.monotonic() - begun + _LOOK_EVERY
        time.sleep(_POLL)
    wall = time.monotonic() - begun
    process.returncode = os.waitstatus_to_exitcode(end[1])
    assert process.returncode == 0 or not check, command
    if images is not None and first == float("inf") and _has_picture(images):
        first = wall
    used = [end[2], *_left_behind()]
    cpu = sum(one.ru_utime + one.ru_stime for one in used)
    return Ended(cpu, wall, first, processes, most)


def _left_behind() -> Iterator[resource.struct_rusage]:
    """What processes used that were left to this one; waits for them a moment."""
    give_up = time.monotonic() + _LAST
    while time.monotonic() < give_up:
        try:
            pid, _, used = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid:
            yield used
        else:
            time.sleep(_POLL)


def _environment(tree: Path) -> dict[str, str]:
    """What users have: ecgmpi of a tree, compiled; here compiled once for all commands."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": str(tree), "PYTHONPYCACHEPREFIX": f"{_COMPILED.name}"}


def _has_picture(folder: Path) -> bool:
    # While it is written, a picture has another ending.
    return next(folder.rglob("*.png"), None) is not None


if __name__ == "__main__":
    sys.exit(main())
