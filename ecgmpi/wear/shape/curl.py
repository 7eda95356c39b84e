"""Curl: a band of the sheet lies on a cylinder, as of paper that comes from a roll."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.mapping.surface import Surface

from .direction import across, normal, reach

Floats = npt.NDArray[np.float64]

STEEPEST = 0.6
"""Sine of the steepest slope: farther from the axis, the sheet runs on straight."""

_TANGENT, _SECANT = 0.75, 1.25
"""Of that inclination."""

_ARC = (1 / 6, 3 / 40, 15 / 336, 105 / 3456, 945 / 42240, 10395 / 599040)
"""Of the arcsine's series, x^3 and on: for `STEEPEST`, the sum misses less than 2e-5."""

_ALONG_AN_EDGE = 0.7
_ASKEW_DEG = 12.0


@dataclass(frozen=True, slots=True)
class Cylinder:
    """A sheet on a cylinder, and level on its axis.

    Attributes
    ----------
    line_deg
        Direction of the axis: 0 for rows.
    place_mm
        Where the axis crosses, from the centre of the sheet.
    curvature
        1 / radius, 1/mm; positive where both sides rise, negative where they fall.
    reach_mm
        How far from its centre the sheet goes across the axis; beyond, it is level.
    """

    line_deg: float
    place_mm: float
    curvature: float
    reach_mm: float
    is_low: bool = False

    def _height(self, s: Floats, share: float) -> Floats:
        bend = self.curvature * share
        if bend == 0:
            return np.zeros(s.shape)
        x = s * abs(bend)
        round_ = np.minimum(np.maximum(x, -STEEPEST), STEEPEST)
        height: Floats = 1.0 - np.sqrt(1.0 - round_ * round_) + _TANGENT * np.abs(x - round_)
        height *= 1.0 / bend
        return height

    def _longer(self, s: Floats, share: float) -> Floats:
        bend = abs(self.curvature * share)
        if bend == 0:
            return np.zeros(s.shape)
        x = s * bend
        round_ = np.minimum(np.maximum(x, -STEEPEST), STEEPEST)
        square = round_ * round_
        more: Floats = np.full(s.shape, _ARC[-1])
        for term in _ARC[-2::-1]:
            more = more * square + term
        more = more * square * round_ + (_SECANT - 1.0) * (x - round_)
        more *= 1.0 / bend
        return more

    def paper(self, x: Floats, y: Floats, share: float) -> tuple[Floats, Floats]:
        """Which points of the paper are above points of the plane, mm."""
        nx, ny = normal(self.line_deg)
        centre = self._longer(np.array([-self.place_mm]), share)
        s = across(x, y, self.line_deg, self.reach_mm)
        more = self._longer(s - self.place_mm, share) - centre
        return x + nx * more, y + ny * more

    def height(self, x: Floats, y: Floats, share: float) -> Floats:
        """How high the sheet is above points of the plane, mm."""
        s = across(x, y, self.line_deg, self.reach_mm)
        return self._height(s - self.place_mm, share)


class CurlEffect:
    """The sheet is curled about an axis."""

    name = "curl"
    about = "the sheet is curled, like paper from a roll"
    parameters: tuple[Parameter, ...] = (
        Parameter("curvature_per_m", "1 / radius; 4 is a radius of 250 mm", 0.0, 0.0, 6.0),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the axis, and to which side the sheet curls."""
        along = chance.random() < _ALONG_AN_EDGE
        edge = (0.0, 90.0)[int(chance.integers(2))]
        turn = 2 * chance.random() - 1
        line = edge + _ASKEW_DEG * turn if along else 90.0 + 90.0 * turn
        far = reach(page.width_mm, page.height_mm, line)
        place = far * 1.2 * (chance.random() - 0.5)
        upwards = chance.random() < 0.5
        return {
            "line_deg": line,
            "place_mm": place,
            "curvature_per_m": amounts["curvature_per_m"] * (1 if upwards else -1),
            "reach_mm": far,
        }

    def apply(self, drawn: Drawn, state: Surface) -> None:
        """Curl the sheet."""
        curvature = drawn["curvature_per_m"] * 0.001
        state.add(Cylinder(drawn["line_deg"], drawn["place_mm"], curvature, drawn["reach_mm"]))
