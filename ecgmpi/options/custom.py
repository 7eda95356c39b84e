"""Layouts and themes of the user's own: how they may be called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from ecgmpi.errors import UsageError
from ecgmpi.layouts import STRIP, PageSpec
from ecgmpi.themes import Style

NAME = re.compile(r"\w[\w.+-]{0,39}")
NAME_RULE = "name it with letters, digits, and . + - _, at most 40"
"""What a layout or a theme of the user's own may be called."""

_Own = TypeVar("_Own", PageSpec, Style)


def own(made: _Own, kind: str, known: Mapping[str, _Own]) -> _Own | str:
    """Give a layout or theme of the user's own, or the name of the known one that it is."""
    if not (isinstance(made.name, str) and NAME.fullmatch(made.name)) or made.name == STRIP:
        raise UsageError(f"{kind} {made.name!r}: {NAME_RULE}")
    if made.name not in known:
        return made
    if made != known[made.name]:
        raise UsageError(
            f"{kind} {made.name}: there is one of that name already; give yours another"
        )
    return made.name
