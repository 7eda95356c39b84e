"""What is put over the page and hides it: stickers, and correction fluid."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.states import Floats, MarksState

from .handwriting import Hand, written
from .outline import filled, turned
from .patch import cover, tint
from .pens import between, place_on
from .strokes import Nib, Stroke, ink, smooth
from .texture import generator, new_seed

STICKERS = ((248, 250, 250), (246, 248, 249), (176, 236, 250), (214, 236, 214))
"""Blue, green, red: white ones, a yellow one, a pale green one."""
PRINT = (58, 56, 56)
SHADOW = (196, 200, 202)
FLUID = (246, 249, 248)
_PRINTED = Hand(slant=0.0, narrow=0.9, unsteady=0.0, uneven=0.0, joins=0.0, rise=0.0)


class Labels:
    """Puts stickers with a bar code and a number on the page; they hide what is below."""

    name = "labels"
    about = "paper stickers with a bar code and a number, which hide what is below"
    parameters: tuple[Parameter, ...] = (
        Parameter("count", "stickers", 0, 0, 4, whole=True),
        Parameter("width_mm", "width of a sticker", 45.0, 20.0, 80.0),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the size, middle, angle, colour and number of each."""
        labels = []
        for _ in range(int(amounts["count"])):
            width = min(amounts["width_mm"] * between(chance, 0.8, 1.2), 0.5 * page.width_mm)
            height = min(width * between(chance, 0.35, 0.55), 0.4 * page.height_mm)
            x, y = place_on(chance, page, width, height)
            labels.append(
                {
                    "middle_mm": [x + width / 2, y + height / 2],
                    "size_mm": [width, height],
                    "angle_deg": between(chance, -6, 6),
                    "colour": list(STICKERS[int(chance.integers(len(STICKERS)))]),
                    "number": f"{chance.integers(100, 1000)} {chance.integers(1000, 10000)}",
                    "seed": new_seed(chance),
                }
            )
        return {"labels": labels}

    def apply(self, drawn: Drawn, state: MarksState) -> None:
        """Lay the shadow of its edge, the sticker, and its print."""
        shape, px_per_mm = state.pixels.shape, state.px_per_mm
        for label in drawn["labels"]:
            chance = generator(label["seed"])
            across, down = label["size_mm"][0] / 2, label["size_mm"][1] / 2
            angle, middle = label["angle_deg"], np.array(label["middle_mm"])
            sheet = turned(_rounded(across, down), angle) + middle
            tint(state, filled([sheet + 0.35], px_per_mm, shape, pad=2), SHADOW)
            cover(state, filled([sheet], px_per_mm, shape, pad=2), label["colour"])
            bars = [turned(bar, angle) + middle for bar in _bars(0.86 * across, down, chance)]
            tint(state, filled(bars, px_per_mm, shape, pad=2), PRINT)
            high = 0.3 * down
            text = written(label["number"], _PRINTED, high, (-0.8 * across, 0.8 * down), chance)
            lines = [Stroke(turned(line.points, angle) + middle, line.pressure) for line in text]
            tint(state, ink(lines, Nib(0.12 * high), px_per_mm, shape), PRINT)


def _rounded(across: float, down: float) -> Floats:
    """Give a rectangle about (0, 0) whose corners are cut."""
    cut = 0.8
    x, y = across - cut, down - cut
    points = [(-x, -down), (x, -down), (across, -y), (across, y), (x, down), (-x, down)]
    return np.array([*points, (-across, y), (-across, -y)])


def _bars(across: float, down: float, chance: np.random.Generator) -> list[Floats]:
    """Give the bars of a bar code, which says nothing."""
    bars, x, module = [], -across, 2 * across / 95
    while x < across - 4 * module:
        wide = module * int(chance.integers(1, 4))
        top, bottom = -0.75 * down, 0.3 * down
        bars.append(np.array([[x, top], [x + wide, top], [x + wide, bottom], [x, bottom]]))
        x += wide + module * int(chance.integers(1, 4))
    return bars


class Whitener:
    """Paints correction fluid over the page, which hides what is below."""

    name = "whitener"
    about = "strokes of correction fluid, which hide what is below"
    parameters: tuple[Parameter, ...] = (
        Parameter("count", "places painted over", 0, 0, 6, whole=True),
        Parameter("length_mm", "length of a place", 14.0, 4.0, 40.0),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the place and length of each, and how many strokes lie below each other."""
        places = []
        for _ in range(int(amounts["count"])):
            length = min(amounts["length_mm"] * between(chance, 0.6, 1.5), 0.5 * page.width_mm)
            places.append(
                {
                    "place_mm": place_on(chance, page, length, 8.0),
                    "length_mm": length,
                    "rows": int(chance.integers(1, 4)),
                    "brush_mm": between(chance, 2.6, 4.2),
                    "seed": new_seed(chance),
                }
            )
        return {"places": places}

    def apply(self, drawn: Drawn, state: MarksState) -> None:
        """Paint, with a thin shadow below the fluid's edge."""
        shape, px_per_mm = state.pixels.shape, state.px_per_mm
        for place in drawn["places"]:
            chance = generator(place["seed"])
            x, y = place["place_mm"]
            knots = []
            for row in range(place["rows"]):
                pair = [[0.0, 0.0], [0.5, 0.0], [1.0, 0.0]][:: -1 if row % 2 else 1]
                knots += [
                    [part * place["length_mm"], row * 0.6 * place["brush_mm"]] for part, _ in pair
                ]
            points = np.array(knots) + 0.8 * (2 * chance.random((len(knots), 2)) - 1) + (x, y)
            curve = smooth(points, 6)
            pressure = np.clip(0.5 + 0.6 * smooth(chance.random(len(points)), 6), 0.0, 1.0)
            brush = Nib(place["brush_mm"], thinnest=0.65, palest=1.0, grain=0.06)
            below = ink([Stroke(curve + 0.2, pressure)], brush, px_per_mm, shape)
            tint(state, below, (222, 224, 226))
            cover(state, ink([Stroke(curve, pressure)], brush, px_per_mm, shape, chance), FLUID)
