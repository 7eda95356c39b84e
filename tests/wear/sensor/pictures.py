"""What sensors see, and effects with given amounts."""

from __future__ import annotations

import numpy as np

from ecgmpi.wear.effect import Drawn, Effect, PageFacts
from ecgmpi.wear.states import Bytes, SensorState

PX_PER_MM = 200 / 25.4


def drawn(effect: Effect[SensorState], seed: int = 3, **amounts: float) -> Drawn:
    """Draw an effect with these amounts; the others are neutral."""
    neutral = {parameter.name: parameter.neutral for parameter in effect.parameters}
    assert set(amounts) <= set(neutral)
    chance = np.random.Generator(np.random.PCG64(seed))
    return effect.draw({**neutral, **amounts}, chance, PageFacts(2200, 1700, PX_PER_MM))


def page(height: int = 300, width: int = 400) -> Bytes:
    """Give paper with a red grid and a black line."""
    pixels = np.full((height, width, 3), 250, np.uint8)
    pixels[::8] = pixels[:, ::8] = (200, 205, 250)
    pixels[::40] = pixels[:, ::40] = (126, 128, 232)
    pixels[height // 2 - 4 : height // 2 + 4] = 10
    return pixels


def sensor(pixels: Bytes | None = None) -> SensorState:
    """Give a state of these pixels, which are copied."""
    return SensorState((page() if pixels is None else pixels).copy(), PX_PER_MM)
