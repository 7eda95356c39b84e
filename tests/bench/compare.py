"""ecgmpi beside the script that it replaces and beside the floor, on one core.

    python -m tests.bench.compare [--rounds N] [--recordings N] [--corpus FOLDER]

In each round the same recordings are drawn by all three, one after another, reading and
writing included; what is printed are medians over the rounds of the ratios of a round,
from CPU seconds and from wall seconds. The templates that ecgmpi keeps are thrown away
before each pass, so every pass pays for its own.

Fails where ecgmpi is less than 150 times as fast as the script, or more than 4 times as
slow as the floor, by CPU seconds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from ecgmpi.corpus.item import Item
from ecgmpi.drawing.raster.template_cache import TEMPLATES
from ecgmpi.ecg.synthetic import write_corpus
from ecgmpi.job.pool.messages import JobSpec
from ecgmpi.job.pool.worker import RecordingRenderer
from ecgmpi.options.rendering import Rendering
from tests.bench.floor import Floor
from tests.bench.old_script import OldScript

LEAST_RATIO = 150.0
MOST_FLOORS = 4.0
PASSES = 10

Seconds = list[float]
"""Of the script, of ecgmpi, of the floor."""


def main() -> int:
    """Measure, print, judge."""
    arguments = arguments_of(__doc__, recordings=2)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        files = files_of(arguments.corpus, arguments.rounds * arguments.recordings, scratch)
        old = OldScript()
        # Neither pays for what is loaded or kept once and for all.
        (old_picture, *_) = old.render(files[0], scratch / "old")
        render(Rendering(), files[:1], scratch / "ours")
        _print_sizes(old_picture, scratch / "ours")
        rounds = [
            _round(files[k :: arguments.rounds], old, scratch) for k in range(arguments.rounds)
        ]
    cpu, wall = ([one[kind] for one in rounds] for kind in (0, 1))
    print(f"{len(rounds)} rounds of {len(files) // len(rounds)} recordings, 12 leads each")
    for name, which in (("script", 0), ("ecgmpi", 1), ("floor", 2)):
        by_cpu = statistics.median(one[which] for one in cpu)
        by_wall = statistics.median(one[which] for one in wall)
        print(f"{name:<7} {1e3 * by_cpu:9.1f} ms CPU, {1e3 * by_wall:9.1f} ms wall a recording")
    ratio, floors = _ratios(cpu)
    ratio_wall, floors_wall = _ratios(wall)
    print(
        f"ecgmpi draws {ratio:.0f} times the script's recordings a second by CPU, "
        f"{ratio_wall:.0f} by wall (at least {LEAST_RATIO:g})"
    )
    print(
        f"ecgmpi takes {floors:.2f} times the floor by CPU, "
        f"{floors_wall:.2f} by wall (at most {MOST_FLOORS:g})"
    )
    return 0 if ratio >= LEAST_RATIO and floors <= MOST_FLOORS else 1


def arguments_of(about: str | None, recordings: int) -> argparse.Namespace:
    """What a comparison takes; `recordings` a round unless said."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    data = os.environ.get("ECGMPI_TEST_DATA")
    corpus = Path(data, "first_china", "TRAIN") if data else None
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--recordings", type=int, default=recordings, help="a round")
    parser.add_argument("--corpus", type=Path, default=corpus, help="default: synthetic")
    return parser.parse_args()


def files_of(corpus: Path | None, n: int, scratch: Path) -> list[Path]:
    """Give `n` recordings, synthetic ones where there is no corpus."""
    if corpus is None:
        write_corpus(scratch / "in", n)
        corpus = scratch / "in"
    files = sorted(corpus.glob("*.mat"))
    if len(files) < n:
        raise SystemExit(f"{corpus} has {len(files)} recordings; {n} are needed")
    return files[:: len(files) // n][:n]


def render(rendering: Rendering, files: list[Path], out: Path) -> None:
    """What a worker of the job does, in this process."""
    TEMPLATES.clear()
    out.mkdir(exist_ok=True)
    renderer = RecordingRenderer(JobSpec(rendering, out, "files", timeout=60.0))
    for index, path in enumerate(files):
        result = renderer.render(Item(index, path.stem, path.name, str(path)))
        assert not getattr(result, "failed", True), result


def _round(files: list[Path], old: OldScript, scratch: Path) -> tuple[Seconds, Seconds]:
    """CPU and wall seconds a recording of script, ecgmpi and floor."""
    floors = [Floor(path) for path in files]

    def by_script(out: Path) -> None:
        for path in files:
            old.render(path, out)

    def by_floor(out: Path) -> None:
        for floor in floors:
            floor.run(out)

    spent = [
        timed(by_script, scratch, 1),
        timed(lambda out: render(Rendering(), files, out), scratch, PASSES),
        timed(by_floor, scratch, PASSES),
    ]
    n = len(files)
    return [cpu / n for cpu, _ in spent], [wall / n for _, wall in spent]


def timed(work: Callable[[Path], object], scratch: Path, passes: int) -> tuple[float, float]:
    """Median CPU and wall seconds of one pass, each into a new folder, as a job writes."""
    cpu, wall = [], []
    for _ in range(passes):
        with tempfile.TemporaryDirectory(dir=scratch) as out:
            begun = time.process_time(), time.perf_counter()
            work(Path(out))
            cpu.append(time.process_time() - begun[0])
            wall.append(time.perf_counter() - begun[1])
    return statistics.median(cpu), statistics.median(wall)


def _ratios(rounds: list[Seconds]) -> tuple[float, float]:
    return (
        statistics.median(script / ours for script, ours, _ in rounds),
        statistics.median(ours / floor for _, ours, floor in rounds),
    )


def _print_sizes(old_picture: Path, ours: Path) -> None:
    new_picture = min(ours.rglob(old_picture.name))
    for name, path in (("script", old_picture), ("ecgmpi", new_picture)):
        with Image.open(path) as picture:
            size = f"{picture.width} x {picture.height} pixels"
        print(f"{name:<7} {path.name}: {size}, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    sys.exit(main())
