"""Blur: a lens out of focus, and a hand or a sheet that moves."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.amounts_only import AmountsOnly
from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.exact import sine_cosine
from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import SensorState

_LEAST_PX = 0.3
"""A blur below this changes nothing that can be seen."""

_MOST_PX = 6
"""Longest way of one pass of motion, px.

OpenCV takes another way for kernels of 50 elements where a processor lacks SSE3: 7 x 7 are 49.
"""

_PARTS = 64
"""Weights of a kernel are whole multiples of 1 / this, so that floats add them up exactly."""


class Blur(AmountsOnly):
    """A lens out of focus: a Gaussian."""

    name = "blur"
    about = "a lens out of focus"
    parameters: tuple[Parameter, ...] = (
        Parameter("sigma_mm", "standard deviation on the sheet", 0.0, 0.0, 0.5),
    )

    def apply(self, drawn: Drawn, state: SensorState) -> None:
        """Blur."""
        sigma = drawn["sigma_mm"] * state.px_per_mm
        if sigma < _LEAST_PX:
            return
        # Beyond 1.9 sigma lies a twentieth of the weight, which the others take.
        reach = max(1, math.floor(1.9 * sigma))
        size = (2 * reach + 1, 2 * reach + 1)
        state.pixels = opencv().GaussianBlur(state.pixels, size, sigma)


class Motion:
    """A hand that moves while the picture is taken: the mean along a straight line."""

    name = "motion"
    about = "a hand that moves while the picture is taken"
    parameters: tuple[Parameter, ...] = (
        Parameter("length_mm", "of the way, on the sheet", 0.0, 0.0, 1.5),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the direction."""
        return {**amounts, "angle_deg": 180.0 * chance.random()}

    def apply(self, drawn: Drawn, state: SensorState) -> None:
        """Smear."""
        cv2 = opencv()
        length = drawn["length_mm"] * state.px_per_mm
        if length < 2 * _LEAST_PX:
            return
        # A longer way is several short ones: its ends fade a little.
        passes = math.ceil(length / _MOST_PX)
        kernel = motion_kernel(length / passes, drawn["angle_deg"])
        for _ in range(passes):
            state.pixels = cv2.filter2D(state.pixels, -1, kernel)


def motion_kernel(
    length_px: float, angle_deg: float
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Give the kernel of a straight way.

    Parameters
    ----------
    length_px
        At most 6.
    angle_deg
        0 along rows, 90 along columns.

    Returns
    -------
    ndarray
        float32, shape (n, n) for n of 3, 5 or 7: multiples of 1/64, with a sum of 1.
    """
    sine, cosine = sine_cosine(angle_deg)
    reach = max(1, math.ceil(length_px / 2 - 1e-9))
    steps = 8
    weights = np.zeros((2 * reach + 1, 2 * reach + 1))
    for k in range(steps):
        way = length_px * ((k + 0.5) / steps - 0.5)
        x, y = reach + way * cosine, reach + way * sine
        left, top = min(math.floor(x), 2 * reach - 1), min(math.floor(y), 2 * reach - 1)
        right, down = x - left, y - top
        weights[top, left] += (1 - right) * (1 - down)
        weights[top, left + 1] += right * (1 - down)
        weights[top + 1, left] += (1 - right) * down
        weights[top + 1, left + 1] += right * down
    parts = np.floor(weights * (_PARTS / steps) + 0.5).astype(np.int64)
    # What rounding took or gave, the middle makes good.
    parts[reach, reach] += _PARTS - int(parts.sum())
    return (parts / float(_PARTS)).astype(np.float32)
