"""How the sheet lies: layers of bending, over the plane of a desk or a platen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Layer(Protocol):
    """One way in which the sheet is bent. All lengths are mm, from the centre of the sheet."""

    @property
    def is_low(self) -> bool:
        """Whether it is so low that a ray meets the sheet where it would without it."""

    def paper(self, x: Floats, y: Floats, share: float) -> tuple[Floats, Floats]:
        """Which points of the paper are above points of the plane.

        Parameters
        ----------
        x, y
            Points of the plane.
        share
            Of the bending: 1 for all of it, 0 for a flat sheet.
        """

    def height(self, x: Floats, y: Floats, share: float) -> Floats:
        """How high the sheet is above points of the plane; below it, negative."""


@dataclass(slots=True, eq=False)
class Surface:
    """The sheet: each layer lies on the one before it.

    A layer takes for its plane what the layer before it says is the paper. Heights add up.
    """

    layers: list[Layer] = field(default_factory=list)

    def add(self, layer: Layer) -> None:
        """Bend the sheet once more."""
        self.layers.append(layer)

    def height(self, x: Floats, y: Floats, share: float = 1.0, low: bool = True) -> Floats:
        """How high the sheet is above points of the plane, mm, with or without `low` layers."""
        total = np.zeros(x.shape)
        layers = [layer for layer in self.layers if low or not layer.is_low]
        for k, layer in enumerate(layers):
            total += layer.height(x, y, share)
            if k + 1 < len(layers):
                x, y = layer.paper(x, y, share)
        return total

    def paper(self, x: Floats, y: Floats, share: float = 1.0) -> tuple[Floats, Floats]:
        """Which points of the paper are above points of the plane, mm from its centre."""
        for layer in self.layers:
            x, y = layer.paper(x, y, share)
        return x, y
