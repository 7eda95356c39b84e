"""What a camera makes of a screen's light: moiré, and bands of a lamp or screen that flickers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.states import Floats, LightState

from .exposure import CELL
from .soft_shapes import wave

_COLOURS = (1.0 / 3.0, 0.0, -1.0 / 3.0)
"""Turns between the stripes of blue, green and red: their sub-pixels lie side by side."""

_FINEST = 0.4
"""Turns from one node to the next at which stripes are too fine to be seen."""


class Moire:
    """Stripes in colour, where the rows of a screen's pixels beat with those of the sensor.

    Sensor pixels that are nearly as large as the screen's sample its lattice once a period: what is
    left is the difference of both, which turns slowly. It is taken from where the nodes lie on the
    screen, so perspective bends the stripes as it does in a photograph. Fine stripes fade out.
    """

    name = "moire"
    about = "stripes in colour over a screen, bent by perspective"
    parameters: tuple[Parameter, ...] = (
        Parameter("strength_part", "of the light, between stripes", 0.0, 0.0, 0.5),
        Parameter("pitch_mm", "of the screen's pixels, as large as paper", 1.0, 0.3, 5.0),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw how far the sensor's pixels are from the screen's in size and place."""
        return {
            **amounts,
            "off_part": [0.06 * chance.random() - 0.03 for _ in range(2)],
            "turn_part": [0.03 * chance.random() - 0.015 for _ in range(2)],
            "phase_turns": [chance.random() for _ in range(2)],
        }

    def apply(self, drawn: Drawn, state: LightState) -> None:
        """Strengthen and weaken the light of each colour."""
        rows, columns = state.x_mm.shape
        u, v = np.arange(columns)[None, :] * CELL, np.arange(rows)[:, None] * CELL
        scale = 1.0 / (state.px_per_mm * drawn["pitch_mm"])
        (off_x, off_y), (turn_x, turn_y) = drawn["off_part"], drawn["turn_part"]
        phase_x, phase_y = drawn["phase_turns"]
        sensor_x = scale * ((1.0 + off_x) * u + turn_x * v)
        sensor_y = scale * ((1.0 + off_y) * v + turn_y * u)
        across = state.x_mm / drawn["pitch_mm"] - sensor_x + phase_x
        along = state.y_mm / drawn["pitch_mm"] - sensor_y + phase_y
        seen_across, seen_along = _seen(across), _seen(along)
        for channel, turns in enumerate(_COLOURS):
            stripes = seen_across * wave(across + turns)
            # Rows of pixels have no colours: their stripes are grey.
            stripes += 0.4 * seen_along * wave(along)
            state.field[:, :, channel] *= 1.0 + 0.5 * drawn["strength_part"] * stripes


def _seen(turns: Floats) -> Floats:
    """How much is seen of stripes: less, the more they turn from one node to the next."""
    fine = np.zeros_like(turns)
    for axis in (0, 1):
        step = np.abs(np.diff(turns, axis=axis))
        fine = np.maximum(fine, np.concatenate([step, step.take([-1], axis)], axis))
    left = np.maximum(1.0 - fine / _FINEST, 0.0)
    return left * left * (3.0 - 2.0 * left)


class Flicker:
    """Dark bands across the picture: rows of a sensor are read while the light flickers."""

    name = "flicker"
    about = "dark bands along the rows, of light that flickers"
    parameters: tuple[Parameter, ...] = (
        Parameter("depth_part", "of the light that the bands lack", 0.0, 0.0, 0.6),
        Parameter("bands", "in the height of the picture", 2.0, 0.5, 12.0),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw where the bands are."""
        return {**amounts, "phase_turns": chance.random()}

    def apply(self, drawn: Drawn, state: LightState) -> None:
        """Take light away."""
        v = np.arange(state.field.shape[0]) * (CELL / state.height)
        bands = 0.5 + 0.5 * wave(drawn["bands"] * v + drawn["phase_turns"])
        state.field *= (1.0 - drawn["depth_part"] * bands)[:, None, None]
