"""Crumple: facets of random heights, as of a sheet that was a ball of paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.exact import sine_cosine
from ecgmpi.wear.mapping.surface import Surface

Floats = npt.NDArray[np.float64]

_SHIFT = 0.12
"""How far the paper is pulled along the plane, in parts of its height: so that it is no stretch."""

_FINER = 0.45
"""Spacing, and height, of the finer mesh in parts of those of the coarse one."""

_ROOM = 1.25
"""How much larger than the sheet's diagonal a mesh is."""


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """A mesh of triangles, each of them flat.

    Attributes
    ----------
    values
        float64, shape (3, n, n): at the corners of its squares, each of which is two triangles:
        height, and shift to the right and downwards, mm.
    spacing_mm
        Side of a square.
    turn_deg
        By which the mesh is turned.
    """

    values: Floats
    spacing_mm: float
    turn_deg: float

    def at(self, x: Floats, y: Floats, wanted: slice) -> Floats:
        """Values at points: float64, shape (number of those wanted, *shape of x)."""
        sine, cosine = sine_cosine(self.turn_deg)
        count = self.values.shape[1]
        middle, scale = (count - 1) / 2, 1.0 / self.spacing_mm
        most = float(count - 1) - 1e-9
        s = np.clip((cosine * x + sine * y) * scale + middle, 0.0, most)
        t = np.clip((cosine * y - sine * x) * scale + middle, 0.0, most)
        column, row = np.floor(s), np.floor(t)
        s -= column
        t -= row
        corner = (row * count + column).astype(np.intp)
        # In the upper right triangle the way leads to the right first, in the other one down.
        upper = s >= t
        turn = corner + np.where(upper, 1, count)
        flat = self.values[wanted].reshape(-1, count * count)
        first, second, third = (flat.take(k, axis=1) for k in (corner, turn, corner + count + 1))
        longer, shorter = np.maximum(s, t), np.minimum(s, t)
        found: Floats = first + (second - first) * longer + (third - second) * shorter
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Crumple:
    """A crumpled sheet: a coarse mesh and a finer one."""

    meshes: tuple[Mesh, ...]
    is_low: bool = True

    def paper(self, x: Floats, y: Floats, share: float) -> tuple[Floats, Floats]:
        """Which points of the paper are above points of the plane, mm."""
        more_x, more_y = np.zeros(x.shape), np.zeros(x.shape)
        for mesh in self.meshes:
            shift = mesh.at(x, y, slice(1, 3))
            more_x += shift[0]
            more_y += shift[1]
        return x + share * more_x, y + share * more_y

    def height(self, x: Floats, y: Floats, share: float) -> Floats:
        """How high the sheet is above points of the plane, mm."""
        total = np.zeros(x.shape)
        for mesh in self.meshes:
            total += mesh.at(x, y, slice(0, 1))[0]
        return total * share


class CrumpleEffect:
    """The sheet was crumpled, and smoothed again by hand."""

    name = "crumple"
    about = "the sheet was crumpled and smoothed again"
    parameters: tuple[Parameter, ...] = (
        Parameter("amplitude_mm", "height of the greatest facets", 0.0, 0.0, 3.0),
        Parameter("spacing_mm", "between corners of the greatest facets", 30.0, 12.0, 80.0),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the seed of the meshes, and how they are turned."""
        return {
            "amplitude_mm": amounts["amplitude_mm"],
            "spacing_mm": amounts["spacing_mm"],
            "turn_deg": 90 * chance.random(),
            "reach_mm": _ROOM * (page.width_mm + page.height_mm) / 2,
            "seed": int(chance.integers(1 << 32)),
        }

    def apply(self, drawn: Drawn, state: Surface) -> None:
        """Crumple the sheet."""
        lots = np.random.Generator(np.random.PCG64(drawn["seed"]))
        meshes = []
        part, turn = 1.0, drawn["turn_deg"]
        for _ in range(2):
            spacing = drawn["spacing_mm"] * part
            count = int(2 * drawn["reach_mm"] / spacing) + 2
            values = (lots.random((3, count, count)) - 0.5) * (drawn["amplitude_mm"] * part)
            values[1:] *= _SHIFT
            meshes.append(Mesh(values, spacing, turn))
            part, turn = part * _FINER, turn + 53.0
        state.add(Crumple(tuple(meshes)))
