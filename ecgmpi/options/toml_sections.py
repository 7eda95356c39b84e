"""Sections of a file of options: ``[layouts.NAME]``, ``[themes.NAME]``, ``[profiles.NAME]``.

In messages, `where` is the file and the section: ``job.toml: [layouts.mine]``. Whatever is not
allowed raises UsageError, which says where, what was found and what is allowed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

from ecgmpi.errors import UsageError
from ecgmpi.layouts import NAMES, PageSpec, canonical_page
from ecgmpi.themes import COLOURS, SIZES_MM, THEMES, Colour, Style

from .custom import NAME, NAME_RULE

_LAYOUT_KEYS = ("columns", "rhythm", "seconds")
_BASE = "base"
_ALIASES = {"grid": "minor", "major": "bold", "grid_mm": "minor_mm", "major_mm": "bold_mm"}
_THEME_KEYS = (_BASE, *COLOURS, *SIZES_MM, *_ALIASES)
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def tables_of(key: str, section: Any, called: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the name and the content of each section ``[key.NAME]``, in the file `called`.

    Raises
    ------
    UsageError
        Something stands outside any of them.
    """
    if not isinstance(section, dict):
        raise UsageError(f"{called}: {key} = {section!r}: write sections [{key}.NAME]")
    for name, content in section.items():
        if not isinstance(content, dict):
            copies = '; for copies write wear = ["photo:2"]' if key == "wear" else ""
            raise UsageError(f"{called}: [{key}] {name}: it is outside any [{key}.NAME]{copies}")
        yield name, content


def take_copies(key: str, content: dict[str, Any], where: str) -> int | None:
    """Take the copies out of the section of a profile; None where it only defines one.

    Raises
    ------
    UsageError
        They are not a whole number, or the section makes none.
    """
    if key != "wear":
        if "copies" in content:
            raise UsageError(f"{where} copies: call the section [wear.NAME], which makes some")
        return None
    copies = content.pop("copies", 1)
    if not isinstance(copies, int) or isinstance(copies, bool):
        raise UsageError(f"{where} copies = {copies!r}: give a whole number, without quotes")
    return copies


def check_profile(name: str, content: dict[str, Any], where: str) -> None:
    """Check the section of a profile of worn paper.

    Raises
    ------
    UsageError
        See `ecgmpi.wear.profile_text.profile_of`.
    """
    # It knows every effect, which is of no use to a file without profiles.
    from ecgmpi.wear.profile_text import profile_of

    profile_of(name, content, where)


def layout_of(name: str, content: dict[str, Any], where: str) -> PageSpec:
    """Make the layout of a section.

    Raises
    ------
    UsageError
        Its name, a key or a value is not allowed.
    """
    _check_name(name, where, NAMES)
    for key in content:
        if key not in _LAYOUT_KEYS:
            raise UsageError(f"{where}: no key {key!r}{nearest(key, _LAYOUT_KEYS)}")
    if "columns" not in content:
        raise UsageError(f'{where}: give its columns, for example columns = [["I", "II"], ["V1"]]')
    try:
        return canonical_page(PageSpec(name, **content))
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from error


def theme_of(name: str, content: dict[str, Any], where: str) -> Style:
    """Make the theme of a section, like its base but for what it says.

    Raises
    ------
    UsageError
        Its name, a key or a value is not allowed.
    """
    _check_name(name, where, THEMES)
    values: dict[str, Any] = {}
    for given, value in content.items():
        key = given.replace("-", "_")
        if key not in _THEME_KEYS:
            raise UsageError(f"{where}: no key {given!r}{nearest(key, _THEME_KEYS)}")
        key = _ALIASES.get(key, key)
        if key in values:
            raise UsageError(f"{where}: {key} is given twice, also as {given}; leave one out")
        values[key] = _colour(value, f"{where} {given}") if key in COLOURS else value
    base = values.pop(_BASE, "red")
    if not isinstance(base, str) or base not in THEMES:
        raise UsageError(f"{where} base = {base!r}: choose from {', '.join(THEMES)}")
    look = {entry.name: getattr(THEMES[base], entry.name) for entry in fields(Style)}
    try:
        return Style(**{**look, **values, "name": name})
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from error


def _colour(value: Any, where: str) -> Colour:
    if not isinstance(value, str):
        raise UsageError(f'{where} = {value!r}: give a colour as "#rrggbb" or by its CSS name')
    text = value.strip()
    if not _HEX.fullmatch(text):
        # Imported only for a colour name: ranks do not need matplotlib otherwise.
        from matplotlib.colors import CSS4_COLORS

        if text.lower() not in CSS4_COLORS:
            near = difflib.get_close_matches(text.lower(), CSS4_COLORS, n=1)
            raise UsageError(
                f'{where} = {value!r}: give a colour as "#rrggbb" or by its CSS name'
                + (f"; do you mean {near[0]}?" if near else "")
            )
        text = str(CSS4_COLORS[text.lower()])
    return (int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16))


def _check_name(name: str, where: str, known: Iterable[str]) -> None:
    if not NAME.fullmatch(name):
        raise UsageError(f"{where}: {NAME_RULE}")
    if name in known:
        raise UsageError(f"{where}: there is one of that name already; give yours another")


def nearest(name: str, known: Iterable[str], dashes: bool = False) -> str:
    """Say which of the known names is meant, else all of them; `dashes` for words of options."""
    known = [other.replace("_", "-") if dashes else other for other in known]
    spelled = name.replace("_", "-") if dashes else name
    near = difflib.get_close_matches(spelled.lower(), known, n=1)
    return f": do you mean {near[0]}?" if near else f"; choose from {', '.join(known)}"
