"""Toner: ink that has faded, and black that is not quite black."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.states import PrintState

from .ink import below, coverage


class Toner:
    """Fades trace and letters towards what lies below them, and tints what is left.

    The grid is preprinted and does not change.
    """

    name = "toner"
    about = "ink of trace and letters: how much of it has faded, and how grey its black is"
    parameters: tuple[Parameter, ...] = (
        Parameter("fade_part", "part of the contrast that is lost", 0.0, 0.0, 0.72),
        Parameter("black_levels", "grey levels that full ink misses black by", 0.0, 0.0, 90.0),
        Parameter("tint_levels", "most that a colour of the ink differs by", 0.0, 0.0, 40.0),
    )

    def draw(
        self,
        amounts: Mapping[str, float],
        chance: np.random.Generator,
        page: PageFacts,
    ) -> Drawn:
        """Draw the tint: levels of red, green and blue."""
        tint = amounts["tint_levels"]
        return {
            "fade_part": amounts["fade_part"],
            "black_levels": amounts["black_levels"],
            "tint_levels": [tint * (2 * chance.random() - 1) for _ in range(3)],
        }

    def apply(self, drawn: Drawn, state: PrintState) -> None:
        """Change the palette."""
        under = below(state.palette)
        ink = state.palette - under
        # Grey comes nearer to the paper: ink that is lighter than the paper becomes darker.
        lighter = np.where(ink[:, 0] + ink[:, 1] + ink[:, 2] <= 0, 1.0, -1.0)
        off = drawn["black_levels"] * lighter[:, None] + np.array(drawn["tint_levels"])
        greyer = np.minimum(np.maximum(state.palette + coverage()[:, None] * off, 0.0), 255.0)
        # Never further than the paper itself, so that pale ink does not turn into light.
        contrast = np.where((greyer - under) * ink < 0, 0.0, greyer - under)
        state.palette[:] = under + contrast * (1 - drawn["fade_part"])
