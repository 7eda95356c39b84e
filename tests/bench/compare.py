"""Strips by ecgmpi beside the script that it replaces and beside the floor, on one core.

In each round the same recordings are drawn by all three, one after another, reading and writing
included. Ratios are of a round, by CPU seconds. ecgmpi draws in a process that is set up as a
worker is; the script and the floor in another, as Python sets up any. What a worker keeps from
picture to picture it does not have in its first pass of a round, which is told apart.

Gates: three quarters of 250 times the script's recordings a second, and nine tenths of 2.1 times
the floor.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from ecgmpi.drawing import StripOptions, draw_strip
from ecgmpi.options.rendering import Rendering
from ecgmpi.readers import read
from tests.bench.figures import Figure, figure, parser_of, run_case
from tests.bench.floor import Floor
from tests.bench.old_script import OldScript
from tests.bench.passes import PASSES, TURNS, add_rounds, drawn_apart, files_of, render, rounds_of
from tests.bench.spent import Spent, in_turn, pin

GATE = 0.9
"""Of what is promised: machines differ, and a gate must not fail by what else they do."""

OTHERS_GATE = 0.75
"""Of what is promised beside another program: what a neighbour takes from a core, memory bandwidth
above all, slows the two unequally. The floor does what ecgmpi does, and is slowed alike."""

LEAST_RATIO = OTHERS_GATE * 250
MOST_FLOORS = 2.1 / GATE

Round = dict[str, list[Spent]]
"""By ``old``, ``ours`` and ``floor``: what a recording took, a value a pass."""


def main() -> int:
    """``python -m tests.bench.compare --help``."""
    parser = parser_of(__doc__, "compare")
    add_rounds(parser, recordings=2)
    return run_case(parser, measure)


def measure(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Draw in rounds, and compare."""
    pin()
    n_rounds = rounds_of(arguments)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        files = files_of(arguments.corpus, n_rounds * arguments.recordings, scratch)
        old = OldScript()
        # Neither pays for what is loaded or kept once and for all.
        (old_picture, *_) = old.render(files[0], scratch / "old")
        render(Rendering(), files[:1], scratch / "ours")
        ours = [*(scratch / "ours").rglob("*.png")]
        yield from sizes("strip", "script", old_picture, min(ours))
        rounds = [_round(files[k::n_rounds], old, scratch) for k in range(n_rounds)]
    yield from compared("strip", "script", "a recording of 12 strips", rounds)
    yield figure(
        "strip.ratio",
        ratios(rounds, "old", "ours"),
        "times",
        "the recordings a second of the old script's method, by CPU",
        least=LEAST_RATIO,
    )
    yield figure(
        "strip.floors",
        ratios(rounds, "ours", "floor"),
        "times",
        "the CPU time of the floor",
        most=MOST_FLOORS,
    )


def _round(files: list[Path], old: OldScript, scratch: Path) -> Round:
    floors = [_floor(path) for path in files]

    def by_floor(out: Path) -> None:
        for floor in floors:
            floor.run(out)

    spent = in_turn({"old": lambda out: [old.render(path, out) for path in files]}, scratch)
    with drawn_apart(Rendering(), files) as ours:
        with tempfile.TemporaryDirectory(dir=scratch) as out:
            first = ours(Path(out))
        spent |= in_turn({"ours": ours, "floor": by_floor}, scratch, TURNS, PASSES)
    return each(spent | {"first": [first]}, len(files))


def _floor(path: Path) -> Floor:
    record = read(path)
    return Floor(
        path,
        {
            f"{path.stem}/{path.stem}_{lead}.png": draw_strip(record, lead, StripOptions()).rows
            for lead in record.leads
        },
    )


def each(spent: Round, n: int) -> Round:
    """Of one recording, from passes over `n`."""
    return {
        name: [Spent(cpu / n, wall / n) for cpu, wall in passes] for name, passes in spent.items()
    }


def ratios(rounds: list[Round], over: str, under: str, by_wall: bool = False) -> list[float]:
    """A ratio a round: of the medians of its passes."""

    def median(one: list[Spent]) -> float:
        return statistics.median(spent.wall if by_wall else spent.cpu for spent in one)

    return [median(one[over]) / median(one[under]) for one in rounds]


def compared(case: str, other: str, what: str, rounds: list[Round]) -> Iterator[Figure]:
    """Milliseconds of each, and the ratios by the clock."""
    for name, which, about in (
        (f"{other}_ms", "old", f"CPU: {what}, by what ecgmpi is compared with"),
        ("ms", "ours", f"CPU: {what}, by ecgmpi"),
        ("first_ms", "first", f"CPU: {what}, by a worker that has kept nothing yet"),
        ("floor_ms", "floor", f"CPU: {what}, read, copied, deflated and written, no more"),
    ):
        cpu = [1e3 * statistics.median(spent.cpu for spent in one[which]) for one in rounds]
        yield figure(f"{case}.{name}", cpu, "ms", about)
    told = "the same by the clock"
    yield figure(f"{case}.ratio_wall", ratios(rounds, "old", "ours", by_wall=True), "times", told)
    yield figure(
        f"{case}.floors_wall", ratios(rounds, "ours", "floor", by_wall=True), "times", told
    )


def sizes(case: str, other: str, old_picture: Path, ours: Path) -> Iterator[Figure]:
    """How large the first picture of each is."""
    for name, path in ((f"{other}_kb", old_picture), ("kb", ours)):
        with Image.open(path) as picture:
            about = f"the first picture, {picture.width} x {picture.height} px"
        yield figure(f"{case}.{name}", path.stat().st_size / 1e3, "kB", about)


if __name__ == "__main__":
    sys.exit(main())
