"""What people write with: colours of ink, and where on a page a mark may begin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ecgmpi.wear.effect import PageFacts, Parameter

from .strokes import Nib

INKS = {
    "blue": (158, 62, 34),
    "dark blue": (112, 46, 30),
    "black": (62, 52, 50),
    "red": (52, 44, 196),
    "green": (72, 118, 30),
    "pencil": (118, 112, 110),
}
"""Blue, green, red of what a line of each lets through on white paper."""

LIKELY = ("blue", "blue", "blue", "dark blue", "black", "black", "red", "red", "green", "pencil")
"""As often as they stand here."""

PEN_MM = Parameter("pen_mm", "width of the line of the pen", 0.45, 0.25, 1.2)


def any_ink(chance: np.random.Generator) -> str:
    """Draw what is written with: a name in `INKS`."""
    return LIKELY[int(chance.integers(len(LIKELY)))]


def nib(ink: str, width_mm: float) -> Nib:
    """Give the pen of that ink: a pencil is paler and coarser."""
    if ink == "pencil":
        return Nib(width_mm, thinnest=0.8, palest=0.4, grain=0.5)
    return Nib(width_mm)


def between(chance: np.random.Generator, least: float, most: float) -> float:
    """Draw a number, each as likely; `least` where the range is empty."""
    return least + max(most - least, 0.0) * chance.random()


def one_of(chance: np.random.Generator, choices: Sequence[str]) -> str:
    """Draw one of them, each as likely."""
    return choices[int(chance.integers(len(choices)))]


def place_on(
    chance: np.random.Generator, page: PageFacts, width: float, height: float
) -> list[float]:
    """Draw the left upper corner of a box of that size, mm, that lies on the page if it can."""
    margin = 0.03 * min(page.width_mm, page.height_mm)
    return [
        between(chance, margin, page.width_mm - width - margin),
        between(chance, margin, page.height_mm - height - margin),
    ]
