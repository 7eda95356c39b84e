"""Mould: colonies of fuzzy specks and fine threads on paper that has discoloured around them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.opencv import opencv
from ecgmpi.wear.states import Bytes, Floats, MarksState

from .outline import blot, directions, filled, turned
from .patch import LEAST_PART, Patch, multiply, product, weakened
from .pens import between, place_on
from .texture import clouds, generator, grain, new_seed

SPOTS = ((58, 66, 60), (52, 60, 72), (70, 84, 74), (84, 110, 142))
"""Blue, green, red of what spots let through: black, brown, green, foxed."""
HALOS = ((190, 216, 222), (190, 220, 212), (198, 212, 226))
PX_PER_MM = 4.0
"""Mould is fuzzy: it is made at about this resolution, and enlarged."""
AT_EDGE = 0.55
"""Part of the clusters that creep in from an edge, where paper gets damp."""
SPECKS = 5
"""Specks for each spot."""

_SHIFT = 4
_TURNS = 360
_PARTS = ((1, 1, 0.97), (1, 0, 0.9), (0, 1, 0.75), (0, 0, 0.0))
"""Pixels of a dot: down, across, and from which size on it has them."""
_HEAP = 9
"""Dots that a spot is a heap of."""
_THREAD = 9
"""Steps of a thread, of `_STEP_MM` each."""
_STEP_MM = 0.45


class Mould:
    """Lets mould grow where paper is damp: thick in places, and often along an edge."""

    name = "mould"
    about = "clusters of fuzzy specks and threads of mould on discoloured paper"
    parameters: tuple[Parameter, ...] = (
        Parameter("count", "clusters", 0, 0, 14, whole=True),
        Parameter("cluster_mm", "radius of a cluster", 22.0, 5.0, 60.0),
        Parameter("spots", "spots of a cluster", 0, 0, 500, whole=True),
        Parameter("spot_mm", "diameter of a large spot", 1.6, 0.4, 4.0),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        """Draw the place, size and colours of each cluster; most are of one kind."""
        clusters = []
        kind, halo = int(chance.integers(len(SPOTS))), int(chance.integers(len(HALOS)))
        for _ in range(int(amounts["count"])):
            radius = amounts["cluster_mm"] * between(chance, 0.35, 1.3)
            radius = min(radius, 0.45 * min(page.width_mm, page.height_mm))
            x, y = place_on(chance, page, 0.2 * radius, 0.2 * radius)
            angle, stretched = 180.0 * chance.random(), between(chance, 1.0, 1.8)
            if chance.random() < AT_EDGE:
                side, angle = int(chance.integers(4)), between(chance, -8.0, 8.0)
                stretched = between(chance, 1.6, 3.0)
                x, y = ((x, 0.0), (x, page.height_mm), (0.0, y), (page.width_mm, y))[side]
                angle += 0.0 if side < 2 else 90.0
            other = chance.random() < 0.2
            clusters.append(
                {
                    "middle_mm": [x, y],
                    "radius_mm": radius,
                    "angle_deg": angle,
                    "stretched": stretched,
                    "spots": math.floor(amounts["spots"] * between(chance, 0.3, 1.3)),
                    "spot_mm": amounts["spot_mm"] * between(chance, 0.7, 1.2),
                    "colour": list(SPOTS[(kind + other) % len(SPOTS)]),
                    "halo": list(HALOS[halo]),
                    "seed": new_seed(chance),
                }
            )
        return {"clusters": clusters}

    def apply(self, drawn: Drawn, state: MarksState) -> None:
        """Darken the page by what each cluster lets through."""
        for cluster in drawn["clusters"]:
            _grow(cluster, state)


def _grow(cluster: Drawn, state: MarksState) -> None:
    cv2 = opencv()
    times = max(1, math.floor(state.px_per_mm / PX_PER_MM + 0.5))
    scale = state.px_per_mm / times
    shape = tuple(math.ceil(size / times) for size in state.pixels.shape[:2])
    chance = generator(cluster["seed"])
    damp = _damp(cluster, scale, shape, chance)
    if not damp.coverage.size:
        return
    around = product(cv2.LUT(damp.coverage, _PALE), grain(chance, damp.coverage.shape, 0.12))
    mould = _mould(cluster, damp, scale, chance)
    # A speck discolours the paper beside it.
    around = cv2.add(around, cv2.LUT(cv2.GaussianBlur(mould, (9, 9), 0), _BESIDE))
    passed = product(_let_through(around, cluster["halo"]), _let_through(mould, cluster["colour"]))
    rows, columns = mould.shape
    size = (columns * times, rows * times)
    left, top = damp.left * times, damp.top * times
    where, _ = Patch(left, top, np.broadcast_to(np.uint8(0), size[::-1])).on(state.pixels.shape)
    whole = cv2.resize(passed, size, interpolation=cv2.INTER_LINEAR) if times > 1 else passed
    part = (
        slice(where[0].start - top, where[0].stop - top),
        slice(where[1].start - left, where[1].stop - left),
    )
    multiply(state.pixels[where], whole[part])
    most = cv2.max(cv2.max(passed[..., 0], passed[..., 1]), passed[..., 2])
    if int(most.min()) < LEAST_PART:
        most = cv2.resize(most, size, interpolation=cv2.INTER_LINEAR) if times > 1 else most
        state.hidden.hide(where, most[part] < LEAST_PART)


def _let_through(coverage: Bytes, colour: list[int]) -> Bytes:
    """Give what is let through in each colour: uint8, shape (rows, columns, 3)."""
    table = np.stack([255 - (np.arange(256) * (255 - part) + 127) // 255 for part in colour], -1)
    cv2 = opencv()
    made: Bytes = cv2.LUT(cv2.merge([coverage] * 3), table.astype(np.uint8)[:, None])
    return made


def _damp(
    cluster: Drawn, scale: float, shape: tuple[int, ...], chance: np.random.Generator
) -> Patch:
    """Map how damp the paper was, 0 to 255: most in the middle, in patches of several sizes."""
    radius = cluster["radius_mm"]
    line = blot(chance, 1.0) * (radius * 0.95)
    stretched: float = math.sqrt(cluster.get("stretched", 1.0))
    line = turned(line * (stretched, 1.0 / stretched), cluster.get("angle_deg", 0.0))
    # It ends nowhere in particular: made small, blurred and enlarged.
    small = 4
    coarse = tuple(math.ceil(size / small) for size in shape)
    reach = max(2, math.floor(0.16 * radius * scale / small)) * 2 + 1
    blotted = filled([line + cluster["middle_mm"]], scale / small, coarse, pad=reach)
    if not blotted.coverage.size:
        return blotted
    cv2 = opencv()
    soft = cv2.GaussianBlur(blotted.coverage, (reach, reach), 0)
    rows, columns = soft.shape
    size = (columns * small, rows * small)
    cloud = clouds(chance, size[::-1], min(0.7 * radius, 14.0) * scale, 4)
    whole = cv2.resize(soft, size, interpolation=cv2.INTER_LINEAR)
    patches = product(whole, cv2.LUT(cloud, _PATCHES))
    return _cropped(Patch(blotted.left * small, blotted.top * small, patches), shape)


def _cropped(patch: Patch, shape: tuple[int, ...]) -> Patch:
    """Leave out what is dry all around, and what is off the page."""
    top, left = max(-patch.top, 0), max(-patch.left, 0)
    inside = patch.coverage[top : shape[0] - patch.top, left : shape[1] - patch.left]
    x, y, columns, rows = opencv().boundingRect(inside)
    made = np.ascontiguousarray(inside[y : y + rows, x : x + columns])
    return Patch(patch.left + left + x, patch.top + top + y, made)


def _steps(*knots: tuple[int, int]) -> Bytes:
    """Make a table that goes through (level, value), straight between them: uint8, (256,)."""
    table: list[int] = []
    for (begin, low), (end, high) in pairwise(knots):
        table += [low + (high - low) * k // (end - begin) for k in range(end - begin)]
    return np.array([*table, knots[-1][1]], np.uint8)


_PATCHES = _steps((0, 0), (70, 0), (130, 120), (190, 255), (255, 255))
_PALE = _steps((0, 0), (20, 10), (120, 90), (255, 175))
_BESIDE = _steps((0, 0), (60, 70), (255, 110))


def _mould(cluster: Drawn, damp: Patch, scale: float, chance: np.random.Generator) -> Bytes:
    """Draw specks, spots and threads where it is damp: uint8, shape of `damp`."""
    canvas: Bytes = np.zeros_like(damp.coverage)
    count = cluster["spots"]
    if count <= 0:
        return canvas
    rows, columns = canvas.shape
    # More are strewn than grow: where it is dry, none does.
    strewn = 6 * count * (1 + SPECKS)
    places = chance.random((strewn, 2)) * (columns, rows)
    wet = damp.coverage[places[:, 1].astype(np.intp), places[:, 0].astype(np.intp)]
    grown = places[wet > chance.integers(24, 480, strewn)][: count * (1 + SPECKS)]
    spots = grown[: len(grown) // (1 + SPECKS)]
    _threads(canvas, spots[::3], scale, chance)
    _dots(canvas, grown, chance.random(len(grown)), chance.integers(60, 230, len(grown)))
    # A spot is no disc: specks that grew into each other, few spots large.
    lots = chance.random(len(spots))
    radius = cluster["spot_mm"] / 2 * scale * (0.15 + 0.85 * lots * lots * lots)
    heaps = np.repeat(spots, _HEAP, axis=0)
    far = np.repeat(radius, _HEAP) * chance.random(len(heaps))
    heaps = heaps + _ways(chance, len(heaps)) * (far * chance.random(len(heaps)))[:, None]
    wide = np.repeat(lots, _HEAP) * chance.random(len(heaps))
    _dots(canvas, heaps, wide, chance.integers(120, 256, len(heaps)))
    # Dark within, and fuzzy around.
    soft: Bytes = opencv().max(opencv().GaussianBlur(canvas, (3, 3), 0), weakened(canvas, 0.75))
    return product(soft, grain(chance, soft.shape, 0.5))


def _ways(chance: np.random.Generator, count: int) -> Floats:
    return directions(_TURNS)[chance.integers(0, _TURNS, count)]


def _dots(canvas: Bytes, places: Floats, wide: Floats, dark: npt.NDArray[Any]) -> None:
    """Draw dots of one to four pixels, most of them small, the last over those before."""
    rows, columns = canvas.shape
    column, row = np.floor(places).astype(np.intp).T
    shade = dark.astype(np.uint8)
    for down, across, least in _PARTS:
        chosen = wide >= least
        x, y = column[chosen] + across, row[chosen] + down
        inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
        canvas[y[inside], x[inside]] = shade[chosen][inside]


def _threads(canvas: Bytes, starts: Floats, scale: float, chance: np.random.Generator) -> None:
    """Draw threads that creep from spots, each turning as it goes."""
    if not len(starts):
        return
    first = chance.integers(0, _TURNS, (len(starts), 1))
    bends = chance.integers(-40, 41, (len(starts), _THREAD)).cumsum(axis=1)
    steps = directions(_TURNS)[(first + bends) % _TURNS] * (_STEP_MM * scale)
    ways = starts[:, None] + np.concatenate([np.zeros((len(starts), 1, 2)), steps], axis=1).cumsum(
        axis=1
    )
    fixed = np.floor((ways - 0.5) * (1 << _SHIFT)).astype(np.int32)
    opencv().polylines(canvas, list(fixed), False, 70, 1, opencv().LINE_AA, _SHIFT)
