"""A better decoder: the samples whose stroke, as the annotation describes it, fits the ink best.

The picture of a polyline stroked by a disc is modelled here, on some sub-columns of each
pixel column, and its samples moved, by damped Gauss and Newton, until the model covers each
pixel as much as the ink does.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import spsolve

from .ink import Floats, by_centroid, heights, millivolts, own_ink, sample_x

SUBCOLUMNS = 6
ROUNDS = 30
_FINE = 12  # points a pixel on which the line is taken
Ints = npt.NDArray[np.intp]


def by_fit(ink: Floats, lead: dict[str, Any], said: dict[str, Any]) -> Floats:
    """Decode a trace; float64, shape (samples,), mV."""
    spot, y, x = own_ink(ink, lead, said)
    at = sample_x(lead, said)
    start = by_centroid(ink, lead, said)
    line = heights(start, lead, said) - y[0]
    model = _Stroke(at - (x[0] - 0.5), spot.shape, said["trace_width"] / 2)
    best, least, damping = line, np.inf, 0.02
    for _ in range(ROUNDS):
        covered, change = model.covered(line)
        missing = spot.ravel() - covered
        error = float(missing @ missing)
        if error < least:
            best, least, damping = line, error, max(damping / 3, 1e-4)
            normal, towards = change.T @ change, change.T @ missing
        else:
            damping *= 4
            if damping > 1e3:
                break
        step = spsolve((normal + damping * sparse.eye(len(line))).tocsc(), towards)
        line = best + np.clip(step, -1.5, 1.5)
    return millivolts(best + y[0], lead, said)


class _Stroke:
    """How a stroked line of samples at `x` covers the pixels of a window."""

    def __init__(self, x: Floats, shape: tuple[int, ...], radius: float) -> None:
        self._rows, self._columns = shape
        self._x = x
        sub = (np.arange(self._columns * SUBCOLUMNS) + 0.5) / SUBCOLUMNS
        reach = int(np.ceil(radius * _FINE))
        away = np.linspace(-radius, radius, 2 * reach + 1)
        at = sub[:, None] + away
        inside = (at >= x[0]) & (at <= x[-1])
        place = np.clip(np.interp(at, x, np.arange(len(x))), 0, len(x) - 1 - 1e-9)
        self._left: Ints = place.astype(np.intp)
        self._weight = place - self._left
        rise = np.sqrt(np.maximum(0, radius**2 - away**2))
        self._rise = np.where(inside, rise, -np.inf)
        self._inked = inside.any(1)

    def covered(self, line: Floats) -> tuple[Floats, sparse.csr_matrix]:
        """The coverage of each pixel, and how it changes with each sample."""
        y = line[self._left] * (1 - self._weight) + line[self._left + 1] * self._weight
        coverage = np.zeros(self._rows * self._columns)
        entries: list[tuple[Floats, Ints, Ints]] = []
        column = np.arange(len(y)) // SUBCOLUMNS
        total = np.zeros((self._rows + 1, self._columns))
        for sign, height in ((1.0, y - self._rise), (-1.0, y + self._rise)):
            which = (height.argmin(1) if sign > 0 else height.argmax(1))[:, None]
            edge = np.take_along_axis(height, which, 1)[:, 0]
            left = np.take_along_axis(self._left, which, 1)[:, 0]
            weight = np.take_along_axis(self._weight, which, 1)[:, 0]
            there = self._inked & (edge > 0) & (edge < self._rows - 1)
            edge, left, weight = edge[there], left[there], weight[there]
            row, own = edge.astype(np.intp), column[there]
            part = edge - row
            np.add.at(total, (row, own), sign * (1 - part) / SUBCOLUMNS)
            np.add.at(total, (row + 1, own), sign * part / SUBCOLUMNS)
            pixel = row * self._columns + own
            for sample, share in ((left, 1 - weight), (left + 1, weight)):
                entries.append((-sign * share / SUBCOLUMNS, pixel, sample))
        coverage = np.cumsum(total, axis=0)[:-1].ravel()
        values, pixels, samples = (np.concatenate(kind) for kind in zip(*entries, strict=True))
        shape = (self._rows * self._columns, len(line))
        return coverage, sparse.csr_matrix((values, (pixels, samples)), shape=shape)
