"""A fax: scan lines of its own height, some of them lost, and streaks."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.states import SensorState

_STREAKS_PER_LOST = 0.5


class FaxLines:
    """Each scan line is one row of pixels, repeated over the line's height.

    ITU-T T.4 has 3.85 lines a millimetre, or 7.7 in the fine mode. Where a line is lost, the one
    above it is printed again, or nothing.
    """

    name = "fax_lines"
    about = "scan lines of a fax, some of them lost"
    parameters: tuple[Parameter, ...] = (
        Parameter("height_mm", "of a scan line", 0.0, 0.0, 0.4),
        Parameter("lost", "lines on the page that are lost", 0.0, 0.0, 80.0, whole=True),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw which lines are lost, what is there instead, and streaks."""
        lost = int(amounts["lost"])
        streaks = math.floor(lost * _STREAKS_PER_LOST)
        return {
            **amounts,
            "lost_parts": [chance.random() for _ in range(lost)],
            "blank": [int(chance.random() < 0.3) for _ in range(lost)],
            "streaks": [[chance.random() for _ in range(4)] for _ in range(streaks)],
        }

    def apply(self, drawn: Drawn, state: SensorState) -> None:
        """Take the rows of the lines."""
        rows, columns = state.pixels.shape[:2]
        high = max(drawn["height_mm"] * state.px_per_mm, 1.0)
        # The line that the middle of each row of pixels lies in.
        line = np.floor((np.arange(rows) + 0.5) / high).astype(np.intp)
        count = int(line[-1]) + 1
        # A fax sees the middle of each line: a row, or two where the line is an even number of
        # rows high. Any other row would move what is seen, and the truth would miss it.
        edges = np.searchsorted(line, np.arange(count + 1))
        source = np.stack([(edges[:-1] + edges[1:] - 1) // 2, (edges[:-1] + edges[1:]) // 2])
        blank = np.zeros(count, bool)
        for part, nothing in zip(drawn["lost_parts"], drawn["blank"], strict=True):
            number = min(int(part * count), count - 1)
            source[:, number] = source[:, max(number - 1, 0)]
            blank[number] |= bool(nothing)
        pixels, other = state.pixels[source]
        # The mean of both, within their bits.
        pixels = (pixels & other) + ((pixels ^ other) >> 1)
        pixels[blank] = 255
        for place, start, length, ink in drawn["streaks"]:
            first = int(start * columns)
            last = first + int(length * length * columns) + 1
            pixels[int(place * count), first:last] = 255 if ink < 0.6 else 0
        state.pixels = pixels[line]
