"""The exposure that a camera chooses for the whole picture."""

from __future__ import annotations

import numpy as np

from ecgmpi.wear.amounts_only import AmountsOnly
from ecgmpi.wear.effect import Drawn, Parameter
from ecgmpi.wear.states import LightState

_FINE = 1 << 16
"""Steps of the light, so that its mean is one of whole numbers."""


class AutoExposure(AmountsOnly):
    """The mean of the light is brought to a value, whatever shadows and lamps took of it."""

    name = "auto_exposure"
    about = "the exposure that the camera chooses"
    parameters: tuple[Parameter, ...] = (
        Parameter("mean_part", "white paper in mean light, of what is just white", 1.0, 0.3, 1.3),
    )

    def apply(self, drawn: Drawn, state: LightState) -> None:
        """Make all of the light brighter or darker."""
        steps = np.floor(state.field * _FINE).astype(np.int64)
        mean = int(steps.sum()) / (steps.size * _FINE)
        state.field *= drawn["mean_part"] / max(mean, 0.05)
