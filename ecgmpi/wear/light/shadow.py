"""Shadows on the sheet: of an edge, or of the hand that holds the phone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.states import Floats, LightState

from .soft_shapes import box_distance, half_sheet, smooth, turned

EDGE, PHONE = "edge", "phone"

_PHONE_MM = (38.0, 78.0)
"""Half of a phone's width and height."""


class Shadow:
    """A shadow, darker by a part, with a soft edge.

    It is of a straight edge, such as a shelf above or a window's frame, or of a phone with the arm
    that holds it.
    """

    name = "shadow"
    about = "the shadow of an edge, or of a phone and the arm that holds it"
    parameters: tuple[Parameter, ...] = (
        Parameter("depth_part", "of the light that is missing", 0.0, 0.0, 0.6),
        Parameter("soft_mm", "width of the soft edge", 20.0, 8.0, 120.0),
        Parameter("reach_part", "how far in it reaches, of half of the sheet", 0.0, 0.0, 1.2),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw what throws it, from which side, and how large it is."""
        return {
            **amounts,
            "of": (EDGE, PHONE)[int(chance.integers(2))],
            "angle_deg": 360.0 * chance.random(),
            "aside_part": 2.0 * chance.random() - 1.0,
            "turn_deg": 40.0 * (2.0 * chance.random() - 1.0),
            "enlarged": 1.0 + 0.6 * chance.random(),
        }

    def apply(self, drawn: Drawn, state: LightState) -> None:
        """Take light away."""
        width, height = half_sheet(state)
        # Along the direction that it comes from, and across.
        along, across = turned(state.x_mm, state.y_mm, (0.0, 0.0), drawn["angle_deg"])
        right, down = turned(np.array(1.0), np.array(0.0), (0.0, 0.0), drawn["angle_deg"])
        reach = abs(float(right)) * width + abs(float(down)) * height
        end = reach * (1.0 - drawn["reach_part"])
        if drawn["of"] == EDGE:
            distance = end - along
        else:
            distance = _phone(drawn, along - end, across - 0.5 * reach * drawn["aside_part"])
        shade = smooth(0.5 - distance / drawn["soft_mm"])
        state.field *= (1.0 - drawn["depth_part"] * shade)[:, :, None]


def _phone(drawn: Drawn, along: Floats, across: Floats) -> Floats:
    """Distance from the shadow of a phone whose end is at the origin, and of an arm behind it."""
    large = drawn["enlarged"]
    half = (_PHONE_MM[0] * large, _PHONE_MM[1] * large)
    centre = (half[0], 0.0)
    x, y = turned(along, across, centre, drawn["turn_deg"])
    phone = box_distance(x, y, half, 8.0 * large)
    # The arm comes from outside, to one end of the phone.
    side = half[1] * (0.6 if drawn["aside_part"] < 0 else -0.6)
    x, y = turned(along, across, (centre[0] + 300.0 * large, side), -drawn["turn_deg"] / 2)
    arm = box_distance(x, y, (300.0 * large, 40.0 * large), 40.0 * large)
    return np.minimum(phone, arm)
