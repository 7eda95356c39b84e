"""How exact the truth of worn pictures is, for each profile and level, as tables in Markdown.

    ECGMPI_TEST_DATA=... python -m tests.wear.truth_report [--copies N] [--profiles NAME ...]

Dots: printed on a letter page at 200 dpi, and found in its worn copies; px between where they are
and where the truth says, of those that the truth calls visible: small ones where nothing but the
geometry is worn, and large ones, of all copies together, where everything is. Signals: root mean
square error of real leads that touch no other, of copies that were flattened by their map, beside
that of the clean page; nobody has written on them or spilled anything.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from ecgmpi.review.roundtrip.fit import by_fit
from ecgmpi.wear.profiles import PROFILES
from ecgmpi.wear.worn import wear
from tests.roundtrip.trips import corpus
from tests.wear.dot_fit import noisy_misses
from tests.wear.dotted_page import (
    FAR_APART,
    LARGE,
    SMALL,
    geometry_of,
    misses,
    page,
    places,
    with_dots,
)
from tests.wear.unworn_signal import BLURS, CleanPage, unmarked

LEVELS = (1, 2, 3, 4, 5)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, default=3, help="of each profile and level")
    parser.add_argument("--leads", type=int, default=1, help="of each page; a page for each copy")
    parser.add_argument("--levels", type=int, nargs="+", default=list(LEVELS))
    parser.add_argument("--first", type=int, default=1, help="number of the first copy, for dots")
    parser.add_argument("--profiles", nargs="+", default=list(PROFILES))
    parser.add_argument("--no-dots", action="store_true", help="signals alone")
    asked = parser.parse_args()
    if not asked.no_dots:
        dots(asked.profiles, range(asked.first, asked.first + asked.copies), asked.levels)
    folder = os.environ.get("ECGMPI_TEST_DATA")
    if folder:
        signals(Path(folder), asked.profiles, asked.copies, asked.leads, asked.levels)
    return 0


def dots(names: Sequence[str], numbers: Sequence[int], levels: Sequence[int]) -> None:
    """The table of dots."""
    clean = page()
    points = places(clean.width, clean.height)
    small = with_dots(clean, points, SMALL)
    far_apart = places(clean.width, clean.height, FAR_APART)
    large = with_dots(clean, far_apart, LARGE)
    print(
        "| profile | level | geometry: median | most | all: median | 95 % | bias | hidden | lost |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name in names:
        profile = PROFILES[name]
        for level in levels:
            bent = [
                misses(wear(small, geometry_of(profile), level, 0, "dots", copy), points, SMALL)
                for copy in numbers
            ]
            worn = [wear(large, profile, level, 0, "dots", copy) for copy in numbers]
            noisy = noisy_misses(worn, far_apart)
            print(
                f"| {name} | {level} | {max(one.median for one in bent):.3f} "
                f"| {max(one.most for one in bent):.3f} | {noisy.median:.3f} "
                f"| {np.percentile(noisy.away, 95):.2f} | {max(map(abs, noisy.bias)):.3f} "
                f"| {noisy.hidden:.1%} | {noisy.lost:.1%} |",
                flush=True,
            )


def signals(
    folder: Path, names: Sequence[str], copies: int, leads: int, levels: Sequence[int]
) -> None:
    """The table of signals."""
    pages = [CleanPage.of(record, leads) for record, _ in corpus(folder)[:copies]]
    clean = [error for one in pages for error in one.clean_errors(by_fit)]
    usual = statistics.median(clean)
    print(f"\nclean: {usual:.1f} uV in the median of {len(clean)} leads\n")
    print("| profile | level | median, uV | times clean | worst, uV |")
    print("|---|---|---|---|---|")
    decode = partial(by_fit, blurs=BLURS)
    for name in names:
        profile = PROFILES[name]
        for level in levels:
            found = [
                error
                for number, one in enumerate(pages, start=1)
                for error in one.worn_errors(unmarked(profile), level, number, decode)
            ]
            median = statistics.median(found)
            print(
                f"| {name} | {level} | {median:.1f} | {median / usual:.2f} | {max(found):.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    sys.exit(main())
