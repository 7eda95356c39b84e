"""Contrast: how a device turns light into grey levels."""

from __future__ import annotations

import numpy as np

from ecgmpi.wear.amounts_only import AmountsOnly
from ecgmpi.wear.effect import Drawn, Parameter
from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import Bytes, SensorState


class Contrast(AmountsOnly):
    """Black that is not black, white that is not white, and midtones that are bent."""

    name = "contrast"
    about = "black lifted, white lowered, midtones bent"
    parameters: tuple[Parameter, ...] = (
        Parameter("black_levels", "grey level of black; negative for ink cut off", 0.0, -80, 60),
        Parameter("white_levels", "below 255 of white; negative for paper cut off", 0.0, -80, 45),
        Parameter("bend_part", "midtones brighter, or darker if negative", 0.0, -0.9, 0.9),
    )

    def apply(self, drawn: Drawn, state: SensorState) -> None:
        """Look each grey level up."""
        opencv().LUT(state.pixels, contrast_table(drawn), state.pixels)


def contrast_table(drawn: Drawn) -> Bytes:
    """Give what becomes of each grey level: uint8, shape (256,)."""
    light = np.arange(256) / 255.0
    bent = light + drawn["bend_part"] * light * (1.0 - light)
    black, white = drawn["black_levels"], 255.0 - drawn["white_levels"]
    levels = np.clip(black + (white - black) * bent, 0.0, 255.0)
    table: Bytes = np.floor(levels + 0.5).astype(np.uint8)
    return table
