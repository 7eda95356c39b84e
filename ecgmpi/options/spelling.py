"""The options of a job as a user would type them: by these an OUT is known."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from ecgmpi.layouts import PageSpec
from ecgmpi.themes import COLOURS, Style, hexadecimal

from .option import flag_of
from .rendering import Rendering


def as_text(rendering: Rendering) -> dict[str, str]:
    """Each option of `rendering` as the flag and value a user would type.

    What is in a layout or a theme of the user's own stands in lines of its own.
    """
    said: dict[str, str] = {}
    for entry in fields(rendering):
        value = getattr(rendering, entry.name)
        if isinstance(value, (PageSpec, Style)):
            kind = f"[{entry.name}.{value.name}]"
            said |= {f"{kind} {name}": text for name, text in _content(value).items()}
            value = value.name
        said[flag_of(entry)] = _spelled(value)
    return said


def _spelled(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return "not given" if value is None else str(value)


def _content(own: PageSpec | Style) -> dict[str, str]:
    if isinstance(own, PageSpec):
        return {
            "columns": " | ".join(",".join(column) for column in own.columns),
            "rhythm": ",".join(own.rhythm) or "none",
            "seconds": _spelled(own.seconds),
        }
    return {
        entry.name: hexadecimal(value) if entry.name in COLOURS else _spelled(value)
        for entry in fields(own)
        if entry.name != "name"
        for value in [getattr(own, entry.name)]
    }
