"""The built-in profiles: they use what there is, and wear pictures that can still be read."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

import ecgmpi
from ecgmpi.drawing.picture import Picture
from ecgmpi.ecg.synthetic import synthesize
from ecgmpi.wear.draws import draw_effects
from ecgmpi.wear.effect import PageFacts
from ecgmpi.wear.profiles import PROFILES
from ecgmpi.wear.registry import DEVICE, EFFECTS
from ecgmpi.wear.wear_profile import JPG, MOST_LEVEL, PNG, Profile
from ecgmpi.wear.worn import WornPicture, wear
from tests.many import MANY

NAMES = ("scan", "scan-bw", "photo", "screen", "fax", "stained", "damaged", "mould", "mould-bw")
PARAMETERS = {effect.name: {p.name: p for p in effect.parameters} for effect in EFFECTS}
PAGE = PageFacts(2200, 1700, 200 / 25.4)
EACH = pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)


@lru_cache(maxsize=1)
def page() -> Picture:
    record = synthesize(1, 1)
    return ecgmpi.draw(record, layout="3x4+1", dpi=100)


def worn(profile: Profile, level: float, copy: int) -> WornPicture:
    return wear(page(), profile, level, 5, "key", copy)


def test_there_are_nine() -> None:
    assert tuple(PROFILES) == NAMES
    assert all(name == profile.name for name, profile in PROFILES.items())


@EACH
def test_every_effect_and_parameter_of_a_profile_is_in_the_registry(profile: Profile) -> None:
    for name, use in profile.uses.items():
        assert name in PARAMETERS
        assert 0 < use.probability <= 1
        for parameter, low, high in use.ranges:
            known = PARAMETERS[name][parameter]
            assert known.least <= low <= high <= known.most, (name, parameter)


@EACH
def test_a_profile_looks_at_the_page_through_one_device(profile: Profile) -> None:
    devices = [effect.name for effect in DEVICE if effect.name in profile.uses]
    assert len(devices) == 1
    assert profile.uses[devices[0]].probability == 1
    assert profile.format in (JPG, PNG)
    assert not profile.crop


@EACH
def test_effects_are_as_frequent_as_the_profile_says(profile: Profile) -> None:
    counts = dict.fromkeys(profile.uses, 0)
    copies = 100
    for copy in range(copies):
        for name in draw_effects(profile, EFFECTS, 2, 1, "key", copy, PAGE):
            counts[name] += 1
    for name, use in profile.uses.items():
        # Five standard deviations.
        spread = 5 * (use.probability * (1 - use.probability) / copies) ** 0.5
        assert abs(counts[name] / copies - use.probability) <= spread, name


@EACH
def test_the_same_seed_gives_the_same_picture_and_another_copy_another_one(
    profile: Profile,
) -> None:
    one, two = worn(profile, 2, 1), worn(profile, 2, 1)
    assert one.drawn == two.drawn
    assert one.pixels.tobytes() == two.pixels.tobytes()
    assert one.pixels.tobytes() != worn(profile, 2, 2).pixels.tobytes()


def ink_and_paper(found: WornPicture) -> tuple[float, float]:
    """Give the median grey level of what the trace covers, and of what is bare paper.

    Neither what is hidden counts, nor what the map rounds to another pixel.
    """
    # Low four bits: coverage by the trace; high four: what is printed below it.
    indices = found.picture.indices()
    covered, bare = indices & 15, indices >> 4 == 0
    places, _ = found.composed.grid.dense()
    columns, rows = places[..., 0].astype(int), places[..., 1].astype(int)
    height, width = indices.shape
    inside = (columns > 0) & (rows > 0) & (columns < width - 1) & (rows < height - 1)
    pixels = found.pixels if found.pixels.ndim == 2 else found.pixels.min(axis=2)
    rows, columns, seen = rows[inside], columns[inside], pixels[inside]
    shown = np.ones(rows.size, bool)
    for mask in (found.hidden, found.gone):
        if mask is not None:
            shown &= mask[rows, columns] == 0
    ink = seen[shown & (covered[rows, columns] == 15)]
    paper = seen[shown & (covered[rows, columns] == 0) & bare[rows, columns]]
    return float(np.median(ink)), float(np.median(paper))


@EACH
@pytest.mark.parametrize(("level", "least"), [(1, 60), (3, 25)])
def test_the_trace_is_darker_than_the_paper(profile: Profile, level: float, least: float) -> None:
    ink, paper = ink_and_paper(worn(profile, level, 1))
    assert paper - ink > least


@pytest.mark.slow
@EACH
@pytest.mark.parametrize("level", [1, 2, 3, 4, MOST_LEVEL])
def test_the_trace_can_be_seen_in_many_copies(profile: Profile, level: float) -> None:
    # At 200 dpi, as the profiles are meant for; the most worn copies may lose it.
    least = {1: 80, 2: 45, 3: 10, 4: 5, MOST_LEVEL: 2}[int(level)]
    picture = ecgmpi.draw(synthesize(1, 1), layout="3x4+1", dpi=200)
    differences = []
    for copy in range(5 * MANY):
        ink, paper = ink_and_paper(wear(picture, profile, level, 5, "key", copy))
        differences.append(paper - ink)
    differences.sort()
    assert differences[0 if level <= 3 else len(differences) // 5] > least, differences[:6]
