"""Notes: a few words, numbers or initials in somebody's hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.states import MarksState

from .handwriting import Hand, width_of, written
from .patch import tint
from .pens import INKS, PEN_MM, any_ink, between, nib, one_of, place_on
from .strokes import ink
from .texture import generator, new_seed

FINDINGS = (
    "AF?", "v. normal", "RBBB", "LBBB", "LVH?", "ST↑ V2-V4", "ST↓ V5, V6", "T inv. III",
    "old inf. MI", "sinus", "sinus tachy", "PVC", "PAC", "1° AVB", "no change", "normal",
    "LAD", "LAFB", "QTc ok", "poor R wave", "artefact", "paced", "?pericarditis", "early repol.",
    "nil acute", "repeat", "see old ECG", "d/w cardiology", "pain free", "pre-op", "post-op",
)  # fmt: skip
"""What is written about a recording, or beside it."""
IN_MARGIN = 0.45
"""Probability of a note near the upper or lower edge."""


class Notes:
    """Writes short notes by hand; which words is in what is drawn."""

    name = "notes"
    about = "short notes by hand: findings, rates, times, initials"
    parameters: tuple[Parameter, ...] = (
        Parameter("count", "notes", 0, 0, 10, whole=True),
        Parameter("height_mm", "height of a capital letter", 4.5, 2.0, 10.0),
        PEN_MM,
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the words, ink, place and hand of each; mostly, one hand writes all."""
        notes = []
        hand, colour = Hand.drawn(chance), any_ink(chance)
        for _ in range(int(amounts["count"])):
            if chance.random() < 0.25:
                hand, colour = Hand.drawn(chance), any_ink(chance)
            text = _text(chance)
            height = min(amounts["height_mm"] * between(chance, 0.8, 1.25), page.height_mm / 5)
            long = width_of(text, height) * hand.narrow
            x, y = place_on(chance, page, long, 1.6 * height)
            if chance.random() < IN_MARGIN:
                # Above or below the traces, where there is room.
                y = page.height_mm * (0.03 + 0.07 * chance.random())
                y = y if chance.random() < 0.5 else page.height_mm - y - 1.6 * height
            notes.append(
                {
                    "text": text,
                    "ink": colour,
                    "pen_mm": min(amounts["pen_mm"] * between(chance, 0.9, 1.1), 0.12 * height),
                    "place_mm": [x, y + 1.2 * height],
                    "height_mm": height,
                    "angle_deg": between(chance, -6, 4),
                    "hand": asdict(hand),
                    "seed": new_seed(chance),
                }
            )
        return {"notes": notes}

    def apply(self, drawn: Drawn, state: MarksState) -> None:
        """Write them."""
        for note in drawn["notes"]:
            chance = generator(note["seed"])
            strokes = written(
                note["text"],
                Hand(**note["hand"]),
                note["height_mm"],
                (note["place_mm"][0], note["place_mm"][1]),
                chance,
                note["angle_deg"],
            )
            pen = nib(note["ink"], note["pen_mm"])
            patch = ink(strokes, pen, state.px_per_mm, state.pixels.shape, chance)
            tint(state, patch, INKS[note["ink"]])


def _text(chance: np.random.Generator) -> str:
    kind = int(chance.integers(10))
    if kind < 6:
        return one_of(chance, FINDINGS)
    if kind == 6:
        return f"{chance.integers(48, 140)}/min"
    if kind == 7:
        return f"{chance.integers(7, 23)}:{chance.integers(60):02d}"
    if kind == 8:
        return f"QTc {chance.integers(380, 510)}"
    first, last = (chr(ord("A") + int(letter)) for letter in chance.integers(0, 26, 2))
    return f"{first}.{last}."
