"""A page by ecgmpi beside the same by careful plain matplotlib and beside the floor.

    python -m tests.bench.page [--rounds N] [--recordings N] [--corpus FOLDER]

3x4+1, letter, 200 dpi: 2200 x 1700 px, on one core, reading and writing included. In each
round the same recordings are drawn by all of them, one after another; what is printed are
medians over the rounds of the ratios of a round. matplotlib draws with a figure for each
page, and, for comparison, with one figure whose lines get new data; where ecg_plot is
installed, its PNG of the same page is measured as well. The floor reads the file, copies a
background, deflates the very rows that ecgmpi drew and writes them.
ecgmpi's templates are thrown away before each pass.

Fails where ecgmpi is less than 100 times as fast as matplotlib, or more than 4 times as
slow as the floor, by CPU seconds.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from isal import igzip_lib
from PIL import Image

from ecgmpi.drawing import draw
from ecgmpi.options.rendering import Rendering
from ecgmpi.readers import read
from tests.bench.compare import arguments_of, files_of, render, timed
from tests.bench.plain_page import PlainPage

LEAST_RATIO = 100.0
MOST_FLOORS = 4.0
PASSES = 10
RENDERING = Rendering(layout="3x4+1", paper="letter")


def main() -> int:
    """Measure, print, judge."""
    arguments = arguments_of(__doc__, recordings=8)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        files = files_of(arguments.corpus, arguments.rounds * arguments.recordings, scratch)
        plain, again = PlainPage(), PlainPage(again=True)
        # Neither pays for what is loaded or kept once and for all.
        render(RENDERING, files[:1], scratch / "ours")
        for name, path in (
            ("matplotlib", plain.render(files[0], scratch)),
            ("ecgmpi", scratch / "ours" / "images" / f"{files[0].stem}.png"),
        ):
            with Image.open(path) as picture:
                size = f"{picture.width} x {picture.height} pixels"
            print(f"{name:<21} {size}, {path.stat().st_size:,} bytes")
        rounds = [
            _round(files[k :: arguments.rounds], plain, again, scratch)
            for k in range(arguments.rounds)
        ]
    names = [("matplotlib", 0), ("the same figure again", 3), ("ecgmpi", 1), ("floor", 2)]
    for name, which in names + [("ecg_plot", 4)] * (len(rounds[0]) > 4):
        cpu, wall = (statistics.median(1e3 * one[which][kind] for one in rounds) for kind in (0, 1))
        print(f"{name:<21} {cpu:9.2f} ms CPU, {wall:9.2f} ms wall a page")
    ratio = statistics.median(one[0][0] / one[1][0] for one in rounds)
    floors = statistics.median(one[1][0] / one[2][0] for one in rounds)
    print(f"ecgmpi is {ratio:.0f} times as fast as matplotlib by CPU (at least {LEAST_RATIO:g})")
    print(f"ecgmpi takes {floors:.2f} times the floor by CPU (at most {MOST_FLOORS:g})")
    return 0 if ratio >= LEAST_RATIO and floors <= MOST_FLOORS else 1


def _round(
    files: list[Path], plain: PlainPage, again: PlainPage, scratch: Path
) -> list[tuple[float, float]]:
    """CPU and wall seconds a page of matplotlib, ecgmpi, the floor, and one figure again."""
    rows = [draw(read(path), "3x4+1", paper="letter").rows for path in files]

    def by(draw_one: Callable[[Path, Path], Path], out: Path) -> None:
        for path in files:
            draw_one(path, out)

    def by_floor(out: Path) -> None:
        for path, drawn in zip(files, rows, strict=True):
            path.read_bytes()
            drawn.copy()
            data = igzip_lib.compress(drawn, 1, igzip_lib.COMP_ZLIB)
            (out / f"{path.stem}.png").write_bytes(data)

    spent = [
        timed(lambda out: by(plain.render, out), scratch, 1),
        timed(lambda out: render(RENDERING, files, out), scratch, PASSES),
        timed(by_floor, scratch, PASSES),
        timed(lambda out: by(again.render, out), scratch, 1),
    ]
    if find_spec("ecg_plot") and find_spec("cairosvg"):
        from tests.bench import ecg_plot_page

        spent.append(timed(lambda out: by(ecg_plot_page.render, out), scratch, 1))
    return [(cpu / len(files), wall / len(files)) for cpu, wall in spent]


if __name__ == "__main__":
    sys.exit(main())
