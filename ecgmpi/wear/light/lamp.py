"""A lamp near the sheet: light falls off from below it, and has a colour."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.states import LightState

from .colour import WARMTH, gains


class Lamp:
    """A small lamp above a place of the plane that the sheet lies on.

    A point source at height h lights a place at distance d from below it by h^3 / (h^2 + d^2)^1.5
    of what arrives below it. The brightest node of the picture keeps all of its light, as a camera
    is exposed for it.
    """

    name = "lamp"
    about = "a lamp near the sheet: light falls off, and has a colour"
    parameters: tuple[Parameter, ...] = (
        Parameter("part", "of the light that comes from it", 0.0, 0.0, 0.8),
        Parameter("height_mm", "above the sheet", 600.0, 120.0, 2000.0),
        WARMTH,
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the place, on the sheet or up to half of it beyond its edges."""
        x = page.width_mm * (2.0 * chance.random() - 1.0)
        y = page.height_mm * (2.0 * chance.random() - 1.0)
        return {**amounts, "x_mm": x, "y_mm": y}

    def apply(self, drawn: Drawn, state: LightState) -> None:
        """Mix its light with what comes from everywhere."""
        height = drawn["height_mm"]
        x = (state.x_mm - drawn["x_mm"]) / height
        y = (state.y_mm - drawn["y_mm"]) / height
        square = 1.0 / (x * x + y * y + 1.0)
        falling = square * np.sqrt(square)
        falling /= float(falling.max())
        part = drawn["part"]
        for channel, gain in enumerate(gains(drawn["warmth_mired"])):
            state.field[:, :, channel] *= 1.0 - part + part * gain * falling
