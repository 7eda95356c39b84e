"""Folds: the sheet is flat between straight lines, and inclined on either side of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.exact import sine_cosine
from ecgmpi.wear.mapping.surface import Surface

from .direction import across, bent, normal, reach

Floats = npt.NDArray[np.float64]

HALF, LETTER, CROSS, ANYWHERE = "half", "letter", "cross", "anywhere"

_PART_OF_FOLDED = 0.7
"""That the folds are those of a sheet that was folded to fit a file or an envelope."""

_UNEVEN = 0.03
"""By which part of the sheet such folds miss its half or third, at most."""

_ASKEW_DEG = 1.0
"""How far such folds are from parallel to its edges, at most."""


@dataclass(frozen=True, slots=True)
class Folds:
    """Parallel folds.

    Attributes
    ----------
    line_deg
        Their direction: 0 for rows.
    places_mm
        Where each crosses, from the centre of the sheet, in ascending order.
    angles_deg
        By how much each turns the sheet; positive for a valley.
    reach_mm
        How far from its centre the sheet goes across them; beyond, it is level.
    """

    line_deg: float
    places_mm: tuple[float, ...]
    angles_deg: tuple[float, ...]
    reach_mm: float
    is_low: bool = False

    def paper(self, x: Floats, y: Floats, share: float) -> tuple[Floats, Floats]:
        """Which points of the paper are above points of the plane, mm."""
        nx, ny = normal(self.line_deg)
        more = bent(
            across(x, y, self.line_deg, self.reach_mm),
            self.places_mm,
            _flaps(self.angles_deg, share)[1],
        )
        return x + nx * more, y + ny * more

    def height(self, x: Floats, y: Floats, share: float) -> Floats:
        """How high the sheet is above points of the plane, mm."""
        s = across(x, y, self.line_deg, self.reach_mm)
        return bent(s, self.places_mm, _flaps(self.angles_deg, share)[0])


@lru_cache(maxsize=64)
def _flaps(angles_deg: tuple[float, ...], share: float) -> tuple[list[float], list[float]]:
    """Slope of each flap, and by how much it is longer than what it covers."""
    # The first and the last flap are inclined alike, so that the sheet as a whole is level.
    inclined = 0.0
    for angle in angles_deg:
        inclined -= angle / 2
    slopes, longer = [], []
    for angle in (0.0, *angles_deg):
        inclined += angle
        sine, cosine = sine_cosine(inclined * share)
        slopes.append(sine / cosine)
        longer.append(1.0 / cosine - 1.0)
    return slopes, longer


class FoldsEffect:
    """One to three folds: in half, in thirds as for an envelope, crosswise, or anywhere."""

    name = "folds"
    about = "the sheet was folded and opened again"
    parameters: tuple[Parameter, ...] = (
        Parameter("angle_deg", "between what lies on both sides of a fold", 0.0, 0.0, 40.0),
        Parameter("count", "folds, where they lie anywhere", 1.0, 1.0, 3.0, whole=True),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw which way the sheet was folded, where, and how far each fold is open."""
        folded = chance.random() < _PART_OF_FOLDED
        kind = (HALF, LETTER, CROSS)[int(chance.integers(3))] if folded else ANYWHERE
        line = (0.0, 90.0)[int(chance.integers(2))] + _ASKEW_DEG * (2 * chance.random() - 1)
        first = 1 if chance.random() < 0.5 else -1

        def bundle(line_deg: float, parts: list[float], signs: list[int]) -> dict[str, object]:
            far = reach(page.width_mm, page.height_mm, line_deg)
            places = [2 * far * part for part in parts]
            angles = [sign * amounts["angle_deg"] * (0.6 + 0.4 * chance.random()) for sign in signs]
            return {
                "line_deg": line_deg,
                "places_mm": places,
                "angles_deg": angles,
                "reach_mm": far,
            }

        def off() -> float:
            return _UNEVEN * (2 * chance.random() - 1)

        if kind == HALF:
            bundles = [bundle(line, [off()], [first])]
        elif kind == LETTER:
            # An envelope takes a sheet folded like a C, or like a Z.
            second = first if chance.random() < 0.5 else -first
            bundles = [bundle(line, [off() - 1 / 6, off() + 1 / 6], [first, second])]
        elif kind == CROSS:
            bundles = [bundle(line, [off()], [first]), bundle(line + 90, [off()], [first])]
        else:
            bundles = [
                bundle(180 * chance.random(), [0.7 * (chance.random() - 0.5)], [first * (-1) ** k])
                for k in range(int(amounts["count"]))
            ]
        return {"kind": kind, "folds": bundles}

    def apply(self, drawn: Drawn, state: Surface) -> None:
        """Fold the sheet."""
        for bundle in drawn["folds"]:
            state.add(
                Folds(
                    bundle["line_deg"],
                    tuple(bundle["places_mm"]),
                    tuple(bundle["angles_deg"]),
                    bundle["reach_mm"],
                )
            )
