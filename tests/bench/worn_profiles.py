"""What each profile costs: to wear a page, to encode it, to make its truth, and bytes.

3x4+1, letter, 200 dpi: 2200 x 1700 px, at the usual level, on one core; a copy of each recording
a round. The clean page is drawn before. ``--table`` prints the rows of the chapter on worn paper.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ecgmpi.drawing import Picture, draw
from ecgmpi.job.pool.worker import settle
from ecgmpi.options.rendering import Rendering
from ecgmpi.pipeline import worn_outputs_for
from ecgmpi.readers import read
from ecgmpi.wear.profiles import PROFILES
from ecgmpi.wear.truth.outputs import WornOutputs
from tests.bench.figures import Figure, figure, number, parser_of, run_case
from tests.bench.passes import add_rounds, files_of, rounds_of
from tests.bench.spent import pin

Costs = dict[str, list[float]]
"""By ``wear``, ``encode`` and ``truth``, ms of CPU time, and ``kb``: a value a round."""


def main() -> int:
    """``python -m tests.bench.worn_profiles --help``."""
    parser = parser_of(__doc__, "worn_profiles")
    add_rounds(parser, recordings=4)
    parser.add_argument("--table", action="store_true", help="print rows of Markdown as well")
    return run_case(parser, measure)


def measure(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Wear by each profile in turn, and tell medians of rounds."""
    pin()
    settle()
    with tempfile.TemporaryDirectory() as folder:
        files = files_of(arguments.corpus, arguments.recordings, Path(folder))
        pictures = [draw(read(path), "3x4+1", paper="letter") for path in files]
    asked = Rendering(
        layout="3x4+1", paper="letter", annotate="lines", wear=tuple(PROFILES), clean=False
    )
    outputs = {one.profile.name: one for one in worn_outputs_for(asked)}
    costs: dict[str, Costs] = {
        name: {"wear": [], "encode": [], "truth": [], "kb": []} for name in outputs
    }
    # The first round makes what a process keeps.
    for turn in range(rounds_of(arguments) + 1):
        for name, one in outputs.items():
            found = [_cost(one, picture, f"{turn} {k}") for k, picture in enumerate(pictures)]
            if turn:
                for of, values in costs[name].items():
                    values.append(statistics.fmean(each[of] for each in found))
    about = {
        "wear": ("ms", "CPU: to wear a page"),
        "encode": ("ms", "CPU: to encode it"),
        "truth": ("ms", "CPU: map, points, crossings, annotation"),
        "kb": ("kB", "of the picture"),
    }
    for name, of_profile in costs.items():
        for of, (unit, said) in about.items():
            ending = of if of == "kb" else f"{of}_ms"
            yield figure(f"worn_profiles.{name}.{ending}", of_profile[of], unit, said)
    if arguments.table:
        print("| profile | to wear | to encode | truth | file |\n|---|---|---|---|---|")
        for name, of_profile in costs.items():
            wear, encode, truth, kb = (
                number(statistics.median(of_profile[of]))
                for of in ("wear", "encode", "truth", "kb")
            )
            print(f"| `{name}` | {wear} ms | {encode} ms | {truth} ms | {kb} kB |")


def _cost(outputs: WornOutputs, picture: Picture, key: str) -> dict[str, float]:
    """Wear one copy, and make its files."""
    # Drawn once for all copies, as in a job.
    picture.indices()
    begun = time.process_time()
    (worn,) = outputs.copies_of(picture, key)
    made = time.process_time()
    files = iter(outputs.files_of(worn, {}, np.zeros((0, 0), np.float32)))
    first = next(files)
    encoded = time.process_time()
    for _ in files:
        pass
    told = time.process_time()
    return {
        "wear": 1e3 * (made - begun),
        "encode": 1e3 * (encoded - made),
        "truth": 1e3 * (told - encoded),
        "kb": len(first.data) / 1e3,
    }


if __name__ == "__main__":
    sys.exit(main())
