"""How exact the truth of worn pictures is, for each profile and level, as tables in Markdown.

    ECGMPI_TEST_DATA=... python -m tests.wear.truth_report [--copies N] [--leads N]

Dots: printed on a letter page at 200 dpi, and found in its worn copies; px between where they are
and where the truth says, of those that the truth calls visible. Signals: root mean square error of
real leads that touch no other, of copies that were flattened by their map, beside that of the clean
page; nobody has written on them or spilled anything.
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
from tests.wear.dotted_page import LARGE, SMALL, geometry_of, misses, page, places, with_dots
from tests.wear.unworn_signal import BLURS, CleanPage, unmarked

LEVELS = (1, 2, 3, 4, 5)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, default=3, help="of each profile and level")
    parser.add_argument("--leads", type=int, default=1, help="of each page; a page for each copy")
    parser.add_argument("--levels", type=int, nargs="+", default=list(LEVELS))
    parser.add_argument("--no-dots", action="store_true", help="signals alone")
    asked = parser.parse_args()
    if not asked.no_dots:
        dots(asked.copies, asked.levels)
    folder = os.environ.get("ECGMPI_TEST_DATA")
    if folder:
        signals(Path(folder), asked.copies, asked.leads, asked.levels)
    return 0


def dots(copies: int, levels: Sequence[int]) -> None:
    """The table of dots."""
    clean = page()
    points = places(clean.width, clean.height)
    small, large = (with_dots(clean, points, kind) for kind in (SMALL, LARGE))
    print(
        "| profile | level | geometry: median | most | all: median | 95 % | bias | hidden | lost |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name, profile in PROFILES.items():
        for level in levels:
            numbers = range(1, copies + 1)
            bent = [
                misses(wear(small, geometry_of(profile), level, 0, "dots", copy), points, SMALL)
                for copy in numbers
            ]
            worn = [
                misses(wear(large, profile, level, 0, "dots", copy), points, LARGE)
                for copy in numbers
            ]
            away = np.concatenate([one.away for one in worn])
            bias = max(abs(side) for one in worn for side in one.bias)
            print(
                f"| {name} | {level} | {max(one.median for one in bent):.3f} "
                f"| {max(one.most for one in bent):.3f} | {np.median(away):.3f} "
                f"| {np.percentile(away, 95):.2f} | {bias:.3f} "
                f"| {statistics.mean(one.hidden for one in worn):.1%} "
                f"| {statistics.mean(one.lost for one in worn):.1%} |",
                flush=True,
            )


def signals(folder: Path, copies: int, leads: int, levels: Sequence[int]) -> None:
    """The table of signals."""
    pages = [CleanPage.of(record, leads) for record, _ in corpus(folder)[:copies]]
    clean = [error for one in pages for error in one.clean_errors(by_fit)]
    usual = statistics.median(clean)
    print(f"\nclean: {usual:.1f} uV in the median of {len(clean)} leads\n")
    print("| profile | level | median, uV | times clean | worst, uV |")
    print("|---|---|---|---|---|")
    decode = partial(by_fit, blurs=BLURS)
    for name, profile in PROFILES.items():
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
