"""White balance: the camera's or the scanner's idea of white is a little off everywhere."""

from __future__ import annotations

import numpy as np

from ecgmpi.wear.amounts_only import AmountsOnly
from ecgmpi.wear.effect import Drawn, Parameter
from ecgmpi.wear.states import LightState

from .colour import TINT, WARMTH, gains


class WhiteBalance(AmountsOnly):
    """Gains of the three colours. They are part of the light, where they cost nothing."""

    name = "white_balance"
    about = "a cast of colour over the whole picture"
    parameters: tuple[Parameter, ...] = (WARMTH, TINT)

    def apply(self, drawn: Drawn, state: LightState) -> None:
        """Take colours away."""
        state.field *= np.array(gains(drawn["warmth_mired"], drawn["tint_part"]))
