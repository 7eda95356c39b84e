"""Shading: a sheet is brighter where it faces the lamp."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.exact import sine_cosine
from ecgmpi.wear.states import LightState

from .soft_shapes import box_distance, half_sheet, smooth

_BLUE_SKY = (0.97, 0.99, 1.0)
"""Shade is lit by what is around it, which is a little bluer than a lamp."""


_BOUNDS = (-0.6, 0.4)
"""Least and most that a flap differs by: walls and ceiling light what the lamp does not."""

_EDGE_MM = 6.0
"""Over which shading ends beyond the edge of the sheet: some nodes, or slanted edges have steps."""


class Shading:
    """Lambert's law: light on a surface is as the cosine of the angle to its normal.

    A flat sheet is not changed, whatever the lamp: the cosine is divided by that of the flat sheet.
    """

    name = "shading"
    about = "folds and curls brighter where they face the lamp"
    parameters: tuple[Parameter, ...] = (
        Parameter("strength_part", "of the light that comes from one side", 0.0, 0.0, 0.9),
        Parameter("elevation_deg", "of the lamp above the sheet", 90.0, 35.0, 90.0),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw where the lamp is: the direction that its light comes from."""
        return {**amounts, "azimuth_deg": 360.0 * chance.random()}

    def apply(self, drawn: Drawn, state: LightState) -> None:
        """Light the surface from one side."""
        if not (state.slope_x.any() or state.slope_y.any()):
            return
        rise, along = sine_cosine(drawn["elevation_deg"])
        down, right = sine_cosine(drawn["azimuth_deg"])
        x, y = state.slope_x, state.slope_y
        # The normal is (-dz/dx, -dz/dy, 1), the lamp's direction (along right, along down, rise).
        cosine = rise - along * (right * x + down * y)
        cosine /= np.sqrt(x * x + y * y + 1.0) * rise
        shade = np.clip(cosine - 1.0, *_BOUNDS)
        # Nothing but the sheet is bent.
        outside = box_distance(state.x_mm, state.y_mm, half_sheet(state), 0.0)
        shade *= drawn["strength_part"] * smooth(1.0 - outside / _EDGE_MM)
        for channel, part in enumerate(_BLUE_SKY):
            state.field[:, :, channel] *= 1.0 + np.where(shade < 0.0, part, 1.0) * shade
