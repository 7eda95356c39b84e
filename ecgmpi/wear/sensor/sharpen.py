"""Sharpening: scanners and phones overdo it, which leaves light seams along ink."""

from __future__ import annotations

import math

import numpy as np

from ecgmpi.wear.amounts_only import AmountsOnly
from ecgmpi.wear.effect import Drawn, Parameter
from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import SensorState

_PARTS = 64
"""Weights are whole multiples of 1 / this, so that floats add them up exactly."""


class Sharpen(AmountsOnly):
    """A pixel gains by what it differs from those above, below and beside it."""

    name = "sharpen"
    about = "sharpened by the device, with light seams along ink"
    parameters: tuple[Parameter, ...] = (
        Parameter("gain_part", "of the difference from its neighbours", 0.0, 0.0, 1.5),
    )

    def apply(self, drawn: Drawn, state: SensorState) -> None:
        """Sharpen."""
        side = math.floor(drawn["gain_part"] * _PARTS / 4 + 0.5)
        if side == 0:
            return
        kernel = np.zeros((3, 3), np.float32)
        kernel[(0, 1, 1, 2), (1, 0, 2, 1)] = -side / _PARTS
        kernel[1, 1] = 1 + 4 * side / _PARTS
        state.pixels = opencv().filter2D(state.pixels, -1, kernel)
