"""Each mark lies where it says, is as large as it says, and touches nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from ecgmpi.wear.effect import Drawn
from ecgmpi.wear.marks.covers import Labels
from ecgmpi.wear.marks.holes import Holes
from ecgmpi.wear.marks.mould import Mould
from ecgmpi.wear.marks.pens import INKS
from ecgmpi.wear.marks.stains import Stains
from ecgmpi.wear.marks.tape import Tape
from ecgmpi.wear.marks.tears import SIDES, Tears
from ecgmpi.wear.opencv import opencv

from .usual import blank, changed_box, drawn, facts, marked

CIRCLE: Drawn = {
    "ink": "red",
    "pen_mm": 0.5,
    "middle_mm": [90.0, 60.0],
    "width_mm": 30.0,
    "height_mm": 20.0,
    "angle_deg": 0.0,
    "seed": 4,
}
LABEL: Drawn = {
    "middle_mm": [80.0, 70.0],
    "size_mm": [50.0, 20.0],
    "angle_deg": 0.0,
    "colour": [248, 250, 250],
    "number": "123 4567",
    "seed": 1,
}


def test_a_circle_goes_around_its_middle_and_leaves_what_it_surrounds() -> None:
    state = marked("circles", {"circles": [CIRCLE]}, facts())
    left, top, right, bottom = changed_box(state)
    assert (left, right) == pytest.approx((75, 105), abs=4)
    assert (top, bottom) == pytest.approx((50, 70), abs=3)
    inside = state.pixels[round(56 * 3.937) : round(64 * 3.937), 330:380]
    assert (inside == 255).all()


def test_a_pen_of_another_colour_draws_the_same_line() -> None:
    page = facts()
    red = marked("circles", {"circles": [CIRCLE]}, page).pixels
    blue = marked("circles", {"circles": [{**CIRCLE, "ink": "blue"}]}, page).pixels
    assert ((red != 255).any(axis=2) == (blue != 255).any(axis=2)).all()
    darkest = red.reshape(-1, 3)[red.reshape(-1, 3).sum(axis=1, dtype=np.int64).argmin()]
    assert darkest.tolist() == pytest.approx(INKS["red"], abs=40)


@pytest.mark.parametrize("wide", [0.4, 0.8])
def test_a_line_is_as_wide_as_its_pen(wide: float) -> None:
    page = facts(1600, 1200, 7.874)
    pen = {"kind": "underline", "ink": "black", "pen_mm": wide, "place_mm": [50.0, 60.0]}
    stroke = {**pen, "length_mm": 60.0, "angle_deg": 0.0, "seed": 2}
    state = marked("pen", {"strokes": [stroke]}, page)
    # Of the ink of a cross-section, as much as a line of full darkness would have.
    lost = (255.0 - state.pixels[:, 500:800, 0]).sum(axis=0).mean() / (255 - INKS["black"][0])
    assert 0.5 * wide < lost / 7.874 < 1.05 * wide
    left, _, right, _ = changed_box(state)
    assert (left, right) == pytest.approx((50, 110), abs=1.5)


def test_a_label_hides_all_below_it_and_nothing_beside_it() -> None:
    state = blank(facts(), 0)
    Labels().apply({"labels": [LABEL]}, state)
    left, top, right, bottom = changed_box(state, 0)
    assert (left, top, right, bottom) == pytest.approx((55, 60, 105, 80), abs=0.6)
    assert state.hidden.mask is not None
    found = np.count_nonzero(state.hidden.mask) / state.px_per_mm**2
    assert found == pytest.approx(50 * 20, rel=0.02)


@pytest.mark.parametrize("seed", range(4))
def test_punch_holes_are_round_and_as_far_apart_as_a_punch_makes_them(seed: int) -> None:
    page = facts(1100, 850, 100 / 25.4)
    found = drawn("holes", seed, page)
    state = marked("holes", found, page)
    assert state.gone.mask is not None
    area = state.gone.mask.astype(np.float64).sum() / 255 / state.px_per_mm**2
    circle = np.pi * found["diameter_mm"] ** 2 / 4
    # An eighth of a pixel more than there is at an edge.
    assert area == pytest.approx(len(found["holes_mm"]) * circle, rel=0.04)
    apart = np.diff(np.array(found["holes_mm"]), axis=0)
    steps = np.hypot(apart[:, 0], apart[:, 1])
    assert set(np.round(steps)) <= {80.0, 108.0}
    for x, y in found["holes_mm"]:
        assert state.gone.mask[int(y * state.px_per_mm), int(x * state.px_per_mm)] == 255


def test_a_hole_lets_nothing_of_the_page_through_and_keeps_all_around() -> None:
    state = blank(facts())
    Holes().apply({"diameter_mm": 6.0, "holes_mm": [[100.0, 75.0]]}, state)
    assert state.gone.mask is not None
    rows, columns = np.nonzero(state.gone.mask)
    away = np.hypot(columns + 0.5 - 100 * state.px_per_mm, rows + 0.5 - 75 * state.px_per_mm)
    assert away.max() < 3.3 * state.px_per_mm
    box = changed_box(state)
    assert box == pytest.approx((96.7, 71.7, 103.3, 78.3), abs=0.5)


@pytest.mark.parametrize("side", SIDES)
def test_a_tear_begins_at_its_edge_and_is_as_long_as_it_says(side: str) -> None:
    page = facts()
    places = {"top": [90.0, 0.0], "bottom": [90.0, 152.4]}
    at = places.get(side, [0.0 if side == "left" else 203.2, 70.0])
    tear = {"kind": "tear", "side": side, "at_mm": at, "length_mm": 30.0, "gap_mm": 4.0}
    state = blank(page)
    Tears().apply({"tears": [{**tear, "lean": 0.1, "seed": 3}]}, state)
    gone = state.gone.mask
    assert gone is not None
    edges = {"top": gone[0], "bottom": gone[-1], "left": gone[:, 0], "right": gone[:, -1]}
    wide = {name: np.count_nonzero(edge) / state.px_per_mm for name, edge in edges.items()}
    assert wide.pop(side) == pytest.approx(4.0, abs=1.0)
    assert not any(wide.values())
    rows, columns = np.nonzero(gone)
    deep = np.ptp(rows) if side in ("top", "bottom") else np.ptp(columns)
    assert 20 < deep / state.px_per_mm < 31


def test_a_torn_corner_is_gone() -> None:
    tear = {"kind": "corner", "side": "top", "at_mm": [203.2, 0.0], "length_mm": 20.0}
    state = blank(facts())
    Tears().apply({"tears": [{**tear, "gap_mm": 1.0, "lean": 0.0, "seed": 3}]}, state)
    assert state.gone.mask is not None
    assert state.gone.mask[0, -1] == 255
    assert not state.gone.mask[200:, :].any()
    assert not state.gone.mask[:, :600].any()


def test_a_stain_darkens_by_at_most_what_it_says_and_only_where_it_is() -> None:
    stain = {"kind": "drops", "liquid": "coffee", "middle_mm": [100.0, 70.0], "diameter_mm": 12.0}
    state = blank(facts())
    Stains().apply({"stains": [{**stain, "dark_part": 0.4, "seed": 9}]}, state)
    assert state.pixels.min() >= 255 * 0.6 - 2
    assert state.pixels.min() < 250
    rows, columns = np.nonzero(state.pixels[..., 0] < 240)
    away = np.hypot(columns / state.px_per_mm - 100, rows / state.px_per_mm - 70)
    # Splashes fall at most five radii from the drop.
    assert away.max() < 5 * 6 + 4


def test_a_ring_is_darker_at_its_rim_than_inside() -> None:
    stain = {"kind": "ring", "liquid": "coffee", "middle_mm": [100.0, 75.0], "diameter_mm": 80.0}
    state = blank(facts())
    Stains().apply({"stains": [{**stain, "dark_part": 0.6, "seed": 9}]}, state)
    y, x = np.indices(state.pixels.shape[:2]) / state.px_per_mm
    away = np.hypot(x - 100, y - 75)
    inside, rim = (state.pixels[..., 0][(away > a) & (away < b)] for a, b in ((0, 30), (36, 40.5)))
    assert rim.mean() < inside.mean() - 5
    assert (state.pixels[away > 44] == 255).all()


def test_mould_keeps_near_its_middle_and_grows_more_spots_where_told() -> None:
    cluster = {"middle_mm": [100.0, 75.0], "radius_mm": 20.0, "spot_mm": 2.0}
    colours = {"colour": [58, 66, 60], "halo": [255, 255, 255], "seed": 5}
    dark = []
    for spots in (20, 200):
        state = blank(facts())
        Mould().apply({"clusters": [{**cluster, **colours, "spots": spots}]}, state)
        y, x = np.indices(state.pixels.shape[:2]) / state.px_per_mm
        assert (state.pixels[np.hypot(x - 100, y - 75) > 38] == 255).all()
        dark.append(np.count_nonzero(state.pixels[..., 0] < 200))
    assert dark[1] > 3 * dark[0] > 0


def test_mould_is_made_of_small_specks_and_no_spot_is_a_disc() -> None:
    cluster = {"middle_mm": [100.0, 75.0], "radius_mm": 25.0, "spots": 200, "spot_mm": 2.0}
    colours = {"colour": [58, 66, 60], "halo": [190, 216, 222]}
    filled, sizes = [], []
    for seed in range(6):
        state = blank(facts(1600, 1200, 8.0))
        Mould().apply({"clusters": [{**cluster, **colours, "seed": seed}]}, state)
        dark = (state.pixels[..., 2] < 170).astype(np.uint8)
        _, _, stats, _ = opencv().connectedComponentsWithStats(dark)
        area = stats[1:, 4] / 64
        across = stats[1:, 2:4].max(axis=1) / 8
        sizes += area.tolist()
        filled += (area / (np.pi / 4 * across**2))[area > 0.3].tolist()
    assert len(sizes) > 300
    assert np.median(sizes) < 0.5
    # A disc fills all of the circle around it.
    assert len(filled) > 10
    assert np.median(filled) < 0.75


def test_about_half_of_the_clusters_of_mould_creep_along_an_edge() -> None:
    page = facts()
    clusters = [one for seed in range(60) for one in drawn("mould", seed, page)["clusters"]]
    away = [
        min(x, y, page.width_mm - x, page.height_mm - y)
        for x, y in (one["middle_mm"] for one in clusters)
    ]
    assert np.mean(np.array(away) < 1e-9) == pytest.approx(0.55, abs=0.12)
    stretched = [one["stretched"] for one, far in zip(clusters, away, strict=True) if far < 1e-9]
    assert min(stretched) >= 1.6


def test_tape_lies_where_it_says_and_yellow_takes_blue() -> None:
    strip = {"middle_mm": [100.0, 75.0], "length_mm": 60.0, "width_mm": 18.0, "angle_deg": 0.0}
    state = blank(facts())
    Tape().apply({"strips": [{**strip, "yellow_part": 0.6, "haze_part": 0.1, "seed": 5}]}, state)
    assert changed_box(state) == pytest.approx((70, 66, 130, 84), abs=2.0)
    blue, green, red = state.pixels[280:310, 340:440].reshape(-1, 3).mean(axis=0)
    assert blue < green - 10 < red - 10


def test_a_highlighter_lets_a_black_trace_stay_black_and_paper_turn_bright() -> None:
    found = drawn("highlighter", 2, facts())
    white, black = (marked("highlighter", found, facts(), grey) for grey in (255, 0))
    assert (black.pixels == 0).all()
    assert white.pixels.max(axis=2).min() >= 240
    assert white.pixels.min() < 220


def test_a_worn_fold_spans_the_sheet_and_lightens_what_is_printed() -> None:
    page = facts(800, 600)
    line = {"direction": "horizontal", "at_mm": 76.0, "width_mm": 1.5, "worn_part": 0.7, "seed": 1}
    state = marked("fold_wear", {"lines": [line]}, page, 0)
    rows, columns = np.nonzero(state.pixels[..., 0] > 60)
    assert (rows.min() / page.px_per_mm, rows.max() / page.px_per_mm) == pytest.approx(
        (75, 77), abs=1.3
    )
    assert columns.min() < 100
    assert columns.max() > 700
    upright = marked("fold_wear", {"lines": [{**line, "direction": "vertical"}]}, page, 0)
    assert np.ptp(np.nonzero(upright.pixels[..., 0] > 60)[0]) > 400
