"""Resolution: a picture that was made small, and then as large as it was."""

from __future__ import annotations

import numpy as np

from ecgmpi.wear.amounts_only import AmountsOnly
from ecgmpi.wear.effect import Drawn, Parameter
from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import SensorState

_LEAST_PX = 8
_LITTLE = 0.97
"""A picture that keeps more than this is left as it is."""


class Resolution(AmountsOnly):
    """Details are lost: the picture is scaled down, and up again."""

    name = "resolution"
    about = "scaled down, and up again"
    parameters: tuple[Parameter, ...] = (
        Parameter("kept_part", "of the pixels in each direction", 1.0, 0.2, 1.0),
    )

    def apply(self, drawn: Drawn, state: SensorState) -> None:
        """Scale down and up."""
        cv2 = opencv()
        kept = drawn["kept_part"]
        height, width = state.pixels.shape[:2]
        if kept > _LITTLE or min(height, width) < 4 * _LEAST_PX:
            return
        # Linear scaling looks at two pixels: below a half of the size, means come first.
        mean_of = 1 if kept > 0.5 else 2 if kept > 0.25 else 4
        below, beside = -height % mean_of, -width % mean_of
        pixels = state.pixels
        if below or beside:
            # Whole means, or the picture would be stretched by what is left over.
            pixels = cv2.copyMakeBorder(pixels, 0, below, 0, beside, cv2.BORDER_REPLICATE)
        size = (width + beside, height + below)
        small = (max(int(size[0] * kept), _LEAST_PX), max(int(size[1] * kept), _LEAST_PX))
        if mean_of > 1:
            means = (size[0] // mean_of, size[1] // mean_of)
            pixels = cv2.resize(pixels, means, interpolation=cv2.INTER_AREA)
        pixels = cv2.resize(cv2.resize(pixels, small), size)
        state.pixels = np.ascontiguousarray(pixels[:height, :width])
