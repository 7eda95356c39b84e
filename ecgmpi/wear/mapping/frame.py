"""The picture's place in what a device sees, and what each of its points sees of the sheet."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ecgmpi.wear.effect import PageFacts

from .control_grid import CELL, nodes_along
from .projection import Matrix, View, inverse, mapped, product
from .surface import Surface

Floats = npt.NDArray[np.float64]

_LOOKS = 2
"""Steps towards the height at which a ray meets the sheet: each leaves a tenth of the error."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The picture in the plane that a view measures in mm.

    Attributes
    ----------
    px_per_mm
        Pixels of the picture in each mm.
    centre
        The centre of the picture, mm.
    width, height
        Of the picture, px.
    """

    px_per_mm: float
    centre: tuple[float, float]
    width: int
    height: int

    def smaller(self, part: float) -> Frame:
        """Show everything smaller, around the centre of the picture."""
        return replace(self, px_per_mm=self.px_per_mm * part)

    def nodes(self) -> tuple[Floats, Floats]:
        """Where the nodes of the grid are, px from the centre: shapes (1, columns), (rows, 1)."""
        x = np.arange(nodes_along(self.width), dtype=np.float64) * CELL + (0.5 - self.width / 2)
        y = np.arange(nodes_along(self.height), dtype=np.float64) * CELL + (0.5 - self.height / 2)
        return x[None, :], y[:, None]

    def border(self) -> tuple[Floats, Floats]:
        """Points once around the picture, a cell or less apart, px from its centre: shape (n,)."""
        right, bottom = (self.width - 1) / 2, (self.height - 1) / 2
        x, y = (values.ravel() for values in self.nodes())
        # The last nodes may lie beyond the last pixels.
        x, y = np.minimum(x, right), np.minimum(y, bottom)
        return (
            np.concatenate([x, np.full(y.size, right), x[::-1], np.full(y.size, -right)]),
            np.concatenate([np.full(x.size, -bottom), y, np.full(x.size, bottom), y[::-1]]),
        )

    def sees(
        self, u: Floats, v: Floats, view: View, surface: Surface, share: float
    ) -> tuple[Floats, Floats, Floats]:
        """What points of the picture see of the sheet.

        Parameters
        ----------
        u, v
            Points, px from the centre of the picture.
        view
            How the plane is seen.
        surface, share
            How the sheet lies on it.

        Returns
        -------
        x, y, height : ndarray
            The point of the plane below what each sees, and the height of the sheet, mm.
        """
        if view.k1:
            diagonal = self.width * self.width + self.height * self.height
            stretch = 1.0 + (u * u + v * v) * (4 * view.k1 / diagonal)
            u, v = u * stretch, v * stretch
        a = u * (1.0 / self.px_per_mm) + self.centre[0]
        b = v * (1.0 / self.px_per_mm) + self.centre[1]
        if view.feed is not None:
            right, along = view.feed.shifts(b)
            a, b = a + right, b + along
        x, y = mapped(view.matrix, a, b)
        if not (share and surface.layers):
            return x, y, np.zeros(x.shape)
        if view.eye is None:
            return x, y, surface.height(x, y, share)
        # The ray leaves the plane towards the eye, and meets the sheet on its way.
        slope_x, slope_y = view.slope(x, y)
        height = surface.height(x, y, share, low=False)
        for look in range(_LOOKS):
            above_x, above_y = x + slope_x * height, y + slope_y * height
            height = surface.height(above_x, above_y, share, low=look == _LOOKS - 1)
        return x + slope_x * height, y + slope_y * height, height

    def homography(self, page: PageFacts, view: View) -> Matrix:
        """From the page to the picture, px as in `ecgmpi.geometry`, without surface and lens."""
        size, scale = 1.0 / page.px_per_mm, self.px_per_mm
        to_mm: Matrix = (
            *(size, 0.0, -page.width_mm / 2),
            *(0.0, size, -page.height_mm / 2),
            *(0.0, 0.0, 1.0),
        )
        to_px: Matrix = (
            *(scale, 0.0, self.width / 2 - scale * self.centre[0]),
            *(0.0, scale, self.height / 2 - scale * self.centre[1]),
            *(0.0, 0.0, 1.0),
        )
        whole = product(to_px, product(inverse(view.matrix), to_mm))
        return scaled(whole, 1.0 / whole[8])


def scaled(matrix: Matrix, factor: float) -> Matrix:
    """Multiply all of a matrix, which stays the same homography."""
    a, b, c, d, e, f, g, h, i = (value * factor for value in matrix)
    return a, b, c, d, e, f, g, h, i
