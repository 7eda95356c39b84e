"""Pages to arrays, beside Pillow: `python -m tests.bench.decode`.

Pages as people draw them (3x4+1, letter, 200 dpi: 2200 x 1700 px) are decoded to colours and to
palette indices, at full size and n times smaller, on one core; their masks, too. Pillow makes the
same arrays: it decodes, converts where colours are wanted, and has numpy look at the result, which
it need not copy; smaller ones by its own `reduce`. Each page is decoded by both, in turn, and the
ratio is that of a page's CPU times. A figure is the median of the rounds, each over all pages.

Gate: colours at nine tenths of twice the speed of Pillow.
"""

from __future__ import annotations

import argparse
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from ecgmpi.datasets.decode import decode, decode_mask
from ecgmpi.drawing import draw, mask_png
from ecgmpi.readers import read
from tests.bench.compare import GATE
from tests.bench.figures import Figure, figure, parser_of, run_case
from tests.bench.passes import add_corpus, files_of
from tests.bench.spent import pin

LEAST_RATIO = GATE * 2
PAGES = 20
ROUNDS = 9
SCALES = (2, 4)

Decode = Callable[[bytes], npt.NDArray[np.uint8]]


def main() -> int:
    """``python -m tests.bench.decode --help``."""
    parser = parser_of(__doc__, "decode")
    parser.add_argument("--pages", type=int, default=PAGES, help="default: %(default)s")
    parser.add_argument("--rounds", type=int, help="default: 9, or 5 with --quick")
    add_corpus(parser)
    return run_case(parser, measure)


def measure(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Decode in rounds, and compare."""
    pin()
    rounds = arguments.rounds or (5 if arguments.quick else ROUNDS)
    with tempfile.TemporaryDirectory() as folder:
        files = files_of(arguments.corpus, arguments.pages, Path(folder))
        pictures = [draw(read(path), "3x4+1", paper="letter") for path in files]
    pages = [picture.png() for picture in pictures]
    masks = [mask_png(picture) for picture in pictures]

    ours, pillow, ratio = _compared(decode, _by_pillow("RGB"), pages, rounds)
    yield figure("decode.page_rgb", ours, "/s", "pages a second of CPU, to colours")
    yield figure("decode.page_rgb_pillow", pillow, "/s", "the same by Pillow")
    yield figure("decode.page_rgb_ratio", ratio, "times", "as many as by Pillow", least=LEAST_RATIO)
    ours, pillow, ratio = _compared(
        lambda data: decode(data, colours="indices"), _by_pillow("P"), pages, rounds
    )
    yield figure("decode.page_indices", ours, "/s", "pages a second of CPU, to palette indices")
    yield figure("decode.page_indices_pillow", pillow, "/s", "the same by Pillow")
    yield figure("decode.page_indices_ratio", ratio, "times", "as many as by Pillow")
    for n in SCALES:
        ours, _, ratio = _compared(_scaled(n), _by_pillow("RGB", n), pages, rounds)
        yield figure(f"decode.page_rgb_{n}", ours, "/s", f"pages a second, {n} times smaller")
        yield figure(f"decode.page_rgb_{n}_ratio", ratio, "times", "as many as by Pillow")
    ours, _, ratio = _compared(decode_mask, _by_pillow("L"), masks, rounds)
    yield figure("decode.page_mask", ours, "/s", "masks of pages a second of CPU")
    yield figure("decode.page_mask_ratio", ratio, "times", "as many as by Pillow")


def _scaled(n: int) -> Decode:
    return lambda data: decode(data, scale=1 / n)


def _by_pillow(mode: str, n: int = 1) -> Decode:
    def decoded(data: bytes) -> npt.NDArray[np.uint8]:
        with Image.open(io.BytesIO(data)) as image:
            there = image if image.mode == mode else image.convert(mode)
            return np.asarray(there.reduce(n) if n > 1 else there)

    return decoded


def _compared(
    ours: Decode, pillow: Decode, files: list[bytes], rounds: int
) -> tuple[list[float], list[float], list[float]]:
    """Give, of each round, files a second by either, and the median of their ratios."""
    by_ours, by_pillow, ratios = [], [], []
    for number in range(rounds + 1):
        cpu: dict[Decode, list[float]] = {ours: [], pillow: []}
        for data in files:
            for decoded in list(cpu)[:: 1 if number % 2 else -1]:
                begun = time.process_time()
                found = decoded(data)
                cpu[decoded].append(time.process_time() - begun)
                assert found.dtype == np.uint8
        # The first round paid for what is loaded once.
        if number:
            by_ours.append(len(files) / sum(cpu[ours]))
            by_pillow.append(len(files) / sum(cpu[pillow]))
            ratios.append(
                statistics.median(b / a for a, b in zip(cpu[ours], cpu[pillow], strict=True))
            )
    return by_ours, by_pillow, ratios


if __name__ == "__main__":
    sys.exit(main())
