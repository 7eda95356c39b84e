"""What holds for every mark: its bytes, what it hides, how it keeps to the page."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgmpi.wear.effect import PageFacts
from ecgmpi.wear.marks.stage import MARKS
from ecgmpi.wear.states import HIDDEN, MarksState

from .usual import NAMES, PX_PER_MM, blank, drawn, effect, facts, marked

SEEDS = range(6)
OPAQUE = {"labels", "whitener", "holes", "tears"}
NEVER_HIDE = {"highlighter", "stains", "tape"}


def masks(state: MarksState) -> list[bytes | None]:
    both = (state.hidden.mask, state.gone.mask)
    return [None if mask is None else mask.tobytes() for mask in both]


def hidden(state: MarksState) -> np.ndarray:
    mask = state.hidden.mask
    return np.zeros(state.pixels.shape[:2], bool) if mask is None else mask == HIDDEN


def contrast(name: str, seed: int) -> tuple[np.ndarray, MarksState]:
    """Give what is left, of 255, of black on white at each pixel, in the colour that keeps most."""
    page = facts()
    found = drawn(name, seed, page)
    white, black = marked(name, found, page, 255), marked(name, found, page, 0)
    assert masks(white) == masks(black)
    return (white.pixels.astype(np.int32) - black.pixels).max(axis=2), white


def test_every_effect_of_the_stage_is_tested() -> None:
    assert {each.name for each in MARKS} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_json_of_what_was_drawn_gives_the_same_bytes(name: str) -> None:
    page = facts()
    found = drawn(name, 7, page)
    one, two = marked(name, found, page), marked(name, json.loads(json.dumps(found)), page)
    assert one.pixels.tobytes() == two.pixels.tobytes()
    assert masks(one) == masks(two)
    assert (one.pixels != 255).any() or one.gone.mask is not None


@pytest.mark.parametrize("name", NAMES)
def test_at_neutral_values_there_is_nothing_to_see(name: str) -> None:
    page, each = facts(), effect(name)
    amounts = {parameter.name: parameter.neutral for parameter in each.parameters}
    state = blank(page)
    each.apply(each.draw(amounts, np.random.default_rng(1), page), state)
    assert (state.pixels == 255).all()
    assert masks(state) == [None, None]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_hidden_cannot_be_seen_and_all_else_can(name: str) -> None:
    least, most = 255, 0
    for seed in SEEDS:
        left, white = contrast(name, seed)
        where = hidden(white)
        # A mark alone keeps a quarter; where several overlap, less may be left.
        least = min(least, int(left[~where].min()))
        if white.gone.mask is not None:
            where &= white.gone.mask == 0
        most = max(most, int(left[where].max(initial=0)))
    assert most <= 255 / 4 + 2
    assert least >= (100 if name in NEVER_HIDE else 16)


@pytest.mark.parametrize("name", sorted(OPAQUE))
def test_what_is_opaque_hides_something(name: str) -> None:
    assert any(hidden(contrast(name, seed)[1]).any() for seed in SEEDS)


@pytest.mark.parametrize("name", sorted(NEVER_HIDE))
def test_what_is_transparent_hides_nothing(name: str) -> None:
    assert not any(hidden(contrast(name, seed)[1]).any() for seed in SEEDS)


@pytest.mark.parametrize("name", ["holes", "tears"])
def test_where_the_paper_is_gone_all_is_hidden(name: str) -> None:
    state = marked(name, drawn(name, 3, facts()), facts())
    assert state.gone.mask is not None
    # Whole pixels: what is seen and what the truth says of it must not differ at an edge.
    assert np.isin(state.gone.mask, [0, 255]).all()
    assert hidden(state)[state.gone.mask == 255].all()


@pytest.mark.parametrize("name", NAMES)
def test_a_mark_is_as_large_on_paper_at_any_resolution(name: str) -> None:
    coarse, fine = facts(), facts(1600, 1200, PX_PER_MM)
    found = drawn(name, 5, coarse)
    low, high = marked(name, found, coarse).pixels, marked(name, found, fine).pixels
    whole = high[::2, ::2].astype(np.int32) + high[1::2, ::2] + high[::2, 1::2] + high[1::2, 1::2]
    dark = [(255 - pixels).astype(np.float64).mean() for pixels in (low, whole / 4)]
    assert dark[1] == pytest.approx(dark[0], rel=0.2, abs=0.02)


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from(NAMES),
    width=st.integers(60, 700),
    height=st.integers(40, 500),
    px_per_mm=st.sampled_from([1.0, 2.0, 3.9, 7.9, 15.7]),
    level=st.sampled_from([1, 2, 5]),
    seed=st.integers(0, 1000),
)
def test_marks_fit_on_any_page(
    name: str, width: int, height: int, px_per_mm: float, level: float, seed: int
) -> None:
    page = PageFacts(width, height, px_per_mm)
    found = drawn(name, seed, page, level)
    state = marked(name, found, page)
    assert state.pixels.shape == (height, width, 3)
    assert state.pixels.dtype == np.uint8
    json.dumps(found, allow_nan=False)
