"""Noise of a sensor: in brightness, and a little in colour."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import Bytes, SensorState
from ecgmpi.wear.tiles import tiles

SIZE = 512
"""Of the tile of noise, px."""

_SEED = 31_337
_SPREAD = 32
"""Standard deviation of the tile around `_MIDDLE`, grey levels."""

_MIDDLE = 128


class Noise:
    """Noise, nearly normal, that neighbours share a little of, as cameras make it.

    One tile of it serves all copies: scaled, and from a drawn place on.
    """

    name = "noise"
    about = "noise of the sensor, in brightness and a little in colour"
    parameters: tuple[Parameter, ...] = (
        Parameter("sigma_levels", "standard deviation, grey levels", 0.0, 0.0, 30.0),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw where on the tile the picture begins."""
        return {**amounts, "first_px": [int(chance.integers(SIZE)), int(chance.integers(SIZE))]}

    def apply(self, drawn: Drawn, state: SensorState) -> None:
        """Add it."""
        cv2 = opencv()
        tile = (
            noise_tile() if state.pixels.ndim == 3 else np.ascontiguousarray(noise_tile()[..., 0])
        )
        levels = (np.arange(256.0) - _MIDDLE) * (drawn["sigma_levels"] / _SPREAD)
        brighter = np.floor(np.clip(levels, 0.0, 255.0) + 0.5).astype(np.uint8)
        darker = np.floor(np.clip(-levels, 0.0, 255.0) + 0.5).astype(np.uint8)
        # What is added and what is subtracted: neither takes more than a byte a pixel.
        more, less = cv2.LUT(tile, brighter), cv2.LUT(tile, darker)
        for area, part in tiles(state.pixels.shape, tile.shape, drawn["first_px"]):
            place = state.pixels[area]
            cv2.add(place, more[part], place)
            cv2.subtract(place, less[part], place)


@lru_cache(maxsize=1)
def noise_tile() -> Bytes:
    """Give the tile: uint8, shape (512, 512, 3), 128 on average, standard deviation 32."""
    chance = np.random.Generator(np.random.PCG64(_SEED))
    brightness = _softened(_lots(chance, (SIZE, SIZE)))
    colour = _softened(_softened(_lots(chance, (SIZE, SIZE, 3))))
    # Variances of the sums below: 5/8 of the lots' for one softening, (35/128)^2... are measured.
    values = brightness[:, :, None] / _spread(brightness) + 0.35 * (colour / _spread(colour))
    scaled = values * (_SPREAD / 1.06) + _MIDDLE
    return np.floor(np.clip(scaled, 0.0, 255.0) + 0.5).astype(np.uint8)


def _lots(chance: np.random.Generator, shape: tuple[int, ...]) -> npt.NDArray[np.int64]:
    """Sums of eight even lots, around 0: normal within what a byte can tell."""
    total = np.zeros(shape, np.int64)
    for _ in range(8):
        total += chance.integers(-64, 65, shape)
    return total


def _softened(lots: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Mix neighbours in; the tile can still be repeated."""
    for axis in (0, 1):
        lots = 4 * lots + np.roll(lots, 1, axis) + np.roll(lots, -1, axis)
    return lots


def _spread(lots: npt.NDArray[np.int64]) -> float:
    """Standard deviation of lots around 0, from whole numbers alone."""
    return float(np.sqrt(int((lots * lots).sum()) / lots.size))
