"""The texture of paper: fibres and clouds, as light that comes back unevenly."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.exact import sine_cosine
from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import Bytes, LightState, Texture

from .value_noise import generator, value_noise

_SIZE = 512
"""Of the tile, px: 65 mm at 200 dpi."""

_SEED = 20_201
_FIBRES = 700
_DEEPEST = 100
"""Value of the darkest part of the tile, above 0 for the brightest."""


class PaperTexture:
    """Fibres and clouds of the paper. One tile serves all copies, from a drawn place on."""

    name = "paper_texture"
    about = "fibres and clouds of the paper"
    parameters: tuple[Parameter, ...] = (
        Parameter("depth_levels", "grey levels that its dark parts lack", 0.0, 0.0, 40.0),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw where on the tile the picture begins."""
        first = [int(chance.integers(_SIZE)), int(chance.integers(_SIZE))]
        return {**amounts, "first_px": first}

    def apply(self, drawn: Drawn, state: LightState) -> None:
        """Take light away where the paper is dark."""
        values = np.arange(256) * (drawn["depth_levels"] / _DEEPEST)
        darker = np.floor(np.minimum(values, 255.0) + 0.5).astype(np.uint8)
        tile = opencv().LUT(_fibres(), darker)
        state.textures.append(Texture(tile, drawn["first_px"]))


@lru_cache(maxsize=1)
def _fibres() -> Bytes:
    """Make the tile: uint8, shape (512, 512, 3), 0 to about `_DEEPEST`."""
    cv2 = opencv()
    chance = generator(_SEED)
    clouds = value_noise(chance, _SIZE, (16, 16)) + 0.8 * value_noise(chance, _SIZE, (64, 64))
    grain = 0.9 * value_noise(chance, _SIZE, (256, 256)) + 0.4 * value_noise(
        chance, _SIZE, (512, 512)
    )
    values = np.clip(40.0 + 10.0 * clouds + 16.0 * grain, 0.0, _DEEPEST)
    tile = np.floor(values).astype(np.uint8)
    lines = np.zeros((_SIZE, _SIZE), np.uint8)
    for _ in range(_FIBRES):
        cv2.polylines(lines, [_fibre(chance)], False, 22, 1, cv2.LINE_AA, 3)
    tile = cv2.add(tile, cv2.GaussianBlur(lines, (3, 3), 0.7))
    return np.ascontiguousarray(np.repeat(tile[:, :, None], 3, axis=2))


def _fibre(chance: np.random.Generator) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
    """Draw a short bent line, in eighths of a pixel: int32, shape (5, 2)."""
    x, y = float(_SIZE * 8 * chance.random()), float(_SIZE * 8 * chance.random())
    angle, bend = 360.0 * chance.random(), 50.0 * (chance.random() - 0.5)
    step = 8.0 * (2.0 + 5.0 * chance.random())
    points = np.empty((5, 2), np.int32)
    for point in points:
        point[:] = int(x), int(y)
        sine, cosine = sine_cosine(angle)
        x, y, angle = x + step * cosine, y + step * sine, angle + bend
    return points
