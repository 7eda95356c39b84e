"""Profiles of the user's own, from tables of TOML and JSON: checked, and in one spelling."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ecgmpi.errors import UsageError

from .effect import Effect
from .profiles import PROFILES
from .registry import EFFECTS
from .wear_profile import JPG, PNG, Profile, Use

NAME = re.compile(r"[a-z]+(?:-[a-z]+)*")
NAME_RULE = "name it with lower-case letters and - between them, at most 24"
MOST_NAME = 24

ALTERNATIVES = (("scanner", "camera"), ("desk", "platen", "monitor"))
"""Effects of which a copy can show one: what sees the sheet, and what lies around it."""

_EFFECTS: Mapping[str, Effect[Any]] = {effect.name: effect for effect in EFFECTS}
_BASE, _FORMAT, _CROP, _PROBABILITY = "base", "format", "crop", "probability"
_KEYS = (_BASE, _FORMAT, _CROP)


def profile_of(name: str, content: Mapping[str, Any], where: str) -> Profile:
    """Make a profile of a table.

    Parameters
    ----------
    name
        What it is called.
    content
        ``base``: a built-in profile whose effects it has, unless it says otherwise; ``format``:
        ``jpg`` or ``png``; ``crop``: whether parts of the page may lie outside the picture. Any
        other key is an effect: false for none, or a table of ``probability`` and of ranges, each a
        number or two.
    where
        How an error message names it.

    Raises
    ------
    UsageError
        A name or a value is not allowed.
    """
    if not NAME.fullmatch(name) or len(name) > MOST_NAME:
        raise UsageError(f"{where}: {NAME_RULE}")
    if name in PROFILES:
        raise UsageError(
            f"{where}: there is a profile of that name already; give yours another, with "
            f'{_BASE} = "{name}" to change it, or write wear = ["{name}:2"] for copies as it is'
        )
    base = content.get(_BASE)
    if base is not None and (not isinstance(base, str) or base not in PROFILES):
        raise UsageError(f"{where} base = {base!r}: choose from {', '.join(PROFILES)}")
    uses = dict(PROFILES[base].uses) if base else {}
    format = content.get(_FORMAT, PROFILES[base].format if base else JPG)
    if format not in (JPG, PNG):
        raise UsageError(f"{where} format = {format!r}: choose from {JPG}, {PNG}")
    crop = content.get(_CROP, PROFILES[base].crop if base else False)
    if not isinstance(crop, bool):
        raise UsageError(f"{where} crop = {crop!r}: give true or false")
    for key, value in content.items():
        if key in _KEYS:
            continue
        if key not in _EFFECTS:
            raise UsageError(f"{where}: no effect {key!r}{_nearest(key, [*_KEYS, *_EFFECTS])}")
        if value is False:
            uses.pop(key, None)
        elif isinstance(value, dict):
            uses[key] = _use(_EFFECTS[key], uses.get(key, Use()), value, f"{where} {key}")
        else:
            raise UsageError(
                f"{where} {key} = {_spelled(value)}: give a table, such as "
                f"{{ {_PROBABILITY} = 0.5 }}, or false for none"
            )
    _check_alternatives(uses, where)
    return Profile(name, f"of your own{f', from {base}' if base else ''}", uses, format, crop)


def _check_alternatives(uses: Mapping[str, Use], where: str) -> None:
    for group in ALTERNATIVES:
        both = [name for name in group if name in uses]
        if len(both) > 1:
            raise UsageError(
                f"{where}: it has {' and '.join(both)}, of which a copy can show one; add "
                f"{' or '.join(f'{name} = false' for name in both)}"
            )


def profiles_of(text: str) -> dict[str, Profile]:
    """Make the profiles that a JSON object of tables describes, by name.

    Raises
    ------
    UsageError
        It is not such a text, or a name or a value in it is not allowed.
    """
    try:
        tables = json.loads(text)
        items = [(str(name), dict(content)) for name, content in tables.items()]
    except (ValueError, TypeError, AttributeError) as error:
        raise UsageError(f"--wear-profiles: not a JSON object of tables: {error}") from error
    return {name: profile_of(name, content, f"[wear.{name}]") for name, content in items}


def _use(effect: Effect[Any], before: Use, value: Mapping[str, Any], where: str) -> Use:
    known = {parameter.name: parameter for parameter in effect.parameters}
    ranges = {name: (low, high) for name, low, high in before.ranges}
    probability = before.probability
    for key, given in value.items():
        if key == _PROBABILITY:
            if not _number(given) or not 0 <= given <= 1:
                raise UsageError(f"{where} {key} = {given!r}: give a number from 0 to 1")
            probability = float(given)
            continue
        if key not in known:
            near = _nearest(key, [*known, _PROBABILITY])
            raise UsageError(f"{where}: no parameter {key!r}{near}")
        pair = tuple(given) if isinstance(given, list | tuple) else (given, given)
        if len(pair) != 2 or not all(map(_number, pair)) or pair[0] > pair[1]:
            raise UsageError(
                f"{where} {key} = {given!r}: give a number, or the least and the greatest: [1, 2]"
            )
        low, high = pair
        if known[key].whole and (low % 1 or high % 1):
            raise UsageError(f"{where} {key} = {given!r}: give whole numbers")
        least, most = known[key].least, known[key].most
        if low < least or high > most:
            raise UsageError(f"{where} {key} = {given!r}: give {least:g} to {most:g}")
        ranges[key] = (float(low), float(high))
    return Use(probability, tuple((name, *pair) for name, pair in ranges.items()))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _spelled(value: Any) -> str:
    """A value as TOML and JSON spell it."""
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _nearest(name: str, known: Iterable[str]) -> str:
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1)
    return f": do you mean {near[0]}?" if near else f"; choose from {', '.join(known)}"
