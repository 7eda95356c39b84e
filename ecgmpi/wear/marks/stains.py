"""Stains: rings of cups, drops, and areas that were soaked, with darker edges where they dried."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import Bytes, Floats, MarksState

from .outline import around, blot, directions, filled
from .patch import Patch, product, tint, weakened
from .pens import between, one_of, place_on
from .strokes import Nib, Stroke, ink
from .texture import clouds, generator, new_seed

KINDS = ("ring", "ring", "drops", "drops", "soaked")
LIQUIDS = {
    "coffee": (52, 98, 146),
    "tea": (88, 146, 190),
    "water": (130, 168, 186),
    "iodine": (50, 105, 175),
}
"""Blue, green, red of what a thick stain of each lets through."""
COARSE_PX_PER_MM = 2.6
"""Stains are soft: they are made at about this resolution, and enlarged."""


class Stains:
    """Darkens paper where a liquid dried; what is printed stays visible."""

    name = "stains"
    about = "coffee rings, drops and soaked areas: darker paper with a dried edge"
    parameters: tuple[Parameter, ...] = (
        Parameter("count", "stains", 0, 0, 8, whole=True),
        Parameter("diameter_mm", "diameter of a ring; soaked areas are larger", 75.0, 20.0, 120.0),
        Parameter("dark_part", "part of the light that the darkest places take", 0.0, 0.0, 0.72),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the kind, liquid, place and size of each; all are of one liquid."""
        stains = []
        liquid = one_of(chance, tuple(LIQUIDS))
        for _ in range(int(amounts["count"])):
            kind = one_of(chance, KINDS)
            part = {"ring": between(chance, 0.85, 1.15), "drops": between(chance, 0.05, 0.3)}
            size = amounts["diameter_mm"] * part.get(kind, between(chance, 1.0, 2.2))
            x, y = place_on(chance, page, 0.3 * size, 0.3 * size)
            if kind == "soaked":
                # A sheet is soaked from an edge.
                side = chance.integers(4)
                x, y = ((x, 0.0), (x, page.height_mm), (0.0, y), (page.width_mm, y))[side]
            stains.append(
                {
                    "kind": kind,
                    "liquid": liquid,
                    "middle_mm": [x, y],
                    "diameter_mm": size,
                    "dark_part": min(amounts["dark_part"] * between(chance, 0.6, 1.2), 0.75),
                    "seed": new_seed(chance),
                }
            )
        return {"stains": stains}

    def apply(self, drawn: Drawn, state: MarksState) -> None:
        """Darken the paper."""
        for stain in drawn["stains"]:
            enlarge = max(1, math.floor(state.px_per_mm / COARSE_PX_PER_MM + 0.5))
            chance = generator(stain["seed"])
            coarse = tuple(math.ceil(size / enlarge) for size in state.pixels.shape[:2])
            patch = _stain(stain, state.px_per_mm / enlarge, coarse, chance)
            if patch.coverage.size:
                full = LIQUIDS[stain["liquid"]]
                dark = [255 - math.floor((255 - part) * stain["dark_part"]) for part in full]
                tint(state, enlarged(patch, enlarge), dark)


def enlarged(patch: Patch, times: int) -> Patch:
    """Give a patch in pixels that are smaller by a whole number."""
    if times == 1:
        return patch
    rows, columns = patch.coverage.shape
    cv2 = opencv()
    size = (columns * times, rows * times)
    larger: Bytes = cv2.resize(patch.coverage, size, interpolation=cv2.INTER_LINEAR)
    return Patch(patch.left * times, patch.top * times, larger)


