"""Grey pictures, and pictures of two levels."""

from __future__ import annotations

import math

import numpy as np

from ecgmpi.wear.amounts_only import AmountsOnly
from ecgmpi.wear.effect import Drawn, Parameter
from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import Bytes, SensorState

_DARK = 0.012
"""Part of the pixels that are darker than what counts as ink."""


class Grey(AmountsOnly):
    """The device sees no colours."""

    name = "grey"
    about = "no colours"
    parameters: tuple[Parameter, ...] = ()

    def apply(self, drawn: Drawn, state: SensorState) -> None:
        """Weigh the colours as the eye does."""
        if state.pixels.ndim == 3:
            cv2 = opencv()
            state.pixels = cv2.cvtColor(state.pixels, cv2.COLOR_BGR2GRAY)


class Threshold(AmountsOnly):
    """Black up to a level, white above it.

    The level lies between the paper and what stands on it, as Otsu's method finds it in the
    picture. It is then shifted by a part of its distance: to white, so that more of the grid turns
    black, or to the darkest ink, so that less does.
    """

    name = "threshold"
    about = "black and white alone"
    parameters: tuple[Parameter, ...] = (
        Parameter("shift_part", "from Otsu's level to white; to ink if negative", 0.0, -0.4, 0.5),
    )

    def apply(self, drawn: Drawn, state: SensorState) -> None:
        """Compare each pixel with the level."""
        cv2 = opencv()
        Grey().apply({}, state)
        level, _ = cv2.threshold(state.pixels, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        shift = drawn["shift_part"]
        far = 255.0 - level if shift > 0 else level - darkest(state.pixels)
        _, state.pixels = cv2.threshold(
            state.pixels, math.floor(level + shift * far), 255, cv2.THRESH_BINARY
        )


def darkest(pixels: Bytes) -> int:
    """Give the grey level of ink: that of the darkest pixels, of which a few are left out.

    Parameters
    ----------
    pixels
        uint8, shape (height, width).
    """
    # A quarter of the rows say as much as all.
    counts = np.cumsum(np.bincount(pixels[::4].ravel(), minlength=256))
    return int(np.searchsorted(counts, _DARK * int(counts[-1])))
