"""Worn folds: along a fold, the surface of the paper breaks and its print flakes off."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import Bytes, MarksState

from .patch import Patch, cover, tint
from .pens import between
from .texture import clouds, generator, new_seed

PLACES = ([1 / 2], [1 / 3, 2 / 3], [1 / 4, 1 / 2, 3 / 4], [1 / 2])
"""Where a sheet is folded, as parts of its length: once, in thirds, twice."""
FIBRE = (243, 246, 247)
"""Blue, green, red of bare paper under the coating."""
DIRT = (205, 212, 216)


class FoldWear:
    """Whitens lines across the whole sheet, in flakes, with a little dirt beside them."""

    name = "fold_wear"
    about = "whitened lines with flaked print, where the sheet was folded"
    parameters: tuple[Parameter, ...] = (
        Parameter("count", "directions in which it was folded, 2 at most", 0, 0, 2, whole=True),
        Parameter("width_mm", "width of the worn line", 0.7, 0.2, 2.5),
        Parameter("worn_part", "part of the line that has flaked off", 0.0, 0.0, 0.9),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the direction and place of each line."""
        lines = []
        first = int(chance.integers(2))
        for turn in range(int(amounts["count"])):
            along_x = bool((first + turn) % 2)
            length = page.height_mm if along_x else page.width_mm
            lines += [
                {
                    "direction": "horizontal" if along_x else "vertical",
                    "at_mm": part * length + between(chance, -2, 2),
                    "width_mm": amounts["width_mm"] * between(chance, 0.6, 1.3),
                    "worn_part": amounts["worn_part"] * between(chance, 0.6, 1.2),
                    "seed": new_seed(chance),
                }
                for part in PLACES[int(chance.integers(len(PLACES)))]
            ]
        return {"lines": lines}

    def apply(self, drawn: Drawn, state: MarksState) -> None:
        """Lay the dirt, then take off the print."""
        height, width = state.pixels.shape[:2]
        for line in drawn["lines"]:
            chance = generator(line["seed"])
            flat = line["direction"] == "horizontal"
            across = max(3, math.ceil(line["width_mm"] * 3 * state.px_per_mm))
            begin = math.floor(line["at_mm"] * state.px_per_mm) - across // 2
            dirt, flakes = _worn(line, across, width if flat else height, state.px_per_mm, chance)
            for made, colour, lay in ((dirt, DIRT, tint), (flakes, FIBRE, cover)):
                if flat:
                    lay(state, Patch(0, begin, made), colour)
                else:
                    lay(state, Patch(begin, 0, np.ascontiguousarray(made.T)), colour)


def _worn(
    line: Drawn, across: int, length: int, px_per_mm: float, chance: np.random.Generator
) -> tuple[Bytes, Bytes]:
    """Make dirt and flakes of a horizontal line: uint8, shape (across, length)."""
    cv2 = opencv()
    # Where the fold is sharpest most is gone: noise that is thresholded by the distance from it.
    wander = clouds(chance, (1, length), 5 * px_per_mm, 3).astype(np.float64) / 255 - 0.5
    strength = clouds(chance, (1, length), 14 * px_per_mm, 4).astype(np.float64) / 255
    half = line["width_mm"] * px_per_mm / 2 * (0.4 + 1.2 * strength) + 0.5
    middle = (across - 1) / 2 + wander * line["width_mm"] * px_per_mm
    away = np.abs(np.arange(across)[:, None] - middle) / half
    near = np.maximum(1 - away * away, 0.0)
    # Flakes are longer along the fold than across it.
    small = clouds(chance, (across, -(-length // 3)), 0.3 * px_per_mm, 2)
    noise = cv2.resize(small, (length, across), interpolation=cv2.INTER_LINEAR) / 255
    part = line["worn_part"]
    limit = 1 - near * (0.42 + 0.5 * part) * (0.55 + 0.9 * strength)
    flakes = np.floor(np.clip((noise - limit) * 5, 0.0, 1.0) * 255 * min(1.0, 0.55 + part))
    wide = np.maximum(1 - away / 2.5, 0.0) * (0.15 + 0.6 * strength)
    dirt = np.floor(wide * 255)
    crease = cv2.GaussianBlur(flakes.astype(np.uint8), (3, 3), 0)
    return dirt.astype(np.uint8), crease
