"""Ticks: check marks, and the small lines by which somebody measured beats and intervals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.states import MarksState

from .patch import tint
from .pens import INKS, PEN_MM, any_ink, between, nib, one_of, place_on
from .strokes import Stroke, ink, polyline, smooth
from .texture import generator, new_seed

KINDS = ("check", "check", "beats", "beats", "interval")


class Ticks:
    """Draws check marks, rows of short lines over beats, and measured intervals."""

    name = "ticks"
    about = "check marks, short lines over successive beats, and intervals measured with a pen"
    parameters: tuple[Parameter, ...] = (
        Parameter("count", "groups of ticks", 0, 0, 10, whole=True),
        Parameter("height_mm", "height of a tick", 4.0, 1.5, 10.0),
        PEN_MM,
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the kind, ink and place of each, and how many beats it spans."""
        groups = []
        for _ in range(int(amounts["count"])):
            kind = one_of(chance, KINDS)
            height = min(amounts["height_mm"] * between(chance, 0.7, 1.3), page.height_mm / 4)
            beats = {"check": 1, "interval": 2}.get(kind, int(chance.integers(3, 8)))
            pitch = between(chance, 12, 26) if kind == "beats" else between(chance, 6, 24)
            width = height if kind == "check" else pitch * (beats - 1)
            groups.append(
                {
                    "kind": kind,
                    "ink": any_ink(chance),
                    "pen_mm": amounts["pen_mm"],
                    "place_mm": place_on(chance, page, width, height),
                    "height_mm": height,
                    "pitch_mm": pitch,
                    "beats": beats,
                    "seed": new_seed(chance),
                }
            )
        return {"groups": groups}

    def apply(self, drawn: Drawn, state: MarksState) -> None:
        """Draw them; each tick is a patch of its own, for they may be far apart."""
        for group in drawn["groups"]:
            chance = generator(group["seed"])
            pen = nib(group["ink"], group["pen_mm"])
            for stroke in _strokes(group, chance):
                patch = ink([stroke], pen, state.px_per_mm, state.pixels.shape, chance)
                tint(state, patch, INKS[group["ink"]])


def _strokes(group: Drawn, chance: np.random.Generator) -> list[Stroke]:
    x, y = group["place_mm"]
    height, pitch = group["height_mm"], group["pitch_mm"]

    def near(across: float, down: float) -> list[float]:
        return [
            x + across + 0.12 * height * (2 * chance.random() - 1),
            y + down + 0.12 * height * (2 * chance.random() - 1),
        ]

    if group["kind"] == "check":
        corner = near(0.35 * height, height)
        points = [near(0, 0.55 * height), corner, corner, near(0.7 * height, 0.35 * height)]
        points.append(near(1.15 * height, -0.1 * height))
        curve = smooth(np.array(points), 6)
        return [Stroke(curve, np.linspace(0.9, 0.3, len(curve)))]
    strokes = []
    for beat in range(group["beats"]):
        lean = 0.1 * height * (2 * chance.random() - 1)
        across = beat * pitch * (1 + 0.02 * (2 * chance.random() - 1))
        strokes.append(polyline([near(across + lean, 0), near(across, height)], 0.75))
    if group["kind"] == "interval":
        ends = [near(0.3, height / 2), near(pitch / 2, height / 2), near(pitch - 0.3, height / 2)]
        strokes.append(polyline(ends, 0.5))
    return strokes
