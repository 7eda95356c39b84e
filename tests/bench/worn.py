"""A worn page beside the least that any program must do to make one, on one core.

3x4+1, letter, 200 dpi: 2200 x 1700 px, a copy of the profile ``photo`` at its usual level, with
the points of all samples, grid crossings, map and annotation; reading and writing included. The
floor reads the file, gives each pixel its colour, carries it over by one map, adds noise, encodes
a JPEG of the same quality and writes it; it draws nothing, and knows no truth. Ratios are of a
round, by CPU seconds; which processes draw, and what they keep, is as in `tests.bench.compare`.

Gate: nine tenths of 2.4 times the floor.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ecgmpi.drawing import draw
from ecgmpi.options.rendering import Rendering
from ecgmpi.readers import read
from ecgmpi.wear.expand import expanded
from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.profiles import PROFILES
from ecgmpi.wear.wear_profile import LEVEL
from ecgmpi.wear.worn import wear
from tests.bench.compare import GATE, Round, each, ratios
from tests.bench.figures import Figure, figure, parser_of, run_case
from tests.bench.passes import PASSES, TURNS, add_rounds, drawn_apart, files_of, rounds_of
from tests.bench.spent import in_turn, pin

PROFILE = "photo"
MOST_FLOORS = 2.4 / GATE
RENDERING = Rendering(
    layout="3x4+1", paper="letter", annotate="lines", wear=(PROFILE,), clean=False
)
_NOISE = 6
"""Grey levels, at most: what noise costs does not depend on it."""


class WornFloor:
    """The least work for one worn page.

    Parameters
    ----------
    path
        The recording.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        picture = draw(read(path), "3x4+1", paper="letter")
        worn = wear(picture, PROFILES[PROFILE], LEVEL, 0, path.stem, 1)
        self._indices = picture.indices()
        self._palette = picture.palette.astype(np.float64)
        self._places, self._fractions = worn.composed.grid.dense()
        self._quality = worn.quality
        shape = (*self._indices.shape, 3)
        self._noise = np.random.default_rng(0).integers(0, _NOISE, shape).astype(np.uint8)

    def run(self, out: Path) -> None:
        """Do it once, into `out`."""
        cv2 = opencv()
        self._path.read_bytes()
        page = expanded(self._indices, self._palette)
        seen = cv2.remap(page, self._places, self._fractions, cv2.INTER_LINEAR)
        cv2.add(seen, self._noise, seen)
        _, data = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, self._quality])
        (out / f"{self._path.stem}.jpg").write_bytes(data.tobytes())


def main() -> int:
    """``python -m tests.bench.worn --help``."""
    parser = parser_of(__doc__, "worn")
    add_rounds(parser, recordings=4)
    return run_case(parser, measure)


def measure(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Wear in rounds, and compare."""
    pin()
    n_rounds = rounds_of(arguments)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        files = files_of(arguments.corpus, n_rounds * arguments.recordings, scratch)
        rounds = [_round(files[k::n_rounds], scratch) for k in range(n_rounds)]
    for name, about in (("ours", "a worn page, by ecgmpi"), ("floor", "the floor of one")):
        cpu = [1e3 * statistics.median(spent.cpu for spent in one[name]) for one in rounds]
        yield figure(f"worn.{'ms' if name == 'ours' else 'floor_ms'}", cpu, "ms", f"CPU: {about}")
    yield figure(
        "worn.floors",
        ratios(rounds, "ours", "floor"),
        "times",
        "the CPU time of the floor",
        most=MOST_FLOORS,
    )


def _round(files: list[Path], scratch: Path) -> Round:
    floors = [WornFloor(path) for path in files]

    def by_floor(out: Path) -> None:
        for floor in floors:
            floor.run(out)

    with drawn_apart(RENDERING, files) as ours:
        with tempfile.TemporaryDirectory(dir=scratch) as out:
            ours(Path(out))
        return each(in_turn({"ours": ours, "floor": by_floor}, scratch, TURNS, PASSES), len(files))


if __name__ == "__main__":
    sys.exit(main())
