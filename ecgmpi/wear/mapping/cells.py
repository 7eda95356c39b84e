"""The cells between the nodes of a map, as polynomials: evaluated, and inverted by Newton's steps.

Only sums, products and quotients of float64, so that all of it is the same on every processor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ENOUGH = 2.0**-10
"""How near to a point its place must come, px."""

_STEPS = 24
_ROUGH_STEPS = 3
_ROUGH_CELL = 64
_LEAST_DETERMINANT = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """A map of the plane that is bilinear in each cell of a grid.

    In a cell, ``x = c0 + c1 s + (c2 + c3 s) t`` and ``y = c4 + c5 s + (c6 + c7 s) t`` with `s` and
    `t` in px from its first corner.

    Attributes
    ----------
    polynomials
        float64, shape (8, rows * columns of cells).
    rows, columns
        Of cells.
    cell
        Side of a cell, px.
    """

    polynomials: Floats
    rows: int
    columns: int
    cell: int

    @classmethod
    def of(cls, offsets: Floats, cell: int) -> Cells:
        """Make them of offsets from identity at nodes: float64, shape (rows, columns, 2), px."""
        rows, columns = offsets.shape[0] - 1, offsets.shape[1] - 1
        polynomials = np.empty((2, 4, rows, columns))
        for k in (0, 1):
            along = offsets[..., k]
            corner, right = along[:-1, :-1], along[:-1, 1:]
            below, across = along[1:, :-1], along[1:, 1:]
            polynomials[k, 0] = corner
            polynomials[k, 1] = (right - corner) * (1.0 / cell)
            polynomials[k, 2] = (below - corner) * (1.0 / cell)
            polynomials[k, 3] = (across - below - right + corner) * (1.0 / (cell * cell))
            polynomials[k, 1 + k] += 1.0
        polynomials[0, 0] += np.arange(columns) * float(cell)
        polynomials[1, 0] += (np.arange(rows) * float(cell))[:, None]
        return cls(polynomials.reshape(8, -1), rows, columns, cell)

    def _within(self, u: Floats, v: Floats) -> tuple[Floats, Floats, Floats]:
        """Polynomials, shape (8, n), of the cells where points are, and `s` and `t` there."""
        j = np.clip(np.floor(u * (1.0 / self.cell)), 0, self.columns - 1)
        i = np.clip(np.floor(v * (1.0 / self.cell)), 0, self.rows - 1)
        number = (i * self.columns + j).astype(np.intp)
        polynomials = self.polynomials.take(number, axis=1)
        return polynomials, u - j * self.cell, v - i * self.cell

    def at(self, u: Floats, v: Floats) -> tuple[Floats, Floats]:
        """Where points, shape (n,), are mapped to; outside, the nearest cell goes on."""
        c, s, t = self._within(u, v)
        return c[0] + c[1] * s + (c[2] + c[3] * s) * t, c[4] + c[5] * s + (c[6] + c[7] * s) * t

    def step(self, u: Floats, v: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
        """One step of Newton's from (u, v) towards what is mapped to (x, y).

        Returns
        -------
        u, v : ndarray
            Where it leads.
        miss : ndarray
            How far from (x, y) the point was that it leads from: the greater of both coordinates.
        """
        c, s, t = self._within(u, v)
        x_down, y_down = c[2] + c[3] * s, c[6] + c[7] * s
        x_miss = x - (c[0] + c[1] * s + x_down * t)
        y_miss = y - (c[4] + c[5] * s + y_down * t)
        x_right, y_right = c[1] + c[3] * t, c[5] + c[7] * t
        # Far outside, where cells go on, the determinant may be anything.
        scale = 1.0 / np.maximum(x_right * y_down - x_down * y_right, _LEAST_DETERMINANT)
        # No step leaves the picture by more than half its size, where nothing is known.
        width, height = self.columns * self.cell, self.rows * self.cell
        to_u = u + (y_down * x_miss - x_down * y_miss) * scale
        to_v = v + (x_right * y_miss - y_right * x_miss) * scale
        return (
            np.minimum(np.maximum(to_u, -0.5 * width), 1.5 * width),
            np.minimum(np.maximum(to_v, -0.5 * height), 1.5 * height),
            np.maximum(np.abs(x_miss), np.abs(y_miss)),
        )

    def roughly_inverted(self, width: int, height: int) -> Cells:
        """The inverse on a coarse grid of `width` x `height` px of what it maps to."""
        columns, rows = (-(-side // _ROUGH_CELL) + 1 for side in (width, height))
        # Each node of it begins at a corner of a cell that is mapped to its surroundings.
        j = np.floor(self.polynomials[0] * (1.0 / _ROUGH_CELL) + 0.5)
        i = np.floor(self.polynomials[4] * (1.0 / _ROUGH_CELL) + 0.5)
        there = np.flatnonzero((i >= 0) & (i < rows) & (j >= 0) & (j < columns))
        nearest = np.full((rows, columns), -1)
        nearest[i[there].astype(np.intp), j[there].astype(np.intp)] = there
        corners = _spread(nearest).ravel()
        u = (corners % self.columns).astype(np.float64) * self.cell
        v = (corners // self.columns).astype(np.float64) * self.cell
        x, y = np.meshgrid(
            np.arange(columns, dtype=np.float64) * _ROUGH_CELL,
            np.arange(rows, dtype=np.float64) * _ROUGH_CELL,
        )
        for _ in range(_ROUGH_STEPS):
            u, v, _ = self.step(u, v, x.ravel(), y.ravel())
        offsets = np.stack([u.reshape(x.shape) - x, v.reshape(x.shape) - y], axis=2)
        return Cells.of(offsets, _ROUGH_CELL)


def _spread(numbers: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Fill what is negative with a number that is near, in its row if there is one."""
    for turned in (numbers, numbers[:, ::-1], numbers.T, numbers.T[:, ::-1]):
        known = turned >= 0
        last = np.maximum.accumulate(np.where(known, np.arange(turned.shape[1]), 0), axis=1)
        turned[:] = np.take_along_axis(turned, last, axis=1)
    return np.maximum(numbers, 0)


def inverted(cells: Cells, start: Cells, points: Floats) -> Floats:
    """Find what `cells` map to points.

    Parameters
    ----------
    cells
        The map.
    start
        Roughly its inverse.
    points
        float64, shape (n, 2), finite.

    Returns
    -------
    ndarray
        float64, shape (n, 2): mapped to within `ENOUGH` of the points, or outside the cells. NaN
        where neither was found.
    """
    x, y = points[:, 0], points[:, 1]
    u, v = start.at(x, y)
    u, v, _ = cells.step(u, v, x, y)
    next_u, next_v, miss = cells.step(u, v, x, y)
    left = np.flatnonzero(miss > ENOUGH)
    for k in range(_STEPS):
        if not left.size:
            break
        # Across the kink between two cells whole steps may go back and forth for ever.
        part = 1.0 if k < _STEPS // 2 else 0.5
        u[left] += (next_u[left] - u[left]) * part
        v[left] += (next_v[left] - v[left]) * part
        next_u[left], next_v[left], miss = cells.step(u[left], v[left], x[left], y[left])
        left = left[miss > ENOUGH]
    right, bottom = cells.columns * cells.cell, cells.rows * cells.cell
    inside = (u[left] >= 0) & (u[left] <= right) & (v[left] >= 0) & (v[left] <= bottom)
    u[left[inside]] = v[left[inside]] = np.nan
    return np.stack([u, v], axis=1)
