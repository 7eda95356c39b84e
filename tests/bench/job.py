"""A whole job of this tree beside the same job of another, in CPU seconds.

    git worktree add --detach ../before be8bb24
    python -m tests.bench.job ../before

All processes of a job count: rank, supervisor and workers. In each round the same recordings are
drawn by both, one after the other, the order changing. Three kinds of job: strips and pages as they
come, and one lead at 25 dpi, where there is little to draw and what is left is the job around it.

Fails where one of the first two takes more than 5 % longer than that of the other tree. In the
third, starting up and looking at the samples are a large part, and both have learnt things.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ecgmpi.ecg.synthetic import write_corpus
from tests.bench.figures import Figure, figure, parser_of, run_case
from tests.bench.spent import adopt, of_program
from tests.processes import ecgmpi

MOST = 1.05
KINDS = {
    "strip": ("strips, 400 dpi", ()),
    "page": ("3x4+1, 200 dpi", ("--layout", "3x4+1")),
    "least": ("one lead, 25 dpi", ("--leads", "II", "--dpi", "25")),
}
JUDGED = ("strip", "page")
HERE = Path(__file__).resolve().parents[2]


def main() -> int:
    """``python -m tests.bench.job --help``."""
    parser = parser_of(__doc__, "job")
    parser.add_argument("other", type=Path, help="a tree of another version")
    parser.add_argument(
        "--recordings", type=int, help="of a job; default: 400, or 200 with --quick"
    )
    parser.add_argument("--rounds", type=int, help="default: 5, or 3 with --quick")
    parser.add_argument("--workers", type=int, default=2, help="of a job; default: 2")
    return run_case(parser, measure)


def measure(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Run the jobs of both trees in turn, and compare."""
    recordings = arguments.recordings or (200 if arguments.quick else 400)
    rounds = arguments.rounds or (3 if arguments.quick else 5)
    adopt()
    trees = (HERE, arguments.other.resolve())
    with tempfile.TemporaryDirectory() as folder:
        corpus, out = Path(folder) / "in", Path(folder) / "OUT"
        write_corpus(corpus, recordings)
        words = ("render", corpus, "-o", out, "--workers", arguments.workers, "--progress", "none")
        for kind, (about, options) in KINDS.items():
            ms: dict[Path, list[float]] = {tree: [] for tree in trees}
            for number in range(rounds):
                for tree in trees[:: 1 if number % 2 else -1]:
                    environment = {"PYTHONPATH": str(tree)}
                    spent = of_program(ecgmpi(*words, *options), environment, cwd=tree)
                    ms[tree].append(1e3 * spent.cpu / recordings)
                    shutil.rmtree(out)
            for name, tree in zip(("ms", "other_ms"), trees, strict=True):
                about_tree = f"{about}: CPU time of a job, a recording"
                yield figure(f"job.{kind}_{name}", ms[tree], "ms", about_tree)
            ratios = [ours / theirs for ours, theirs in zip(*ms.values(), strict=True)]
            most = MOST if kind in JUDGED else None
            about_ratio = f"{about}: the CPU time of the other tree"
            yield figure(f"job.{kind}_ratio", ratios, "times", about_ratio, most=most)


if __name__ == "__main__":
    sys.exit(main())
