"""Flare: light that a lens scatters over the whole picture, so that black is not black."""

from __future__ import annotations

from ecgmpi.wear.amounts_only import AmountsOnly
from ecgmpi.wear.effect import Drawn, Parameter
from ecgmpi.wear.states import LightState


class Flare(AmountsOnly):
    """Black gets lighter, and white stays as it is.

    A table of grey levels does the same after the sensor (`ecgmpi.wear.sensor.contrast`), in seven
    times the time.
    """

    name = "flare"
    about = "light scattered in the lens: black is lifted"
    parameters: tuple[Parameter, ...] = (
        Parameter("black_levels", "grey level that black gets", 0.0, 0.0, 60.0),
    )

    def apply(self, drawn: Drawn, state: LightState) -> None:
        """Take the same light from all, and add it everywhere."""
        black = drawn["black_levels"]
        state.field *= 1.0 - black / 255.0
        state.veil += black
