"""Adhesive tape: a clear strip that has yellowed, with cut ends and dirt along its edges."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.states import Floats, MarksState

from .outline import filled, turned
from .patch import Patch, cover, product, tint, weakened
from .pens import between, place_on
from .strokes import Nib, Stroke, ink
from .texture import clouds, generator, new_seed

YELLOW = (120, 195, 232)
"""Blue, green, red of what old tape lets through at its worst."""
HAZE = (228, 236, 238)
DIRT = (120, 135, 145)
TOOTH_MM = 1.1
"""Of the blade that it is cut with."""


class Tape:
    """Lays strips over the page; what is below stays visible."""

    name = "tape"
    about = "strips of clear tape that has yellowed"
    parameters: tuple[Parameter, ...] = (
        Parameter("count", "strips", 0, 0, 6, whole=True),
        Parameter("width_mm", "width of a strip", 17.0, 9.0, 30.0),
        Parameter("length_mm", "length of a strip", 60.0, 15.0, 160.0),
        Parameter("yellow_part", "how yellow it is", 0.0, 0.0, 1.0),
        Parameter("haze_part", "part of the contrast that its haze takes", 0.0, 0.0, 0.45),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the middle, length and direction of each."""
        strips = []
        for _ in range(int(amounts["count"])):
            length = min(amounts["length_mm"] * between(chance, 0.6, 1.4), 0.9 * page.width_mm)
            upright = bool(chance.random() < 0.4)
            x, y = place_on(chance, page, 0.5 * length, amounts["width_mm"])
            strips.append(
                {
                    "middle_mm": [x + 0.25 * length, y + amounts["width_mm"] / 2],
                    "length_mm": length,
                    "width_mm": amounts["width_mm"],
                    "angle_deg": between(chance, -8, 8) + (90 if upright else 0),
                    "yellow_part": amounts["yellow_part"] * between(chance, 0.6, 1.0),
                    "haze_part": amounts["haze_part"] * between(chance, 0.6, 1.0),
                    "seed": new_seed(chance),
                }
            )
        return {"strips": strips}

    def apply(self, drawn: Drawn, state: MarksState) -> None:
        """Tint, haze, then the dirt along the edges."""
        shape, px_per_mm = state.pixels.shape, state.px_per_mm
        for strip in drawn["strips"]:
            chance = generator(strip["seed"])
            outline = _outline(strip, chance)
            placed = turned(outline, strip["angle_deg"]) + strip["middle_mm"]
            patch = filled([placed], px_per_mm, shape, pad=2)
            if not patch.coverage.size:
                continue
            rows, columns = patch.coverage.shape
            cloud = np.maximum(clouds(chance, (rows, columns), 5 * px_per_mm, 2), 120)
            uneven = product(patch.coverage, cloud)
            part = strip["yellow_part"]
            tint(
                state,
                Patch(patch.left, patch.top, uneven),
                [255 - int((255 - channel) * part) for channel in YELLOW],
            )
            haze = weakened(uneven, strip["haze_part"])
            cover(state, Patch(patch.left, patch.top, haze), HAZE)
            edges = [
                Stroke(side, 0.2 + 0.6 * chance.random(len(side)))
                for side in (placed, np.concatenate([placed[-1:], placed[:1]]))
            ]
            dirt = ink(edges, Nib(0.3, 0.5, 0.15, 0.4), px_per_mm, shape, chance)
            faint = weakened(dirt.coverage, 0.35 + 0.3 * part)
            tint(state, Patch(dirt.left, dirt.top, faint), DIRT)


def _outline(strip: Drawn, chance: np.random.Generator) -> Floats:
    """Give a strip about (0, 0) along x, mm: straight sides, and ends cut by teeth."""
    across, half = strip["width_mm"], strip["length_mm"] / 2
    teeth = max(2, int(across / TOOTH_MM))
    y = np.arange(2 * teeth + 1) / (2 * teeth) * across - across / 2
    ends = []
    for sign in (1.0, -1.0):
        slope = 0.12 * (2 * chance.random() - 1)
        x = sign * (half + slope * y)
        x[1::2] += 0.45 * TOOTH_MM
        end = np.stack([x, y], axis=-1)
        ends.append(end if sign > 0 else end[::-1])
    return np.concatenate(ends)
