"""What is drawn from a profile, and that it depends on nothing but what it is drawn for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.wear.draws import draw_effects
from ecgmpi.wear.effect import Drawn, PageFacts, Parameter
from ecgmpi.wear.wear_profile import Profile, Use

PAGE = PageFacts(2200, 1700, 200 / 25.4)


class Spots:
    """An effect with a whole parameter and one that is not."""

    name: str = "spots"
    about = "spots"
    parameters: tuple[Parameter, ...] = (
        Parameter("count", "how many", neutral=0, least=0, most=8, whole=True),
        Parameter("size_mm", "how large", neutral=2.0, least=0.5, most=20.0),
    )

    def draw(
        self, amounts: Mapping[str, float], chance: np.random.Generator, page: PageFacts
    ) -> Drawn:
        places = [page.width_mm * chance.random() for _ in range(int(amounts["count"]))]
        return {**amounts, "places_mm": places}

    def apply(self, drawn: Drawn, state: object) -> None:
        """Nothing."""


class Others(Spots):
    """The same under another name."""

    name: str = "others"


def profile(probability: float = 1.0) -> Profile:
    use = Use.of(probability, count=(1, 4), size_mm=(3.0, 6.0))
    return Profile("photo", "", {"spots": use, "others": use})


def drawn(
    level: float = 2, seed: int = 0, key: str = "a", copy: int = 1, probability: float = 1.0
) -> dict[str, Drawn]:
    effects = (Spots(), Others())
    return draw_effects(profile(probability), effects, level, seed, key, copy, PAGE)


@given(st.integers(0, 2**63), st.text(), st.integers(1, 9))
def test_the_same_is_drawn_for_the_same_picture(seed: int, key: str, copy: int) -> None:
    first = drawn(seed=seed, key=key, copy=copy)
    assert drawn(seed=seed, key=key, copy=copy) == first
    alone = draw_effects(profile(), [Others()], 2, seed, key, copy, PAGE)
    assert alone == {"others": first["others"]}
    assert first["others"]["size_mm"] != first["spots"]["size_mm"]


def test_another_seed_picture_or_copy_is_another_draw() -> None:
    sizes = {
        drawn(seed=seed, key=key, copy=copy)["spots"]["size_mm"]
        for seed in (0, 1)
        for key in ("a", "b")
        for copy in (1, 2)
    }
    assert len(sizes) == 8


def test_at_level_0_nothing_is_drawn() -> None:
    assert drawn(level=0) == {}


@given(st.floats(0.1, 5), st.integers(0, 1000))
def test_a_level_scales_the_distance_from_neutral_within_the_bounds(
    level: float, seed: int
) -> None:
    at_two, scaled = drawn(seed=seed)["spots"], drawn(level, seed)["spots"]
    assert 3.0 <= at_two["size_mm"] <= 6.0
    assert 1 <= at_two["count"] <= 4
    assert scaled["size_mm"] == pytest.approx(2.0 + (at_two["size_mm"] - 2.0) * level / 2)
    assert isinstance(scaled["count"], int)
    assert 0 <= scaled["count"] <= 8


@pytest.mark.parametrize(("level", "share"), [(1, 0.25), (2, 0.5), (3, 0.75), (5, 1.0)])
def test_a_level_scales_what_is_likely(level: float, share: float) -> None:
    n = 2000
    shown = sum("spots" in drawn(level, key=str(k), probability=0.5) for k in range(n))
    assert shown / n == pytest.approx(share, abs=4 * (0.25 / n) ** 0.5)
