"""Marks as they are usual: ranges of their parameters, and pages to lay them on."""

from __future__ import annotations

import numpy as np

from ecgmpi.wear.draws import draw_effects
from ecgmpi.wear.effect import Drawn, Effect, PageFacts
from ecgmpi.wear.marks.stage import MARKS
from ecgmpi.wear.states import Hiding, MarksState
from ecgmpi.wear.wear_profile import Profile, Use

PX_PER_MM = 200 / 25.4
USUAL = {
    "pen": Use.of(count=(1, 3), length_mm=(15, 45), pen_mm=(0.35, 0.6)),
    "circles": Use.of(count=(1, 2), width_mm=(14, 35), pen_mm=(0.35, 0.6)),
    "ticks": Use.of(count=(1, 3), height_mm=(3, 6), pen_mm=(0.35, 0.6)),
    "notes": Use.of(count=(1, 4), height_mm=(3.5, 6), pen_mm=(0.35, 0.55)),
    "highlighter": Use.of(count=(1, 2), length_mm=(20, 50)),
    "stamps": Use.of(count=(1, 2), height_mm=(3.5, 6), uneven_part=(0.2, 0.8)),
    "labels": Use.of(count=1, width_mm=(35, 55)),
    "whitener": Use.of(count=(1, 2), length_mm=(8, 20)),
    "stains": Use.of(count=(1, 4), diameter_mm=(55, 85), dark_part=(0.25, 0.55)),
    "mould": Use.of(count=(2, 6), cluster_mm=(12, 30), spots=(60, 220), spot_mm=(1, 2.4)),
    "fold_wear": Use.of(count=(1, 2), width_mm=(0.5, 1.5), worn_part=(0.3, 0.7)),
    "tape": Use.of(
        count=(1, 2),
        width_mm=(12, 19),
        length_mm=(30, 90),
        yellow_part=(0.15, 0.7),
        haze_part=(0.05, 0.2),
    ),
    "holes": Use.of(times=1, diameter_mm=(5.5, 6.5), edge_mm=(9, 13)),
    "tears": Use.of(count=(1, 4), length_mm=(8, 45), gap_mm=(0.8, 6), corner_part=0.25),
}
NAMES = tuple(USUAL)


def effect(name: str) -> Effect[MarksState]:
    """Give the effect of that name."""
    return next(each for each in MARKS if each.name == name)


def facts(width: int = 800, height: int = 600, px_per_mm: float = PX_PER_MM / 2) -> PageFacts:
    """Give a page of 200 x 150 mm, at 100 dpi."""
    return PageFacts(width, height, px_per_mm)


def drawn(name: str, seed: int, page: PageFacts, level: float = 2) -> Drawn:
    """Draw the effect as it is usual."""
    profile = Profile("usual", "", {name: USUAL[name]})
    found = draw_effects(profile, [effect(name)], level, seed, "key", 1, page)  # type: ignore[list-item]
    return found[name]


def blank(page: PageFacts, grey: int = 255) -> MarksState:
    """Make a page of one grey."""
    shape = (page.height, page.width)
    pixels = np.full((*shape, 3), grey, np.uint8)
    return MarksState(pixels, page.px_per_mm, Hiding(shape), Hiding(shape))


def marked(name: str, found: Drawn, page: PageFacts, grey: int = 255) -> MarksState:
    """Give a page of one grey with the effect."""
    state = blank(page, grey)
    effect(name).apply(found, state)
    return state


def changed_box(state: MarksState, grey: int = 255) -> tuple[float, float, float, float]:
    """Give the box of what differs from that grey: left, top, right, bottom, mm."""
    rows, columns, _ = np.nonzero(state.pixels != grey)
    box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    return tuple(float(side) / state.px_per_mm for side in box)  # type: ignore[return-value]
