"""Strokes of a pen: underlines, arrows, brackets, scribbles, crossings out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.exact import sine_cosine
from ecgmpi.wear.states import Floats, MarksState

from .outline import turned
from .patch import tint
from .pens import INKS, PEN_MM, any_ink, between, nib, one_of, place_on
from .strokes import Stroke, ink, smooth
from .texture import generator, new_seed

KINDS = ("underline", "underline", "double underline", "arrow", "bracket", "scribble", "cross")


class Pen:
    """Draws strokes that are no letters."""

    name = "pen"
    about = "strokes of a pen: underlines, arrows, brackets, scribbles, crosses"
    parameters: tuple[Parameter, ...] = (
        Parameter("count", "strokes", 0, 0, 12, whole=True),
        Parameter("length_mm", "length of a stroke", 28.0, 6.0, 90.0),
        PEN_MM,
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the kind, ink, place, length, direction of each."""
        strokes = []
        for _ in range(int(amounts["count"])):
            kind = one_of(chance, KINDS)
            length = min(amounts["length_mm"] * between(chance, 0.5, 1.4), 0.8 * page.width_mm)
            if kind in ("scribble", "cross", "arrow"):
                length = min(length * 0.6, 0.7 * page.height_mm)
            flat = kind in ("underline", "double underline", "bracket")
            strokes.append(
                {
                    "kind": kind,
                    "ink": any_ink(chance),
                    "pen_mm": amounts["pen_mm"] * between(chance, 0.85, 1.2),
                    "place_mm": place_on(chance, page, length, 0.1 * length if flat else length),
                    "length_mm": length,
                    "angle_deg": between(chance, -4, 4) if flat else between(chance, -180, 180),
                    "seed": new_seed(chance),
                }
            )
        return {"strokes": strokes}

    def apply(self, drawn: Drawn, state: MarksState) -> None:
        """Draw them in their inks."""
        for mark in drawn["strokes"]:
            chance = generator(mark["seed"])
            length = mark["length_mm"]
            x, y = mark["place_mm"]
            middle = (x + length / 2, y + (length / 2 if abs(mark["angle_deg"]) > 4 else 0.0))
            lines = [
                _drawn_by_hand(turned(line * length, mark["angle_deg"]) + middle, chance)
                for line in _lines(mark["kind"], chance)
            ]
            pen = nib(mark["ink"], mark["pen_mm"])
            patch = ink(lines, pen, state.px_per_mm, state.pixels.shape, chance)
            tint(state, patch, INKS[mark["ink"]])


def _lines(kind: str, chance: np.random.Generator) -> list[Floats]:
    """Give lines of length 1 along x, about (0, 0)."""
    bow = 0.03 * (2 * chance.random() - 1)
    straight = np.array([[-0.5, 0.0], [-0.2, bow], [0.15, bow], [0.5, 0.0]])
    if kind == "double underline":
        return [straight, straight * (between(chance, 0.8, 0.98), 1) + (0, 0.045)]
    if kind == "arrow":
        tip = np.array([[0.36, -0.1], [0.42, -0.06], [0.5, 0.0], [0.5, 0.0], [0.38, 0.1]])
        return [straight, tip]
    if kind == "bracket":
        side = 0.08
        return [np.array([[-0.5, side], [-0.5, 0], [-0.5, 0], [0.5, 0], [0.5, 0], [0.5, side]])]
    if kind == "cross":
        return [straight, turned(straight * 0.9, between(chance, 70, 100))]
    if kind == "scribble":
        turns = int(chance.integers(7, 16))
        along = np.linspace(-0.5, 0.5, 2 * turns)
        high = 0.16 + 0.06 * chance.random(2 * turns)
        high[::2] = -high[::2]
        return [np.stack([along, high], axis=-1)]
    return [straight]


def _drawn_by_hand(points: Floats, chance: np.random.Generator) -> Stroke:
    """Smooth a line, mm, and let it stray a little; pressure goes up and down."""
    curve = smooth(points + 0.25 * (2 * chance.random(points.shape) - 1), 8)
    waves = smooth(chance.random(len(points)), 8)
    return Stroke(curve, np.clip(0.35 + 0.6 * waves, 0.0, 1.0))


def loop(width: float, height: float, chance: np.random.Generator) -> Stroke:
    """Draw a circle by hand: more than once around, and not quite back to where it began."""
    knots = 12
    begin = 360 * chance.random()
    count = knots + int(chance.integers(0, 5))
    drift = 0.16 * (2 * chance.random() - 1)
    points = []
    for k in range(count + 1):
        sine, cosine = sine_cosine(begin - 360 * k / knots)
        radius = 1 + drift * (k / knots - 0.5) + 0.05 * (2 * chance.random() - 1)
        points.append([cosine * radius * width / 2, sine * radius * height / 2])
    curve = smooth(np.array(points), 8)
    pressure = smooth(0.4 + 0.5 * chance.random(count + 1), 8)
    pressure[-10:] *= 0.6
    return Stroke(curve, np.clip(pressure, 0.0, 1.0))
