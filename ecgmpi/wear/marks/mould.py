"""Mould: clusters of dark fuzzy spots, and the pale halo around them."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import Bytes, Floats, MarksState

from .outline import blot, directions, filled
from .patch import NOTHING, Patch, box_of, product, tint
from .pens import between, place_on
from .stains import enlarged
from .texture import clouds, generator, grain, new_seed

SPOTS = ((58, 66, 60), (52, 60, 72), (70, 84, 74), (84, 96, 124))
"""Blue, green, red of what spots let through: black, brown, green, foxed."""
HALOS = ((176, 206, 214), (178, 212, 200), (188, 204, 222))
HALO_PX_PER_MM = 1.2
"""Halos are soft: they are made at about this resolution, and enlarged."""
_SHIFT = 4
_PATCHES = np.clip((np.arange(256) - 60) * 2, 0, 255).astype(np.uint8)
SMALL = 4
"""Widest of the dots that are drawn many at once, px."""
SPECKS = 3
"""Specks for each spot: too small to have a size."""


class Mould:
    """Lets mould grow: spots are thick in the middle of a cluster and rare far from it."""

    name = "mould"
    about = "clusters of dark spots of mould with a pale halo"
    parameters: tuple[Parameter, ...] = (
        Parameter("count", "clusters", 0, 0, 14, whole=True),
        Parameter("cluster_mm", "radius of a cluster", 22.0, 5.0, 60.0),
        Parameter("spots", "spots of a cluster", 0, 0, 500, whole=True),
        Parameter("spot_mm", "diameter of a large spot", 1.6, 0.4, 4.0),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the place, size and colours of each cluster."""
        clusters = []
        for _ in range(int(amounts["count"])):
            radius = amounts["cluster_mm"] * between(chance, 0.35, 1.3)
            radius = min(radius, 0.45 * min(page.width_mm, page.height_mm))
            x, y = place_on(chance, page, 0.2 * radius, 0.2 * radius)
            clusters.append(
                {
                    "middle_mm": [x, y],
                    "radius_mm": radius,
                    "spots": math.floor(amounts["spots"] * between(chance, 0.3, 1.3)),
                    "spot_mm": amounts["spot_mm"] * between(chance, 0.7, 1.2),
                    "colour": list(SPOTS[chance.integers(len(SPOTS))]),
                    "halo": list(HALOS[chance.integers(len(HALOS))]),
                    "seed": new_seed(chance),
                }
            )
        return {"clusters": clusters}

    def apply(self, drawn: Drawn, state: MarksState) -> None:
        """Tint the halo, then the spots."""
        for cluster in drawn["clusters"]:
            chance = generator(cluster["seed"])
            tint(state, _halo(cluster, state, chance), cluster["halo"])
            tint(state, _spots(cluster, state, chance), cluster["colour"])


def _halo(cluster: Drawn, state: MarksState, chance: np.random.Generator) -> Patch:
    """Make a soft blot, uneven inside."""
    times = max(1, math.floor(state.px_per_mm / HALO_PX_PER_MM + 0.5))
    scale = state.px_per_mm / times
    shape = tuple(math.ceil(size / times) for size in state.pixels.shape[:2])
    line = blot(chance, 0.9) * cluster["radius_mm"] * 1.1 + cluster["middle_mm"]
    patch = filled([line], scale, shape, pad=7)
    if not patch.coverage.size:
        return patch
    cv2 = opencv()
    # It ends nowhere in particular, and has grown in patches.
    soft = cv2.GaussianBlur(patch.coverage, (13, 13), 0)
    rows, columns = soft.shape
    cloud = cv2.LUT(clouds(chance, (rows, columns), 9 * scale, 3), _PATCHES)
    return enlarged(Patch(patch.left, patch.top, product(soft, cloud)), times)


def _spots(cluster: Drawn, state: MarksState, chance: np.random.Generator) -> Patch:
    """Make the spots; they gather in groups, as colonies do."""
    count = cluster["spots"] * (1 + SPECKS)
    scale = state.px_per_mm
    if count <= 0:
        return NOTHING
    lots = chance.random((count, 4))
    turns = directions(360)[chance.integers(0, 360, count)]
    groups = max(1, count // 40)
    # Products of chances: near the middle of a group, and groups near that of the cluster.
    homes = directions(360)[chance.integers(0, 360, groups)]
    homes = homes * (chance.random(groups) * cluster["radius_mm"])[:, None]
    away = turns * (lots[:, 0] * lots[:, 1] * 0.45 * cluster["radius_mm"])[:, None]
    places = homes[chance.integers(0, groups, count)] + away + cluster["middle_mm"]
    # Few are large: the diameter falls with the cube of a chance.
    radius = cluster["spot_mm"] / 2 * (0.12 + 0.88 * lots[:, 2] * lots[:, 2] * lots[:, 2])
    radius[count // (SPECKS + 1) :] *= 0.3
    left, top, rows, columns = box_of(
        places * scale, cluster["spot_mm"] * scale + 3, state.pixels.shape
    )
    if rows <= 0 or columns <= 0:
        return NOTHING
    canvas = np.zeros((rows, columns), np.uint8)
    centres = np.floor((places * scale - (left + 0.5, top + 0.5)) * (1 << _SHIFT)).astype(np.int32)
    _dot(canvas, centres, radius * scale, np.floor(110 + 145 * lots[:, 3]).astype(np.int32))
    soft = opencv().GaussianBlur(canvas, (5, 5), 0)
    return Patch(left, top, product(soft, grain(chance, soft.shape, 0.55)))


def _dot(
    canvas: Bytes,
    centres: npt.NDArray[np.int32],
    radius: Floats,
    dark: npt.NDArray[np.int32],
) -> None:
    """Draw dots, the small ones first: many at once, for they differ by whole pixels alone."""
    cv2 = opencv()
    wide = np.maximum(np.floor(2 * radius + 0.5), 1).astype(np.int32)
    step = dark >> 6
    for width in range(1, SMALL + 1):
        for darker in range(1, 4):
            chosen = centres[(wide == width) & (step == darker)]
            if len(chosen):
                points = list(np.repeat(chosen[:, None], 2, axis=1))
                cv2.polylines(canvas, points, False, 40 + 64 * darker, width, cv2.LINE_8, _SHIFT)
    large = wide > SMALL
    sizes = np.floor(radius[large] * (1 << _SHIFT)).astype(np.int32)
    for centre, size, shade in zip(
        centres[large].tolist(), sizes.tolist(), dark[large].tolist(), strict=True
    ):
        cv2.circle(canvas, centre, size, shade, -1, cv2.LINE_AA, _SHIFT)
