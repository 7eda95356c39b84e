"""What chance decides about a worn copy: which effects of its profile it shows, and how."""

from __future__ import annotations

import math
from collections.abc import Iterable

from .chance import generator
from .effect import Drawn, Effect, PageFacts
from .wear_profile import LEVEL, Profile, Use


def draw_effects(
    profile: Profile,
    effects: Iterable[Effect[object]],
    level: float,
    seed: int,
    key: str,
    copy: int,
    page: PageFacts,
) -> dict[str, Drawn]:
    """Draw which effects a copy shows, and all that is left to chance about them.

    Parameters
    ----------
    profile
        The profile.
    effects
        All there are.
    level
        0 to `MOST_LEVEL`. The distance of each range from the parameter's neutral value, and each
        probability below 1, are `level` / 2 of what the profile says.
    seed, key, copy
        Of the job; the key of the picture; the number of the copy, from 1.
    page
        The page.

    Returns
    -------
    dict
        What was drawn by name of the effect, of those that the copy shows.
    """
    drawn: dict[str, Drawn] = {}
    for effect in effects:
        use = profile.uses.get(effect.name)
        if use is None or level <= 0:
            continue
        chance = generator(seed, key, profile.name, copy, effect.name)
        # All are drawn, whether it is shown or not: so a level changes how much, not what.
        lot = chance.random()
        amounts = _amounts(effect, use, level / LEVEL, [chance.random() for _ in effect.parameters])
        likely = use.probability if use.probability >= 1 else use.probability * level / LEVEL
        if lot < likely:
            drawn[effect.name] = effect.draw(amounts, chance, page)
    return drawn


def _amounts(
    effect: Effect[object], use: Use, share: float, lots: Iterable[float]
) -> dict[str, float]:
    ranges = {name: (low, high) for name, low, high in use.ranges}
    amounts: dict[str, float] = {}
    for parameter, lot in zip(effect.parameters, lots, strict=True):
        low, high = ranges.get(parameter.name, (parameter.neutral, parameter.neutral))
        at_two = low + (high - low) * lot
        value = parameter.neutral + (at_two - parameter.neutral) * share
        value = min(max(value, parameter.least), parameter.most)
        amounts[parameter.name] = math.floor(value + 0.5) if parameter.whole else value
    return amounts
