"""Dead elements of a thermal print head: thin lines along the paper where nothing is printed."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.states import HIDDEN, PrintState

from .ink import without_ink

LONGEST_RUN = 4
"""Elements side by side that are dead at once, at most."""


class HeadDropouts:
    """Takes trace and letters off some rows; the preprinted grid stays.

    A print head lies across the paper, so that an element that is dead leaves a line without ink
    along the axis of time, over the whole sheet.
    """

    name = "head_dropouts"
    about = "dead elements of a thermal print head: thin lines along the paper without ink"
    parameters: tuple[Parameter, ...] = (
        Parameter("count", "places of the head that are dead", 0, 0, 16, whole=True),
        Parameter("element_mm", "width of an element", 0.125, 0.08, 0.25),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the places: ``[y, width]`` of each, mm. Most are one element wide."""
        places = []
        for _ in range(int(amounts["count"])):
            y = page.height_mm * (0.06 + 0.88 * chance.random())
            run = 1 + max(0, int(chance.integers(-3, LONGEST_RUN)))
            places.append([y, run * amounts["element_mm"]])
        return {"places_mm": places}

    def apply(self, drawn: Drawn, state: PrintState) -> None:
        """Take the ink off the rows, and mark them as hidden."""
        bare = without_ink()
        for y, width in drawn["places_mm"]:
            first = math.floor(y * state.px_per_mm)
            # An element is never less than a row: what is lost is lost altogether.
            last = first + max(1, math.floor(width * state.px_per_mm + 0.5))
            rows = slice(max(0, first), min(last, len(state.indices)))
            state.indices[rows] = bare[state.indices[rows]]
            state.hidden.whole()[rows] = HIDDEN
