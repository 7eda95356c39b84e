"""How well a signal comes back from its picture.

    ECGMPI_TEST_DATA=... python -m tests.roundtrip

25 real leads, drawn and decoded from the PNG and its annotation alone, by the centre of the
ink of each column and by the samples whose stroke fits the ink best; root mean square errors.
Fails where the first is worse than `ecgmpi.review.roundtrip.bounds` allows.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ecgmpi.drawing import RED
from ecgmpi.review.roundtrip.bounds import BOUNDS
from ecgmpi.review.roundtrip.fit import by_fit
from ecgmpi.review.roundtrip.ink import by_centroid
from tests.roundtrip.trips import Trip, corpus, pages, strips

THIN_MM = 0.09


def main() -> int:
    """Measure, print, judge."""
    folder = os.environ.get("ECGMPI_TEST_DATA")
    if not folder:
        raise SystemExit("say with ECGMPI_TEST_DATA where the real recordings are")
    chosen = corpus(Path(folder))
    thin = replace(RED, trace_mm=THIN_MM)
    failed = False
    print(f"{'':<46} leads  median   worst, uV")
    for decoder, decode in (("column centroid", by_centroid), ("fitted stroke", by_fit)):
        for kind, draw, dpi in (("strip", strips, 400.0), ("page", pages, 300.0)):
            for style in (RED, thin):
                found = list(draw(chosen, decode, dpi=dpi, style=style))
                median, worst = figures(found)
                name = f"{decoder}, {kind}, {dpi:g} dpi, stroke {style.trace_mm:g} mm"
                print(f"{name:<46} {len(found):>5} {median:>7.1f} {worst:>7.1f}", flush=True)
                if decode is by_centroid and style is RED:
                    failed |= median > BOUNDS[kind][0] or worst > BOUNDS[kind][1]
    return int(failed)


def figures(trips: Iterable[Trip]) -> tuple[float, float]:
    """Median and greatest error, uV."""
    errors = [trip.error for trip in trips]
    return statistics.median(errors), max(errors)


if __name__ == "__main__":
    sys.exit(main())