def _stain(
    stain: Drawn, px_per_mm: float, shape: tuple[int, ...], chance: np.random.Generator
) -> Patch:
    """Make the darkness of a stain: 255 where it is thickest."""
    kind, radius = stain["kind"], stain["diameter_mm"] / 2
    middle = np.array(stain["middle_mm"])
    if kind == "ring":
        return _ring(middle, radius, px_per_mm, shape, chance)
    shapes = [_outline(middle, radius, 1.0 if kind == "soaked" else 0.35, chance)]
    if kind == "drops":
        for _ in range(int(chance.integers(0, 7))):
            away = directions(24)[chance.integers(24)] * radius * between(chance, 1.5, 5)
            small = radius * between(chance, 0.08, 0.4)
            shapes.append(_outline(middle + away, small, 0.3, chance))
    inside = filled(shapes, px_per_mm, shape, pad=4)
    if not inside.coverage.size:
        return inside
    # Where it dried last, at the rim, most is left.
    fill, rim = (120, 255) if kind == "drops" else (110, 235)
    cv2 = opencv()
    body = _clouded(inside.coverage, px_per_mm, fill, chance)
    lines = [_rim(line, chance) for line in shapes]
    if kind == "soaked":
        lines += [_rim(middle + (shapes[0] - middle) * between(chance, 0.6, 0.9), chance)]
    width = 0.9 if kind == "drops" else 1.6
    edge = _onto(inside, ink(lines, Nib(width, 0.3, 0.15, 0.0), px_per_mm, shape))
    soft = cv2.GaussianBlur(edge, (3, 3), 0)
    within = weakened(product(soft, np.maximum(inside.coverage, 90)), rim / 255)
    return Patch(inside.left, inside.top, cv2.add(body, within))


def _ring(
    middle: Floats, radius: float, px_per_mm: float, shape: tuple[int, ...],
    chance: np.random.Generator,
) -> Patch:  # fmt: skip
    """Make the ring of a cup: two edges, wider on one side, missing in places."""
    count = 96
    width = radius * (0.05 + 0.05 * np.abs(around(chance, 4, count)))
    wobble = 1 + 0.012 * around(chance, 12, count)
    outer = directions(count) * (radius * wobble)[:, None] + middle
    inner = directions(count) * (radius * wobble - width)[:, None] + middle
    disc = filled([outer], px_per_mm, shape, pad=4)
    if not disc.coverage.size:
        return disc
    cv2 = opencv()
    band = _onto(disc, filled([outer, inner], px_per_mm, shape, pad=4))
    strength = np.clip(0.5 + 0.75 * around(chance, 6, count), 0.0, 1.0)
    rims = [_closed(outer, strength), _closed(inner, 0.6 * strength)]
    lines = _onto(disc, ink(rims, Nib(1.1, 0.3, 0.1, 0.0), px_per_mm, shape))
    total = cv2.add(
        cv2.GaussianBlur(_clouded(band, px_per_mm, 190, chance), (3, 3), 0),
        weakened(cv2.GaussianBlur(lines, (3, 3), 0), 0.8),
    )
    return Patch(
        disc.left, disc.top, cv2.add(total, _clouded(disc.coverage, px_per_mm, 26, chance))
    )


def _outline(middle: Floats, radius: float, rough: float, chance: np.random.Generator) -> Floats:
    return blot(chance, rough) * radius + middle


def _rim(line: Floats, chance: np.random.Generator) -> Stroke:
    return _closed(line, np.clip(0.55 + 0.5 * around(chance, 8, len(line)), 0.0, 1.0))


def _closed(line: Floats, pressure: Floats) -> Stroke:
    return Stroke(np.concatenate([line, line[:1]]), np.concatenate([pressure, pressure[:1]]))


def _clouded(coverage: Bytes, px_per_mm: float, most: int, chance: np.random.Generator) -> Bytes:
    """Give a body of uneven thickness, `most` at most."""
    cloud = clouds(chance, (coverage.shape[0], coverage.shape[1]), 14 * px_per_mm, 3)
    return weakened(product(coverage, np.maximum(cloud, 110)), most / 255)


def _onto(base: Patch, other: Patch) -> Bytes:
    """Give what another patch covers of the pixels of `base`."""
    found = np.zeros_like(base.coverage)
    moved = Patch(other.left - base.left, other.top - base.top, other.coverage)
    where, inside = moved.on(found.shape)
    found[where] = inside
    return found
