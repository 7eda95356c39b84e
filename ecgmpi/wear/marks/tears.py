"""Tears from an edge inwards, and corners that are torn off, with the white fibres they show."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.states import Floats, MarksState

from .holes import take
from .outline import filled, turned
from .patch import cover
from .pens import between
from .strokes import Nib, Stroke, ink
from .texture import generator, new_seed

FIBRE = (242, 244, 245)
SIDES = {"top": 0.0, "right": 90.0, "bottom": 180.0, "left": 270.0}
"""That a tear from the upper edge downwards is turned by, degrees clockwise."""


class Tears:
    """Tears the sheet: the background is seen where it gapes."""

    name = "tears"
    about = "tears from the edges and torn corners; the background is seen"
    parameters: tuple[Parameter, ...] = (
        Parameter("count", "tears", 0, 0, 10, whole=True),
        Parameter("length_mm", "length of a tear", 0.0, 0.0, 90.0),
        Parameter("gap_mm", "how wide it gapes at the edge", 0.0, 0.0, 12.0),
        Parameter("corner_part", "part of the tears that takes a corner off", 0.0, 0.0, 0.6),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the side, place, length and direction of each."""
        tears = []
        for _ in range(int(amounts["count"])):
            side = tuple(SIDES)[int(chance.integers(4))]
            flat = side in ("top", "bottom")
            edge, depth = page.width_mm, page.height_mm
            if not flat:
                edge, depth = depth, edge
            corner = bool(chance.random() < amounts["corner_part"])
            length = min(amounts["length_mm"] * between(chance, 0.4, 1.3), 0.6 * depth)
            along = between(chance, 0.04, 0.96) * edge
            x, y = {
                "top": (along, 0.0),
                "right": (page.width_mm, along),
                "bottom": (along, page.height_mm),
                "left": (0.0, along),
            }[side]
            if corner:
                x = 0.0 if x < page.width_mm / 2 else page.width_mm
                y = 0.0 if y < page.height_mm / 2 else page.height_mm
            tears.append(
                {
                    "kind": "corner" if corner else "tear",
                    "side": side,
                    "at_mm": [x, y],
                    "length_mm": length,
                    "gap_mm": amounts["gap_mm"] * between(chance, 0.4, 1.3),
                    "lean": between(chance, -0.5, 0.5),
                    "seed": new_seed(chance),
                }
            )
        return {"tears": tears}

    def apply(self, drawn: Drawn, state: MarksState) -> None:
        """Whiten the fibres along the tear, then take the gap away."""
        height_mm = state.pixels.shape[0] / state.px_per_mm
        width_mm = state.pixels.shape[1] / state.px_per_mm
        for tear in drawn["tears"]:
            chance = generator(tear["seed"])
            if tear["kind"] == "corner":
                gap, side = _corner(tear, width_mm, height_mm, chance)
            else:
                gap, side = _gap(tear, chance)
            shape, px_per_mm = state.pixels.shape, state.px_per_mm
            pressure = chance.random(len(side))
            fibres = ink(
                [Stroke(side, pressure)], Nib(0.9, 0.2, 0.7, 0.35), px_per_mm, shape, chance
            )
            cover(state, fibres, FIBRE)
            take(state, filled([gap], px_per_mm, shape))


def _jagged(begin: Floats, end: Floats, rough: float, chance: np.random.Generator) -> Floats:
    """Give a line as paper tears: coarse turns, and finer ones upon them; mm."""
    count = 33
    t = np.arange(count)[:, None] / (count - 1)
    along = end - begin
    normal = np.array([-along[1], along[0]])
    strays = np.zeros(count)
    for step, size in ((8, 0.09), (4, 0.05), (1, 0.014)):
        knots = np.repeat(2 * chance.random(count // step + 2) - 1, 1)
        at = np.arange(count) / step
        first = np.floor(at).astype(np.int64)
        part = at - first
        strays += size * (knots[first] * (1 - part) + knots[first + 1] * part)
    # Both ends stay where they are.
    strays *= np.minimum(1.0, 6 * t[:, 0]) * np.minimum(1.0, 6 * (1 - t[:, 0]))
    line: Floats = begin + t * along + rough * strays[:, None] * normal
    return line


def _gap(tear: Drawn, chance: np.random.Generator) -> tuple[Floats, Floats]:
    """Give the outline of the gap, and the torn side that shows its fibres."""
    length, half = tear["length_mm"], tear["gap_mm"] / 2
    tip = np.array([tear["lean"] * length, length])
    one = _jagged(np.array([-half, -0.5]), tip, 1.0, chance)
    # Both sides are parts of one line: they fit each other, but for how far they gape.
    t = np.arange(len(one))[:, None] / (len(one) - 1)
    other = one + (1 - t) * np.array([2 * half, 0.0])
    turn = SIDES[tear["side"]]
    outline = turned(np.concatenate([one, other[::-1]]), turn) + tear["at_mm"]
    shown = one if chance.random() < 0.5 else other
    return outline, turned(shown, turn) + tear["at_mm"]


def _corner(
    tear: Drawn, width_mm: float, height_mm: float, chance: np.random.Generator
) -> tuple[Floats, Floats]:
    x, y = tear["at_mm"]
    inward = np.array([1.0 if x < width_mm / 2 else -1.0, 1.0 if y < height_mm / 2 else -1.0])
    size = 0.7 * tear["length_mm"]
    corner = np.array([x, y])
    begin = corner + inward * (size * (1 + tear["lean"]), -0.5)
    end = corner + inward * (-0.5, size * (1 - tear["lean"]))
    line = _jagged(begin, end, 1.0, chance)
    return np.concatenate([line, (corner - inward)[None]]), line
