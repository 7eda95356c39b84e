"""Sheets in the light: their nodes, flat, folded or turned."""

from __future__ import annotations

import numpy as np

from ecgmpi.wear.effect import Drawn, Effect, PageFacts
from ecgmpi.wear.exact import sine_cosine
from ecgmpi.wear.light.exposure import CELL
from ecgmpi.wear.states import LightState

PX_PER_MM = 100 / 25.4


def facts(width: int = 640, height: int = 480) -> PageFacts:
    """Give a page of 163 x 122 mm, at 100 dpi."""
    return PageFacts(width, height, PX_PER_MM)


def sheet(page: PageFacts, zoom: float = 1.0, turned_deg: float = 0.0) -> LightState:
    """Give the light on a flat sheet, which the picture shows smaller than it is if zoom < 1."""
    rows, columns = -(-page.height // CELL) + 1, -(-page.width // CELL) + 1
    x = (np.arange(columns)[None, :] * float(CELL) - page.width / 2) / (page.px_per_mm * zoom)
    y = (np.arange(rows)[:, None] * float(CELL) - page.height / 2) / (page.px_per_mm * zoom)
    sine, cosine = sine_cosine(turned_deg)
    flat = np.zeros((rows, columns))
    return LightState(
        width=page.width,
        height=page.height,
        px_per_mm=page.px_per_mm,
        x_mm=cosine * x + sine * y,
        y_mm=cosine * y - sine * x,
        height_mm=flat,
        slope_x=flat.copy(),
        slope_y=flat.copy(),
        field=np.ones((rows, columns, 3)),
        glow=np.zeros((rows, columns)),
        # It may be seen through the sheet anywhere.
        openings=[(slice(0, page.height), slice(0, page.width))],
    )


def drawn(effect: Effect[LightState], page: PageFacts, seed: int = 3, **amounts: float) -> Drawn:
    """Draw an effect with these amounts; the others are neutral."""
    neutral = {parameter.name: parameter.neutral for parameter in effect.parameters}
    assert set(amounts) <= set(neutral)
    chance = np.random.Generator(np.random.PCG64(seed))
    return effect.draw({**neutral, **amounts}, chance, page)
