"""Circles drawn by hand around a part of a trace."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.states import MarksState

from .outline import turned
from .patch import tint
from .pen import loop
from .pens import INKS, PEN_MM, any_ink, between, nib, place_on
from .strokes import Stroke, ink
from .texture import generator, new_seed


class Circles:
    """Draws loops around what somebody found worth a look."""

    name = "circles"
    about = "circles drawn by hand around a part of a trace"
    parameters: tuple[Parameter, ...] = (
        Parameter("count", "circles", 0, 0, 8, whole=True),
        Parameter("width_mm", "width of a circle", 22.0, 6.0, 70.0),
        PEN_MM,
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the ink, middle, size and tilt of each."""
        circles = []
        for _ in range(int(amounts["count"])):
            width = min(amounts["width_mm"] * between(chance, 0.6, 1.5), 0.8 * page.width_mm)
            height = min(width * between(chance, 0.45, 1.0), 0.7 * page.height_mm)
            x, y = place_on(chance, page, width, height)
            circles.append(
                {
                    "ink": any_ink(chance),
                    "pen_mm": amounts["pen_mm"] * between(chance, 0.85, 1.2),
                    "middle_mm": [x + width / 2, y + height / 2],
                    "width_mm": width,
                    "height_mm": height,
                    "angle_deg": between(chance, -25, 25),
                    "seed": new_seed(chance),
                }
            )
        return {"circles": circles}

    def apply(self, drawn: Drawn, state: MarksState) -> None:
        """Draw them in their inks."""
        for circle in drawn["circles"]:
            chance = generator(circle["seed"])
            line = loop(circle["width_mm"], circle["height_mm"], chance)
            points = turned(line.points, circle["angle_deg"]) + circle["middle_mm"]
            pen = nib(circle["ink"], circle["pen_mm"])
            lines = [Stroke(points, line.pressure)]
            patch = ink(lines, pen, state.px_per_mm, state.pixels.shape, chance)
            tint(state, patch, INKS[circle["ink"]])
