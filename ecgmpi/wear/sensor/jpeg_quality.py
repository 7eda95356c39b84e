"""How much the JPEG of the picture keeps."""

from __future__ import annotations

from ecgmpi.wear.amounts_only import AmountsOnly
from ecgmpi.wear.effect import Drawn, Parameter
from ecgmpi.wear.states import SensorState


class JpegQuality(AmountsOnly):
    """The quality that libjpeg is asked for."""

    name = "jpeg_quality"
    about = "how much the JPEG keeps"
    parameters: tuple[Parameter, ...] = (
        Parameter("quality", "as libjpeg counts it", 95, 30, 95, whole=True),
    )

    def apply(self, drawn: Drawn, state: SensorState) -> None:
        """Say so to who encodes it."""
        state.quality = drawn["quality"]
