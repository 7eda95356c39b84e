"""The pixels of a screen: red, green and blue stripes, with dark rows between."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import Floats, MarksState

_PHASES = 32
"""Places of a row of the picture within a row of the screen that are told apart."""

_LIT = 0.8
"""Part of a screen's row that is lit."""


class PixelGrid:
    """The lattice of a screen, on the page's own pixels: a camera then sees it in perspective.

    Each pixel of the page gets the light of the stripes that it covers. The brightest part keeps
    all its light.
    """

    name = "pixel_grid"
    about = "the pixels of a screen: red, green and blue stripes"
    parameters: tuple[Parameter, ...] = (
        Parameter("depth_part", "of the light that lacks between stripes", 0.0, 0.0, 0.9),
        Parameter("pitch_mm", "of the screen's pixels, as large as paper", 0.3, 0.15, 3.0),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw where the lattice begins."""
        return {**amounts, "phase_turns": [chance.random(), chance.random()]}

    def apply(self, drawn: Drawn, state: MarksState) -> None:
        """Take light away between the stripes."""
        height, width = state.pixels.shape[:2]
        pitch = max(drawn["pitch_mm"] * state.px_per_mm, 1.0)
        phase_x, phase_y = drawn["phase_turns"]
        x = np.arange(width) / pitch + phase_x
        # Blue is the last third of a pixel, red the first.
        columns = np.stack([_covered(x - k / 3.0, 1.0 / pitch, 1.0 / 3.0) for k in (2, 1, 0)], -1)
        columns *= min(1.0 / float(columns.max()), 3.0)
        y = np.arange(_PHASES) / _PHASES
        rows = _covered(y, 1.0 / pitch, _LIT)
        rows /= float(rows.max())
        lit = 1.0 - drawn["depth_part"] * (1.0 - columns[None] * rows[:, None, None])
        table = np.floor(255.0 * lit + 0.5).astype(np.uint8)
        turns = np.arange(height) / pitch + phase_y
        number = ((turns - np.floor(turns)) * _PHASES).astype(np.intp)
        pixels = state.pixels
        opencv().multiply(pixels, table.take(number, axis=0), pixels, scale=1.0 / 255.0)


def _covered(start: Floats, length: float, lit: float) -> Floats:
    """How much is lit of the way from `start` to `start + length`, where of each turn `lit` is."""

    def until(turns: Floats) -> Floats:
        whole = np.floor(turns)
        total: Floats = whole * lit + np.minimum(turns - whole, lit)
        return total

    return (until(start + length) - until(start)) / length
