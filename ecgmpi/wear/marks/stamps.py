"""Stamps: a word and a date in a frame, tinted, unevenly inked, a little askew."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import MarksState

from .handwriting import Hand, width_of, written
from .outline import directions, turned
from .patch import Patch, product, tint
from .pens import between, one_of, place_on
from .strokes import Nib, Stroke, ink, polyline
from .texture import clouds, generator, new_seed

WORDS = (
    "RECEIVED", "REVIEWED", "COPY", "SCANNED", "CARDIOLOGY", "EMERGENCY", "ECG DEPT", "FILED",
    "URGENT", "WARD 4B", "OUTPATIENTS", "SEEN", "CONFIDENTIAL", "ICU",
)  # fmt: skip
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
COLOURS = {
    "blue": (176, 74, 48),
    "violet": (152, 62, 104),
    "red": (62, 50, 198),
    "green": (84, 124, 40),
    "black": (76, 70, 68),
}
BLOCK = Hand(slant=0.0, narrow=0.95, unsteady=0.0, uneven=0.0, joins=0.0, rise=0.0)
"""Letters of a stamp are all alike."""
_DATE = 0.72
"""Height of the date, as a part of that of the word."""
_ARC_DEG = 200.0
"""That the word on a round stamp takes at most."""


class Stamps:
    """Prints stamps: rectangular ones with a word above a date, round ones with the word around."""

    name = "stamps"
    about = "rubber stamps with a word and a date"
    parameters: tuple[Parameter, ...] = (
        Parameter("count", "stamps", 0, 0, 6, whole=True),
        Parameter("height_mm", "height of the letters", 4.5, 2.5, 8.0),
        Parameter("uneven_part", "part of the ink that is missing in places", 0.0, 0.0, 0.9),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the words, shape, colour, place and angle of each."""
        stamps = []
        for _ in range(int(amounts["count"])):
            word = one_of(chance, WORDS)
            day, month = chance.integers(1, 29), one_of(chance, MONTHS)
            height = min(amounts["height_mm"] * between(chance, 0.8, 1.25), page.height_mm / 7)
            round_ = bool(chance.random() < 0.35)
            date = f"{day:02d} {month} {chance.integers(2009, 2026)}"
            long = max(width_of(word, height), width_of(date, _DATE * height))
            size = [6.6 * height] * 2 if round_ else [long + 1.6 * height, 4.4 * height]
            x, y = place_on(chance, page, size[0], size[1])
            stamps.append(
                {
                    "word": word,
                    "date": date,
                    "shape": "round" if round_ else "rectangle",
                    "colour": one_of(chance, tuple(COLOURS)),
                    "height_mm": height,
                    "size_mm": size,
                    "middle_mm": [x + size[0] / 2, y + size[1] / 2],
                    "angle_deg": between(chance, -14, 14),
                    "uneven_part": amounts["uneven_part"] * between(chance, 0.6, 1.3),
                    "seed": new_seed(chance),
                }
            )
        return {"stamps": stamps}

    def apply(self, drawn: Drawn, state: MarksState) -> None:
        """Print them."""
        for stamp in drawn["stamps"]:
            chance = generator(stamp["seed"])
            lines = [
                Stroke(turned(line.points, stamp["angle_deg"]) + stamp["middle_mm"], line.pressure)
                for line in _lines(stamp, chance)
            ]
            # The letters of a round stamp are smaller, so that thinner lines are cut.
            part = 0.085 if stamp["shape"] == "round" else 0.13
            rubber = Nib(part * stamp["height_mm"], thinnest=0.8, palest=0.85, grain=0.25)
            patch = ink(lines, rubber, state.px_per_mm, state.pixels.shape, chance)
            if patch.coverage.size:
                worn = _uneven(patch, stamp["uneven_part"], state.px_per_mm, chance)
                tint(state, worn, COLOURS[stamp["colour"]])


def _lines(stamp: Drawn, chance: np.random.Generator) -> list[Stroke]:
    """Give the strokes of a stamp about (0, 0), mm."""
    high = stamp["height_mm"]
    if stamp["shape"] == "round":
        return _round(stamp, chance)
    across, down = stamp["size_mm"][0] / 2, stamp["size_mm"][1] / 2
    lines = [_frame(across, down, 1.0), _frame(across - 0.25 * high, down - 0.25 * high, 0.0)]
    left = -width_of(stamp["word"], high) * BLOCK.narrow / 2
    lines += written(stamp["word"], BLOCK, high, (left, -0.25 * high), chance)
    small = _DATE * high
    left = -width_of(stamp["date"], small) * BLOCK.narrow / 2
    return lines + written(stamp["date"], BLOCK, small, (left, 1.25 * high), chance)


def _frame(across: float, down: float, pressure: float) -> Stroke:
    corners = [(-across, -down), (across, -down), (across, down), (-across, down), (-across, -down)]
    return polyline(corners, pressure)


def _round(stamp: Drawn, chance: np.random.Generator) -> list[Stroke]:
    high, radius = stamp["height_mm"], stamp["size_mm"][0] / 2
    circle = np.concatenate([directions(72), directions(72)[:1]])
    lines = [Stroke(circle * part * radius, np.ones(73)) for part in (1.0, 0.58)]
    small = 0.62 * high
    middle = radius * 0.70
    # Each letter stands upright on the circle, and the word has its middle at the top.
    per_mm = 360 / (2 * 3.141592653589793 * middle)
    turn = min(width_of(stamp["word"], small) * per_mm, _ARC_DEG)
    stretch = turn / (width_of(stamp["word"], small) * per_mm)
    at = -turn / 2
    for letter in stamp["word"]:
        wide = width_of(letter, small) * per_mm * stretch
        up = written(letter, BLOCK, small, (-width_of(letter, small) / 2, -middle), chance)
        lines += [Stroke(turned(line.points, at + wide / 2), line.pressure) for line in up]
        at += wide
    tiny = 0.5 * high
    day, year = stamp["date"][:6], stamp["date"][7:]
    for text, y in ((day, -0.15 * high), (year, 0.75 * high)):
        left = -width_of(text, tiny) * BLOCK.narrow / 2
        lines += written(text, BLOCK, tiny, (left, y), chance)
    return lines


def _uneven(patch: Patch, part: float, px_per_mm: float, chance: np.random.Generator) -> Patch:
    """Take ink off in places: a stamp is never pressed alike everywhere."""
    shape = patch.coverage.shape
    wide = clouds(chance, (shape[0], shape[1]), 9 * px_per_mm)
    fine = clouds(chance, (shape[0], shape[1]), 0.5 * px_per_mm, 1)
    # Ink is missing where both are low: broad patches, and specks inside them.
    both = (wide >> 1) + (fine >> 1)
    lost = np.minimum(np.maximum((150 - np.arange(256)) * 4, 0), 255) * part
    kept = (255 - np.floor(np.minimum(lost, 255.0))).astype(np.uint8)
    return Patch(patch.left, patch.top, product(patch.coverage, opencv().LUT(both, kept)))
