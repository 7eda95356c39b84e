"""Convert the value of an option to the type that is stored, or refuse it by name."""

from __future__ import annotations

import math
import types
from collections.abc import Hashable, Iterable, Set
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from ecgmpi.errors import UsageError

from .quantities import Allowance, Part, Seconds


def checked(options: type[Any], name: str, value: Any, called: str) -> Any:
    """Convert the value of one option to the type that is stored.

    Parameters
    ----------
    options
        A dataclass whose fields were made by `ecgmpi.options.option`.
    name
        One of its fields.
    value
        The value that was given.
    called
        The name of the option in an error message.

    Raises
    ------
    UsageError
        The value is of another type, or is not allowed.
    """
    entry = next(entry for entry in fields(options) if entry.name == name)
    if entry.metadata["repeats"] and isinstance(value, str):
        value = (value,)
    value = _coerced(value, kinds_of(options, name), called)
    choices = entry.metadata.get("choices")
    for word in value if isinstance(value, tuple) else (value,):
        if choices and isinstance(word, str) and word not in choices:
            raise UsageError(f"{called} {word}: choose from {', '.join(choices)}")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        unit = entry.metadata["unit"].partition("default:")[0].partition(" where")[0]
        unit = unit.rstrip(", ")
        if not math.isfinite(value):
            raise UsageError(f"{called} {value}: give a finite number")
        if entry.metadata["positive"] and not value > 0:
            raise UsageError(f"{called} {value:g}: give a number above 0 {unit}".rstrip())
        least = entry.metadata["at_least"]
        if least is not None and value < least:
            raise UsageError(f"{called} {value:g}: give at least {least:.10g} {unit}".rstrip())
        most = entry.metadata["at_most"]
        if most is not None and value > most:
            raise UsageError(f"{called} {value:g}: give at most {most:.10g} {unit}".rstrip())
    return value


@cache
def _hints(options: Any) -> dict[str, Any]:
    return get_type_hints(options)


def kinds_of(options: type[Any], name: str) -> tuple[Any, ...]:
    """Types that an option may have, its own first."""
    hint = _hints(cast(Hashable, options))[name]
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def _coerced(value: Any, kinds: tuple[Any, ...], flag: str) -> Any:
    """Convert `value` to the one type that a field of these `kinds` holds."""
    words = [word for kind in kinds if get_origin(kind) is Literal for word in get_args(kind)]
    if (value is None and type(None) in kinds) or (isinstance(value, str) and value in words):
        return value
    if kinds[0] == tuple[str, ...]:
        return _names(value, flag)
    if is_dataclass(value) and type(value) in kinds:
        return value
    convert, wanted = _CONVERSIONS[kinds[0]]
    try:
        return convert(value)
    except (TypeError, ValueError, OverflowError):
        wanted += "".join(f", or {word}" for word in words)
        raise UsageError(f"{flag} {value!r}: give {wanted}") from None


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or (not isinstance(value, str) and int(value) != value):
        raise TypeError
    return int(value)


def _flag(value: Any) -> bool:
    # bool("no") would be True.
    if isinstance(value, str) or bool(value) != value:
        raise TypeError
    return bool(value)


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return str(value)


_CONVERSIONS: dict[Any, tuple[Any, str]] = {
    float: (_number, "a number"),
    int: (_whole, "a whole number"),
    bool: (_flag, "True or False"),
    str: (_word, "text"),
    Seconds: (Seconds.parse, "a time: 90 or 90s, 30m, 2h, 1:30:00 (h:mm:ss) or 1-12:00:00"),
    Part: (Part.parse, "K/N, part K of N, such as 3/8"),
    Allowance: (Allowance.parse, "a whole number, or a percentage below 100 such as 5%"),
}


def _names(value: Any, flag: str) -> tuple[str, ...]:
    """Names from comma-separated text, or from any ordered iterable."""
    if isinstance(value, str):
        value = value.split(",")
    # A set has no order.
    elif not isinstance(value, Iterable) or isinstance(value, Set):
        raise UsageError(f"{flag} {value!r}: give names, in order")
    given = tuple(value)
    if not all(isinstance(name, str) for name in given):
        raise UsageError(f"{flag} {given!r}: give names, in order")
    names = tuple(str(name).strip() for name in given)
    names = tuple(name for name in names if name)
    if not names:
        raise UsageError(f"{flag} {','.join(given)}: name at least one".replace(" :", ":"))
    return names
