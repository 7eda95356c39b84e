"""Vignette: a lens passes less light to the corners of the picture."""

from __future__ import annotations

import numpy as np

from ecgmpi.wear.amounts_only import AmountsOnly
from ecgmpi.wear.effect import Drawn, Parameter
from ecgmpi.wear.states import LightState

from .exposure import CELL


class Vignette(AmountsOnly):
    """Light falls off to 1 - part in the corners, nearly as the fourth power of a cosine."""

    name = "vignette"
    about = "corners of the picture darker, as a lens makes them"
    parameters: tuple[Parameter, ...] = (
        Parameter("part", "of the light that corners lack", 0.0, 0.0, 0.7),
    )

    def apply(self, drawn: Drawn, state: LightState) -> None:
        """Take light away."""
        rows, columns = state.field.shape[:2]
        x = np.arange(columns) * (2.0 * CELL / state.width) - 1.0
        y = np.arange(rows) * (2.0 * CELL / state.height) - 1.0
        square = (x * x / 2.0)[None, :] + (y * y / 2.0)[:, None]
        # cos^4 of an angle is 1 / (1 + tan^2)^2, which falls to 1 - part where `square` is 1.
        tangent = 1.0 / np.sqrt(1.0 - drawn["part"]) - 1.0
        loss = 1.0 + tangent * square
        state.field /= (loss * loss)[:, :, None]
