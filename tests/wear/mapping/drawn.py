"""What geometry alone draws of two profiles, and what it makes of a page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ecgmpi.wear.device.stage import DEVICE
from ecgmpi.wear.draws import draw_effects
from ecgmpi.wear.effect import Drawn, Effect, PageFacts
from ecgmpi.wear.mapping.compose import Composed, compose
from ecgmpi.wear.mapping.projection import Projection
from ecgmpi.wear.mapping.surface import Surface
from ecgmpi.wear.shape.stage import SHAPE
from ecgmpi.wear.wear_profile import Profile, Use

LETTER = PageFacts(2200, 1700, 200 / 25.4)
STRIP = PageFacts(6000, 500, 400 / 25.4)
SMALL = PageFacts(880, 680, 80 / 25.4)

EFFECTS: tuple[Effect[Any], ...] = (*SHAPE, *DEVICE)

SCAN = Profile(
    "scan",
    "a flatbed scan of a sheet that was folded",
    {
        "folds": Use.of(0.3, angle_deg=(1, 3), count=(1, 2)),
        "scanner": Use.of(
            rotation_deg=(-1.5, 1.5),
            skew_deg=(-0.3, 0.3),
            feed_mm=(0, 0.3),
            stretch_part=(-0.004, 0.004),
            margin_mm=(1, 4),
        ),
    },
)
PHOTO = Profile(
    "photo",
    "a photograph of a sheet that was folded, curled or crumpled",
    {
        "folds": Use.of(0.5, angle_deg=(4, 14), count=(1, 3)),
        "curl": Use.of(0.5, curvature_per_m=(0.8, 4)),
        "crumple": Use.of(0.2, amplitude_mm=(0.3, 1), spacing_mm=(15, 40)),
        "camera": Use.of(
            yaw_deg=(-12, 12),
            pitch_deg=(-12, 12),
            roll_deg=(-4, 4),
            distance_mm=(350, 600),
            k1_part=(-0.03, 0.03),
            margin_mm=(2, 20),
        ),
    },
)


def alone(name: str, *others: str) -> Profile:
    """A profile that always shows an effect, with others that it may need to be seen."""
    uses = {**SCAN.uses, **PHOTO.uses}
    return Profile(
        f"{name}-alone",
        f"{name} alone",
        {shown: replace(uses[shown], probability=1.0) for shown in (name, *others)},
    )


def drawn(profile: Profile, level: float, copy: int, page: PageFacts = LETTER) -> dict[str, Drawn]:
    """What chance makes of a profile."""
    return draw_effects(profile, EFFECTS, level, 17, "record", copy, page)


def composed(
    effects: dict[str, Drawn], page: PageFacts = LETTER, crop: bool = False, grow: bool = False
) -> Composed:
    """What is seen of a page that shows effects."""
    surface, projection = Surface(), Projection(page)
    for stage, state in ((SHAPE, surface), (DEVICE, projection)):
        for effect in stage:
            if effect.name in effects:
                effect.apply(effects[effect.name], state)  # type: ignore[arg-type]
    return compose(page, projection, surface, crop, grow)
