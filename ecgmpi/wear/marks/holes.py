"""Holes of a punch, along an edge of the sheet."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.states import HIDDEN, MarksState

from .outline import directions, filled
from .patch import Patch, tint
from .pens import between

PITCHES_MM = {2: 80.0, 3: 108.0, 4: 80.0}
"""Between holes: two and four as ISO 838 has them, three as for US Letter."""
RIM = (196, 202, 204)


class Holes:
    """Punches holes: the background is seen through them."""

    name = "holes"
    about = "punch holes along an edge"
    parameters: tuple[Parameter, ...] = (
        Parameter("diameter_mm", "diameter of a hole", 6.0, 3.0, 9.0),
        Parameter("edge_mm", "from the edge to the middle of a hole", 11.0, 5.0, 20.0),
        Parameter("times", "how often the sheet was punched", 0, 0, 3, whole=True),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the side, and the middle of each hole, mm."""
        holes = []
        for _ in range(int(amounts["times"])):
            left = bool(chance.random() < 0.6)
            number = (2, 2, 3, 4)[int(chance.integers(4))]
            length = page.height_mm if left else page.width_mm
            if (number - 1) * PITCHES_MM[number] > 0.9 * length:
                number = 2
            pitch = min(PITCHES_MM[number], 0.6 * length)
            edge = amounts["edge_mm"] + between(chance, -2, 2)
            middle = length / 2 + between(chance, -4, 4)
            for k in range(number):
                along = middle + (k - (number - 1) / 2) * pitch
                x, y = (edge, along) if left else (along, edge)
                if x < page.width_mm and y < page.height_mm:
                    holes.append([x, y])
        return {"diameter_mm": amounts["diameter_mm"], "holes_mm": holes}

    def apply(self, drawn: Drawn, state: MarksState) -> None:
        """Take the paper away, and press its rim a little."""
        shape, radius = state.pixels.shape, drawn["diameter_mm"] / 2
        for hole in drawn["holes_mm"]:
            circle = directions(72)
            rim = filled([circle * (radius + 0.25) + hole], state.px_per_mm, shape, pad=2)
            tint(state, rim, RIM)
            take(state, filled([circle * radius + hole], state.px_per_mm, shape, pad=2))


def take(state: MarksState, patch: Patch) -> None:
    """Take paper away where at least half of a pixel is covered."""
    where, coverage = patch.on(state.pixels.shape)
    gone = coverage > HIDDEN // 2
    state.gone.hide(where, gone)
    state.hidden.hide(where, gone)
