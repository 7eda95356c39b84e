"""Paper: yellow or grey with age, its printed grid paler."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.states import PrintState

from .ink import coverage, grid_part

YELLOW = (0.10, 0.32, 1.0)
"""Part of the loss that red, green and blue suffer where paper turns yellow."""


class Paper:
    """Takes light off paper and what is printed on it, and fades the grid."""

    name = "paper"
    about = "preprinted paper: how yellow and grey it is, and how pale its grid"
    parameters: tuple[Parameter, ...] = (
        Parameter("yellow_levels", "grey levels of blue that white paper lost", 0.0, 0.0, 90.0),
        Parameter("grey_levels", "grey levels of all colours that it lost", 0.0, 0.0, 60.0),
        Parameter("grid_fade_part", "part of the contrast of the grid lost", 0.0, 0.0, 0.85),
        Parameter("grid_tint_levels", "most that a colour of the grid shifts by", 0.0, 0.0, 45.0),
    )

    def draw(
        self,
        amounts: Mapping[str, float],
        chance: np.random.Generator,
        page: PageFacts,
    ) -> Drawn:
        """Draw the tint of the grid: levels of red, green and blue."""
        tint = amounts["grid_tint_levels"]
        return {
            "yellow_levels": amounts["yellow_levels"],
            "grey_levels": amounts["grey_levels"],
            "grid_fade_part": amounts["grid_fade_part"],
            "grid_tint_levels": [tint * (2 * chance.random() - 1) for _ in range(3)],
        }

    def apply(self, drawn: Drawn, state: PrintState) -> None:
        """Change the palette."""
        palette = state.palette
        paper = palette[0]
        grid = palette[np.arange(256) // 16 * 16]
        shown = (grid_part() * (1 - coverage()))[:, None]
        # A tint shows as much as the line stands out from the paper, at most all of it.
        apart = np.abs(grid - paper)
        apart = np.minimum((apart[:, :1] + apart[:, 1:2] + apart[:, 2:]) / 150.0, 1.0)
        moved = drawn["grid_fade_part"] * (paper - grid)
        moved = moved + np.array(drawn["grid_tint_levels"]) * apart
        palette += shown * moved
        losses = np.array([drawn["grey_levels"] + part * drawn["yellow_levels"] for part in YELLOW])
        palette *= 1 - losses / 255
        np.clip(palette, 0.0, 255.0, out=palette)
