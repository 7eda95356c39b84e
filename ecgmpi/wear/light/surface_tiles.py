"""What desks are made of: tiles of grey levels that a colour is put on."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ecgmpi.wear.states import Bytes, Floats

from .value_noise import generator, value_noise

SIZE = 512
"""Of a tile, px."""

WOOD, LAMINATE, CLOTH, PLAIN = "wood", "laminate", "cloth", "plain"

COLOURS: dict[str, tuple[tuple[int, int, int], ...]] = {
    WOOD: ((62, 98, 142), (92, 138, 182), (40, 62, 96), (138, 174, 202), (50, 84, 138)),
    LAMINATE: ((196, 198, 198), (222, 226, 228), (152, 154, 152), (172, 184, 192)),
    CLOTH: ((124, 108, 92), (82, 96, 72), (66, 62, 60), (186, 190, 192)),
    PLAIN: ((232, 234, 236), (54, 52, 52), (120, 124, 128), (204, 214, 222)),
}
"""Blue, green and red of each material."""

_SEED = 77_012


@lru_cache(maxsize=4)
def surface_tile(material: str) -> Bytes:
    """Give the tile of a material: uint8, shape (512, 512), 128 for its plain colour.

    It can be repeated in both directions.
    """
    chance = generator(_SEED)
    values = {WOOD: _wood, LAMINATE: _laminate, CLOTH: _cloth, PLAIN: _plain}[material](chance)
    return np.floor(np.clip(128.0 + values, 0.0, 255.0)).astype(np.uint8)


def _wood(chance: np.random.Generator) -> Floats:
    """Grain along the rows, which wanders."""
    broad = value_noise(chance, SIZE, (16, 1)) + 0.7 * value_noise(chance, SIZE, (64, 2))
    fine = value_noise(chance, SIZE, (256, 4)) + 0.6 * value_noise(chance, SIZE, (512, 16))
    grain = 22.0 * broad + 14.0 * fine
    wander = 14.0 * value_noise(chance, SIZE, (4, 8)) + 5.0 * value_noise(chance, SIZE, (8, 16))
    rows = (np.arange(SIZE)[:, None] + np.floor(wander).astype(np.intp)) % SIZE
    grain = np.take_along_axis(grain, rows, 0)
    # Pores: short dark dashes.
    pores = value_noise(chance, SIZE, (256, 32))
    return grain - 26.0 * np.maximum(pores - 0.7, 0.0) / 0.3


def _laminate(chance: np.random.Generator) -> Floats:
    """Fine speckles."""
    speckles = value_noise(chance, SIZE, (256, 256))
    return 5.0 * value_noise(chance, SIZE, (32, 32)) + 9.0 * speckles


def _cloth(chance: np.random.Generator) -> Floats:
    """Threads across each other."""
    x = np.arange(SIZE) % 8
    thread = np.minimum(x, 8 - x) / 4.0 - 0.5
    over = ((np.arange(SIZE) // 8)[:, None] + (np.arange(SIZE) // 8)[None, :]) % 2 == 0
    weave = np.where(over, thread[:, None], thread[None, :])
    return 34.0 * weave + 14.0 * value_noise(chance, SIZE, (128, 128))


def _plain(chance: np.random.Generator) -> Floats:
    """Nearly nothing."""
    return 2.5 * value_noise(chance, SIZE, (8, 8)) + 2.0 * value_noise(chance, SIZE, (256, 256))
