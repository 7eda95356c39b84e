"""Ink and paper: what fades, what turns yellow, what is not printed at all, and what stays."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.themes import RED, THEMES, Style
from ecgmpi.wear.effect import Effect, PageFacts
from ecgmpi.wear.print.stage import PRINT
from ecgmpi.wear.states import Hiding, PrintState

PX_PER_MM = 200 / 25.4
PAGE = PageFacts(400, 300, PX_PER_MM)
TRACE, PAPER, BOLD_LINE, LETTER = 15, 0, 16 * 10, 16 * 15


def effect(name: str) -> Effect[PrintState]:
    return next(each for each in PRINT if each.name == name)


def printed(style: Style = RED) -> PrintState:
    """Make a page with a bold line, a letter, and a trace that is a pixel and two halves wide."""
    indices = np.zeros((PAGE.height, PAGE.width), np.uint8)
    indices[:, 100] = BOLD_LINE
    indices[20:30, 200:210] = LETTER
    indices[149:152] += np.array([[7], [15], [7]], np.uint8)
    palette = style.palette.astype(np.float64)
    return PrintState(indices, palette, style, PX_PER_MM, Hiding(indices.shape))


def after(name: str, style: Style = RED, **amounts: float) -> PrintState:
    state, each = printed(style), effect(name)
    neutral = {parameter.name: parameter.neutral for parameter in each.parameters}
    drawn = each.draw(neutral | amounts, np.random.default_rng(1), PAGE)
    each.apply(json.loads(json.dumps(drawn)), state)
    return state


def darkness(state: PrintState, index: int = TRACE, paper: int = PAPER) -> float:
    """Give how much darker a pixel is than paper, grey levels."""
    return float((state.palette[paper] - state.palette[index]).mean())


@pytest.mark.parametrize("name", [each.name for each in PRINT])
@pytest.mark.parametrize("style", THEMES.values(), ids=THEMES)
def test_at_neutral_values_nothing_changes(name: str, style: Style) -> None:
    state = after(name, style)
    assert np.abs(state.palette - style.palette).max() < 0.6
    assert np.array_equal(state.indices, printed().indices)
    assert state.hidden.mask is None


@given(fade=st.floats(0, 0.72), black=st.floats(0, 90), tint=st.floats(0, 40))
def test_faded_ink_keeps_its_part_of_the_contrast_and_never_turns_into_light(
    fade: float, black: float, tint: float
) -> None:
    before, plain = printed(), after("toner", fade_part=fade)
    for index in (TRACE, LETTER):
        assert darkness(plain, index) == pytest.approx((1 - fade) * darkness(before, index))
    state = after("toner", fade_part=fade, black_levels=black, tint_levels=tint)
    assert state.palette.min() >= 0
    assert (state.palette[[TRACE, LETTER]] <= state.palette[PAPER]).all()
    # The grid is preprinted.
    assert np.array_equal(state.palette[0:176:16], before.palette[0:176:16])


def test_light_ink_on_a_dark_page_fades_into_the_dark() -> None:
    dark = THEMES["dark"]
    before, state = printed(dark), after("toner", dark, fade_part=0.5, black_levels=20)
    assert darkness(before) < darkness(state) < 0


def test_black_that_is_grey_is_as_grey_as_it_says() -> None:
    state = after("toner", black_levels=30)
    assert state.palette[TRACE] == pytest.approx([30, 30, 30])


def test_yellow_paper_loses_its_blue_and_ink_stays_black() -> None:
    state = after("paper", yellow_levels=60)
    red, green, blue = RED.palette[PAPER] - state.palette[PAPER]
    assert blue == pytest.approx(60 * RED.paper[2] / 255)
    assert red < green < blue
    assert state.palette[TRACE] == pytest.approx([0, 0, 0])


def test_grey_paper_loses_all_colours_alike() -> None:
    state = after("paper", grey_levels=25)
    assert state.palette[PAPER] == pytest.approx(np.array(RED.paper) * (230 / 255))


def test_a_faded_grid_keeps_its_part_of_the_contrast_and_the_trace_all() -> None:
    before, state = printed(), after("paper", grid_fade_part=0.6)
    assert darkness(state, BOLD_LINE) == pytest.approx(0.4 * darkness(before, BOLD_LINE))
    assert darkness(state) == darkness(before)
    assert darkness(state, LETTER) == darkness(before, LETTER)


def test_dead_elements_take_ink_and_leave_the_grid() -> None:
    state, before = printed(), printed()
    places = [[150 / PX_PER_MM, 0.125], [24 / PX_PER_MM, 0.38]]
    effect("head_dropouts").apply({"places_mm": places}, state)
    rows = [24, 25, 26, 150]
    assert state.hidden.mask is not None
    assert np.nonzero(state.hidden.mask.all(axis=1))[0].tolist() == rows
    assert np.count_nonzero(state.hidden.mask) == len(rows) * PAGE.width
    assert (state.indices[rows, 100] == BOLD_LINE).all()
    assert (np.delete(state.indices[rows], 100, axis=1) == PAPER).all()
    others = np.delete(np.arange(PAGE.height), rows)
    assert np.array_equal(state.indices[others], before.indices[others])


def test_as_many_elements_are_dead_as_asked_and_all_on_the_page() -> None:
    each = effect("head_dropouts")
    found = each.draw({"count": 12, "element_mm": 0.125}, np.random.default_rng(4), PAGE)
    assert len(found["places_mm"]) == 12
    for y, width in found["places_mm"]:
        assert 0 < y < PAGE.height_mm
        assert 0.1 < width <= 4 * 0.125 + 1e-9


def ink_of(state: PrintState) -> float:
    """Give the ink of a cross-section of the trace, as mm of full blackness, beside the grid."""
    lost = 1 - state.palette[state.indices[140:160, 50]].mean(axis=1) / np.mean(RED.paper)
    return float(lost.sum() / PX_PER_MM)


@given(edges=st.lists(st.floats(-0.06, 0.1), min_size=2, max_size=2))
def test_edges_that_move_outwards_make_a_trace_thicker(edges: list[float]) -> None:
    inner, outer = (ink_of(after("stroke_weight", edge_mm=edge)) for edge in sorted(edges))
    # Levels of coverage are fifteenths: a smaller step may be none.
    assert inner <= outer + 0.01
    assert ink_of(after("stroke_weight", edge_mm=-0.06)) > 0.5 * ink_of(printed())


@pytest.mark.parametrize("edge", [-0.04, 0.04, 0.08])
def test_a_trace_grows_on_both_sides_by_about_as_much_as_said(edge: float) -> None:
    grown = ink_of(after("stroke_weight", edge_mm=edge)) - ink_of(printed())
    assert 0.35 < grown / (2 * edge) < 1.3


def test_thicker_ink_stays_off_the_paper_far_from_it_and_keeps_what_is_below() -> None:
    state, before = after("stroke_weight", edge_mm=0.1), printed()
    assert np.array_equal(state.indices >> 4, before.indices >> 4)
    far = np.r_[0:148, 153 : PAGE.height]
    assert np.array_equal(state.indices[far], before.indices[far])
    assert (state.indices & 15 >= before.indices & 15).all()


def test_a_trace_across_the_bands_that_are_worked_on_grows_everywhere_alike() -> None:
    state = printed()
    state.indices[:] = 0
    state.indices[:, 199:202] = np.array([7, 15, 7], np.uint8)
    effect("stroke_weight").apply({"edge_mm": 0.08}, state)
    assert (state.indices == state.indices[0]).all()
    assert state.indices[0, 198] > 0
