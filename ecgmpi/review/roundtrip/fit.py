"""A better decoder: the samples whose stroke, as the annotation describes it, fits the ink best.

The picture of a polyline stroked by a disc is modelled here, on some sub-columns of each
pixel column, and its samples moved, by damped Gauss and Newton, until the model covers each
pixel as much as the ink does. The picture may be blurred; then, so is the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import spsolve

from .ink import Floats, by_centroid, heights, millivolts, own_ink, sample_x

SUBCOLUMNS = 6
ROUNDS = 30
_SMOOTH = 0.003
"""How much a line is kept from bending where blur leaves it undecided; per px squared."""
_FINE = 12  # points a pixel on which the line is taken
Ints = npt.NDArray[np.intp]


def by_fit(
    ink: Floats, lead: dict[str, Any], said: dict[str, Any], blurs: Sequence[float] = ()
) -> Floats:
    """Decode a trace.

    Parameters
    ----------
    ink
        float64, shape (height, width): how much of each pixel ink covers, 0 to 1.
    lead, said
        The lead, and the annotation that it stands in.
    blurs
        Standard deviations of a Gaussian, px, of which the picture has one. If any is given, the
        ink may be paler than it is, too: both are found where the line is the centre of the ink.

    Returns
    -------
    ndarray
        float64, shape (samples,), mV.

    Raises
    ------
    ValueError
        There is no ink where the trace should be.
    """
    spot, y, x = own_ink(ink, lead, said)
    at = sample_x(lead, said)
    start = by_centroid(ink, lead, said)
    line = heights(start, lead, said) - y[0]
    model = _Stroke(at - (x[0] - 0.5), spot.shape, said["trace_width"] / 2)
    if blurs:
        model.blur, strength = _sharpest(model, line, spot, blurs)
        spot = spot / strength
    smooth = _SMOOTH * _bends(len(line)) if blurs else sparse.csr_matrix((len(line), len(line)))
    best, least, damping = line, np.inf, 0.02
    for _ in range(ROUNDS):
        covered, change = model.covered(line)
        missing = spot.ravel() - covered
        bent = smooth @ line
        error = float(missing @ missing) + float(line @ bent)
        if error < least:
            best, least, damping = line, error, max(damping / 3, 1e-4)
            normal, towards = change.T @ change + smooth, change.T @ missing - bent
        else:
            damping *= 4
            if damping > 1e3:
                break
        step = spsolve((normal + damping * sparse.eye(len(line))).tocsc(), towards)
        line = best + np.clip(step, -1.5, 1.5)
    return millivolts(best + y[0], lead, said)


def _sharpest(
    model: _Stroke, line: Floats, spot: Floats, blurs: Sequence[float]
) -> tuple[_Blur, float]:
    """The blur with which a line fits best, and how dark its ink is."""
    covered, _ = model.covered(line)
    found: list[tuple[float, _Blur, float]] = []
    for sigma in blurs:
        blur = _Blur(spot.shape, sigma)
        blurred = blur.down @ (blur.across @ covered)
        strength = float(blurred @ spot.ravel()) / float(blurred @ blurred)
        missing = spot.ravel() - strength * blurred
        found.append((float(missing @ missing), blur, strength))
    _, blur, strength = min(found, key=lambda one: one[0])
    return blur, strength


class _Blur:
    """What blurs the pixels of a window by a Gaussian, along rows and along columns."""

    def __init__(self, shape: tuple[int, ...], sigma: float) -> None:
        reach = int(np.ceil(3 * sigma))
        way = np.arange(-reach, reach + 1)
        kernel = np.exp(-np.square(way) / (2 * sigma**2))
        kernel /= kernel.sum()
        rows, columns = shape
        size = rows * columns
        self.down = sparse.diags(
            list(kernel), [int(k) * columns for k in way], shape=(size, size), format="csr"
        )
        along = sparse.diags(list(kernel), list(way), shape=(columns, columns), format="csr")
        self.across = sparse.kron(sparse.eye(rows), along, format="csr")


def _bends(samples: int) -> sparse.csr_matrix:
    """The sum of squares of second differences, as a quadratic form."""
    second = sparse.diags([1.0, -2.0, 1.0], [0, 1, 2], shape=(max(samples - 2, 0), samples))
    return sparse.csr_matrix(second.T @ second)


def _blur(shape: tuple[int, ...], sigma: float) -> sparse.csr_matrix:
    """What blurs the pixels of a window by a Gaussian."""
    reach = int(np.ceil(3 * sigma))
    way = np.arange(-reach, reach + 1)
    kernel = np.exp(-np.square(way) / (2 * sigma**2))
    down, across = (
        sparse.diags(list(kernel / kernel.sum()), list(way), shape=(side, side), format="csr")
        for side in shape
    )
    return sparse.csr_matrix(sparse.kron(down, across, format="csr"))


class _Stroke:
    """How a stroked line of samples at `x` covers the pixels of a window, blurred or not."""

    blur: _Blur | None = None

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
        change = sparse.csr_matrix((values, (pixels, samples)), shape=shape)
        if self.blur is not None:
            down, across = self.blur.down, self.blur.across
            return down @ (across @ coverage), down @ (across @ change)
        return coverage, change
