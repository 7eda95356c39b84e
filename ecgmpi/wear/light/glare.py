"""Lamps and windows that are reflected, as light that is added."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.states import LightState

from .soft_shapes import box_distance, half_sheet, smooth, turned

_STRENGTH = Parameter("strength_levels", "grey levels that are added at most", 0.0, 0.0, 160.0)
_RADIUS = Parameter("radius_mm", "of the reflection", 30.0, 6.0, 120.0)


def _place(chance: np.random.Generator) -> list[float]:
    return [2.0 * chance.random() - 1.0, 2.0 * chance.random() - 1.0]


class Glare:
    """A lamp in the gloss of the sheet. What is added to ink turns it grey."""

    name = "glare"
    about = "a lamp in the gloss of the sheet"
    parameters: tuple[Parameter, ...] = (_STRENGTH, _RADIUS)

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw where it is, and how it is stretched."""
        return {
            **amounts,
            "place_part": _place(chance),
            "angle_deg": 180.0 * chance.random(),
            "stretched": 1.0 + 1.5 * chance.random(),
        }

    def apply(self, drawn: Drawn, state: LightState) -> None:
        """Add a bright spot, and what the paper scatters around it."""
        width, height = half_sheet(state)
        place = (width * drawn["place_part"][0], height * drawn["place_part"][1])
        x, y = turned(state.x_mm, state.y_mm, place, drawn["angle_deg"])
        x, y = x / (drawn["radius_mm"] * drawn["stretched"]), y / drawn["radius_mm"]
        square = x * x + y * y
        spot = np.maximum(1.0 - square, 0.0)
        around = np.maximum(1.0 - square / 9.0, 0.0)
        light = 0.65 * spot * spot + 0.35 * around * around * around
        state.glow += drawn["strength_levels"] * light


class Reflection:
    """A window in the glass of a screen: two panes, upright but for some degrees."""

    name = "reflection"
    about = "a window in the glass of a screen"
    parameters: tuple[Parameter, ...] = (_STRENGTH, _RADIUS)

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw where it is, how high, and how far out of focus."""
        return {
            **amounts,
            "place_part": _place(chance),
            "angle_deg": 20.0 * chance.random() - 10.0,
            "high": 1.0 + 1.5 * chance.random(),
            "soft_part": 0.3 + 0.5 * chance.random(),
        }

    def apply(self, drawn: Drawn, state: LightState) -> None:
        """Add the panes."""
        width, height = half_sheet(state)
        place = (width * drawn["place_part"][0], height * drawn["place_part"][1])
        radius = drawn["radius_mm"]
        x, y = turned(state.x_mm, state.y_mm, place, drawn["angle_deg"])
        half = (0.48 * radius, radius * drawn["high"])
        pane = box_distance(np.abs(x) - 0.54 * radius, y, half, 0.0)
        light = smooth(0.5 - pane / (drawn["soft_part"] * radius))
        state.glow += drawn["strength_levels"] * light
