"""What holds for every effect of the light."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgmpi.wear.effect import Effect
from ecgmpi.wear.light.background import Desk, Monitor, Platen
from ecgmpi.wear.light.exposure import expose
from ecgmpi.wear.light.stage import LIGHT
from ecgmpi.wear.states import LightState

from .sheets import drawn, facts, sheet

AROUND = (Desk.name, Platen.name, Monitor.name)
EACH = pytest.mark.parametrize("effect", LIGHT, ids=lambda effect: effect.name)


def folded() -> LightState:
    state = sheet(facts(), zoom=0.9, turned_deg=3.0)
    state.slope_x[:] = np.where(state.x_mm < 10.0, 0.1, -0.1)
    return state


def most(effect: Effect[LightState]) -> dict[str, float]:
    return {parameter.name: parameter.most for parameter in effect.parameters}


def seen(effect: Effect[LightState], found: dict[str, object], state: LightState) -> bytes:
    effect.apply(found, state)
    pixels = np.full((state.height, state.width, 3), 200, np.uint8)
    expose(pixels, state)
    behind = b"" if state.background is None else state.background.tobytes()
    return pixels.tobytes() + behind


@EACH
def test_json_of_what_was_drawn_gives_the_same_bytes(effect: Effect[LightState]) -> None:
    found = drawn(effect, facts(), 3, **most(effect))
    again = json.loads(json.dumps(found))
    assert seen(effect, found, folded()) == seen(effect, again, folded())


@EACH
def test_it_changes_something(effect: Effect[LightState]) -> None:
    state, plain = folded(), folded()
    plain.field *= 0.9
    state.field *= 0.9
    found = drawn(effect, facts(), 3, **most(effect))
    pixels = np.full((state.height, state.width, 3), 200, np.uint8)
    expose(pixels, plain)
    assert seen(effect, found, state) != pixels.tobytes()


@EACH
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 1 << 32))
def test_at_neutral_values_the_light_is_as_it_was(effect: Effect[LightState], seed: int) -> None:
    state = folded()
    effect.apply(drawn(effect, facts(), seed), state)
    assert np.allclose(state.field, 1.0, atol=1e-12)
    assert not state.glow.any()
    assert state.veil == 0.0
    assert all((texture.tile == 0).all() for texture in state.textures)


@EACH
def test_what_lies_around_is_made_by_three_of_them_alone(effect: Effect[LightState]) -> None:
    state = folded()
    effect.apply(drawn(effect, facts(), 3, **most(effect)), state)
    assert (state.background is not None) == (effect.name in AROUND)
    if state.background is not None:
        assert state.background.shape == (state.height, state.width, 3)
        assert state.background.flags.c_contiguous
