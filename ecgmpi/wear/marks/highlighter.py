"""A highlighter: broad stripes of a bright colour, through which all is seen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.states import MarksState

from .patch import tint
from .pens import between, one_of, place_on
from .strokes import Nib, Stroke, ink, smooth
from .texture import generator, new_seed

COLOURS = {"yellow": (96, 246, 255), "pink": (206, 166, 255), "green": (150, 250, 178)}


class Highlighter:
    """Draws stripes along a row."""

    name = "highlighter"
    about = "broad bright stripes, through which all is seen"
    parameters: tuple[Parameter, ...] = (
        Parameter("count", "stripes", 0, 0, 6, whole=True),
        Parameter("length_mm", "length of a stripe", 30.0, 8.0, 120.0),
        Parameter("width_mm", "width of a stripe", 4.0, 2.0, 6.0),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the place and length of each; all are of one colour."""
        colour = one_of(chance, tuple(COLOURS))
        stripes = []
        for _ in range(int(amounts["count"])):
            length = min(amounts["length_mm"] * between(chance, 0.5, 1.5), 0.8 * page.width_mm)
            stripes.append(
                {
                    "place_mm": place_on(chance, page, length, amounts["width_mm"]),
                    "length_mm": length,
                    "width_mm": amounts["width_mm"] * between(chance, 0.85, 1.15),
                    "rise": between(chance, -0.03, 0.03),
                    "seed": new_seed(chance),
                }
            )
        return {"colour": colour, "stripes": stripes}

    def apply(self, drawn: Drawn, state: MarksState) -> None:
        """Draw them; where a stripe begins and ends, more ink lies."""
        for stripe in drawn["stripes"]:
            chance = generator(stripe["seed"])
            x, y = stripe["place_mm"]
            along = np.arange(6) / 5 * stripe["length_mm"]
            down = stripe["rise"] * along + 0.5 * (2 * chance.random(6) - 1)
            curve = smooth(np.stack([x + along, y + down], axis=-1), 6)
            pressure = np.full(len(curve), 0.4)
            pressure[:2] = pressure[-2:] = 0.7
            tip = Nib(stripe["width_mm"], thinnest=0.96, palest=0.6, grain=0.12)
            lines = [Stroke(curve, pressure)]
            patch = ink(lines, tip, state.px_per_mm, state.pixels.shape, chance)
            tint(state, patch, COLOURS[drawn["colour"]])
