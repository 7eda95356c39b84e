"""A page by ecgmpi beside the same by careful plain matplotlib and beside the floor.

3x4+1, letter, 200 dpi: 2200 x 1700 px, on one core, reading and writing included. In each round the
same recordings are drawn by all of them, one after another. matplotlib draws with a figure for each
page, and, for comparison, with one figure whose lines get new data; where ecg_plot is installed,
its PNG of the same page is measured as well. The floor reads the file, copies a background,
deflates the very rows that ecgmpi drew and writes them. Ratios are of a round, by CPU seconds;
which processes draw, and what they keep, is as in `tests.bench.compare`.

Gates: three quarters of 130 times as fast as matplotlib, and of 2.3 times the floor. Nine tenths of
the latter are what is meant: where memory is fast beside arithmetic, and the floor takes 2.4 ms, a
page takes 2.2 to 2.6 times that, and up to 2.75 times beside a busy neighbour.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from ecgmpi.drawing import draw
from ecgmpi.options.rendering import Rendering
from ecgmpi.readers import read
from tests.bench.compare import OTHERS_GATE, Round, compared, each, ratios, sizes
from tests.bench.figures import Figure, figure, parser_of, run_case
from tests.bench.floor import Floor
from tests.bench.passes import PASSES, TURNS, add_rounds, drawn_apart, files_of, render, rounds_of
from tests.bench.plain_page import PlainPage
from tests.bench.spent import in_turn, pin

LEAST_RATIO = OTHERS_GATE * 130
MOST_FLOORS = 2.3 / OTHERS_GATE
RENDERING = Rendering(layout="3x4+1", paper="letter")


def main() -> int:
    """``python -m tests.bench.page --help``."""
    parser = parser_of(__doc__, "page")
    add_rounds(parser, recordings=8)
    return run_case(parser, measure)


def measure(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Draw in rounds, and compare."""
    pin()
    n_rounds = rounds_of(arguments)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        files = files_of(arguments.corpus, n_rounds * arguments.recordings, scratch)
        plain, again = PlainPage(), PlainPage(again=True)
        # Neither pays for what is loaded or kept once and for all.
        render(RENDERING, files[:1], scratch / "ours")
        ours = scratch / "ours" / "images" / f"{files[0].stem}.png"
        yield from sizes("page", "matplotlib", plain.render(files[0], scratch), ours)
        rounds = [_round(files[k::n_rounds], plain, again, scratch) for k in range(n_rounds)]
    yield from compared("page", "matplotlib", "a page", rounds)
    for name, about in (("again", "one matplotlib figure, new lines"), ("ecg_plot", "ecg_plot")):
        if name in rounds[0]:
            cpu = [1e3 * statistics.median(spent.cpu for spent in one[name]) for one in rounds]
            yield figure(f"page.{name}_ms", cpu, "ms", f"CPU: a page, by {about}")
    yield figure(
        "page.ratio",
        ratios(rounds, "old", "ours"),
        "times",
        "the pages a second of careful plain matplotlib, by CPU",
        least=LEAST_RATIO,
    )
    yield figure(
        "page.floors",
        ratios(rounds, "ours", "floor"),
        "times",
        "the CPU time of the floor",
        most=MOST_FLOORS,
    )


def _round(files: list[Path], plain: PlainPage, again: PlainPage, scratch: Path) -> Round:
    floors = [
        Floor(path, {f"{path.stem}.png": draw(read(path), "3x4+1", paper="letter").rows})
        for path in files
    ]

    def by_floor(out: Path) -> None:
        for floor in floors:
            floor.run(out)

    def by(draw_one: Callable[[Path, Path], Path]) -> Callable[[Path], object]:
        return lambda out: [draw_one(path, out) for path in files]

    slow = {"old": by(plain.render), "again": by(again.render)}
    if find_spec("ecg_plot") and find_spec("cairosvg"):
        from tests.bench import ecg_plot_page

        slow["ecg_plot"] = by(ecg_plot_page.render)
    spent = in_turn(slow, scratch)
    with drawn_apart(RENDERING, files) as ours:
        with tempfile.TemporaryDirectory(dir=scratch) as out:
            first = ours(Path(out))
        spent |= in_turn({"ours": ours, "floor": by_floor}, scratch, TURNS, PASSES)
    return each(spent | {"first": [first]}, len(files))


if __name__ == "__main__":
    sys.exit(main())
