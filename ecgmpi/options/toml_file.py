"""``--config job.toml``: the options of a job, and own layouts and themes, from a file.

Options come first, under their names on the command line, with dashes or underscores.
``[layouts.NAME]`` is a layout, ``[themes.NAME]`` a theme, ``[profiles.NAME]`` a profile of worn
paper. TOML allows ``[layout.NAME]`` only if there is no ``layout = ...``, so both spellings are
read. ``[wear.NAME]`` defines a profile and asks for its ``copies``, too.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_args, get_origin

from ecgmpi.errors import UsageError
from ecgmpi.layouts import NAMES, PageSpec, canonical_page
from ecgmpi.themes import COLOURS, SIZES_MM, THEMES, Colour, Style

from .coerce import checked, kinds_of
from .custom import NAME, NAME_RULE
from .rendering import Rendering
from .running import Running

_TYPED = ("input", "inputs", "out", "output")
_LAYOUT_KEYS = ("columns", "rhythm", "seconds")
_BASE = "base"
_ALIASES = {"grid": "minor", "major": "bold", "grid_mm": "minor_mm", "major_mm": "bold_mm"}
_THEME_KEYS = (_BASE, *COLOURS, *SIZES_MM, *_ALIASES)
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_SECTIONS = {
    "layout": "layout",
    "layouts": "layout",
    "theme": "theme",
    "themes": "theme",
    "wear": "wear",
    "profiles": "wear",
}


@dataclass(frozen=True, slots=True)
class Config:
    """The options, layouts and themes of a file.

    Attributes
    ----------
    options
        Value of each option in the file, by its name with underscores.
    layouts, themes
        The user's own, by name.
    profiles
        The user's own of worn paper, by name: a table each.
    called
        The name of the file in an error message; empty without a file.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    layouts: Mapping[str, PageSpec] = field(default_factory=dict)
    themes: Mapping[str, Style] = field(default_factory=dict)
    profiles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    called: str = ""

    def build(self, options: type[Any], given: Mapping[str, Any]) -> Any:
        """Make `Rendering` or `Running` from what was given, or else from the file.

        Parameters
        ----------
        options
            One of the two.
        given
            What was typed, by the names of its fields.

        Raises
        ------
        UsageError
            A value is not allowed, or conflicts with the others.
        """
        names = {entry.name for entry in fields(options)}
        values = {name: value for name, value in self.options.items() if name in names}
        values |= given
        own: tuple[tuple[str, Mapping[str, Any], Iterable[str]], ...] = (
            ("layout", self.layouts, NAMES),
            ("theme", self.themes, THEMES),
        )
        for name, made, known in own:
            value = values.get(name)
            if isinstance(value, str) and made and value not in known:
                if value not in made:
                    choices = ", ".join((*known, *made))
                    raise UsageError(f"--{name} {value}: choose from {choices}")
                values[name] = made[value]
        if "wear" in names and self.profiles:
            values.setdefault("wear_profiles", json.dumps(self.profiles))
        try:
            return options(**values)
        except UsageError as error:
            if self.options.keys() & names - given.keys():
                raise UsageError(f"{error} (with the options of {self.called})") from error
            raise


def load(path: Path) -> Config:
    """Read a file.

    Parameters
    ----------
    path
        A TOML file, UTF-8.

    Returns
    -------
    Config
        Every value is checked; `Config.build` checks whether they agree with each other.

    Raises
    ------
    UsageError
        It cannot be read, is not TOML, or holds a name or a value that is not allowed: the
        file, the key, what was found and what is allowed, in one line.
    """
    document = _parsed(path)
    called = str(path)
    options: dict[str, Any] = {}
    layouts: dict[str, PageSpec] = {}
    themes: dict[str, Style] = {}
    profiles: dict[str, dict[str, Any]] = {}
    known: dict[str, Mapping[str, object]] = {
        "layout": layouts,
        "theme": themes,
        "wear": profiles,
    }
    for key, value in document.items():
        kind = _SECTIONS.get(key)
        if kind is None or (key == kind and not isinstance(value, dict)):
            continue
        for name, content in _tables(key, value, called):
            where = f"{called}: [{key}.{name}]"
            if name in known[kind]:
                raise UsageError(f"{where}: two have that name; leave one out")
            if kind == "wear":
                copies = _copies(key, content, where)
                _check_profile(name, content, where)
                profiles[name] = content
                if copies is not None:
                    options.setdefault("wear", []).append(f"{name}:{copies}")
            elif kind == "layout":
                _check_name(name, where, NAMES)
                layouts[name] = _layout(name, content, where)
            else:
                _check_name(name, where, THEMES)
                themes[name] = _theme(name, content, where)
    of = {entry.name: made for made in (Rendering, Running) for entry in fields(made)}
    sections = {key for key in document if key in _SECTIONS and isinstance(document[key], dict)}
    for key in document.keys() - sections:
        name = key.replace("-", "_")
        if name in _TYPED:
            raise UsageError(f"{called}: {key}: INPUT and OUT are typed, not read from a file")
        if name not in of:
            raise UsageError(f"{called}: no option {key!r}{_nearest(key, of, dashes=True)}")
        if name in options:
            raise UsageError(f"{called}: {name} is given twice, also as {key}; leave one out")
        own: Iterable[str] = {"layout": tuple(layouts), "theme": tuple(themes)}.get(name, ())
        value = document[key]
        if not (isinstance(value, str) and value in own):
            value = _option(of[name], name, value, f"{called}: {key}", own)
        options[name] = value
    return Config(options, layouts, themes, profiles, called)


def _parsed(path: Path) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return tomllib.loads(text)
    except OSError as error:
        raise UsageError(
            f"--config {path}: {error.strerror}; name a file of options that can be read"
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"--config {path}: not UTF-8 text; save it as UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        said = " ".join(str(error).split())
        raise UsageError(f"--config {path}: not TOML: {said}{_hint(text)}") from error


def _hint(text: str) -> str:
    for kind in ("layout", "theme"):
        value = re.search(rf"(?m)^[ \t]*{kind}[ \t]*=", text)
        section = re.search(rf"(?m)^[ \t]*\[[ \t]*{kind}[ \t]*\.", text)
        if value and section:
            return f"; beside {kind} = ... write [{kind}s.NAME], with an s"
    if re.search(r"(?m)^[ \t]*wear[ \t]*=", text) and re.search(r"(?m)^[ \t]*\[[ \t]*wear", text):
        return "; beside wear = ... write [profiles.NAME]"
    return ""


def _tables(key: str, section: Any, called: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(section, dict):
        raise UsageError(f"{called}: {key} = {section!r}: write sections [{key}.NAME]")
    for name, content in section.items():
        if not isinstance(content, dict):
            copies = '; for copies write wear = ["photo:2"]' if key == "wear" else ""
            raise UsageError(f"{called}: [{key}] {name}: it is outside any [{key}.NAME]{copies}")
        yield name, content


def _check_name(name: str, where: str, known: Iterable[str]) -> None:
    if not NAME.fullmatch(name):
        raise UsageError(f"{where}: {NAME_RULE}")
    if name in known:
        raise UsageError(f"{where}: there is one of that name already; give yours another")


def _copies(key: str, content: dict[str, Any], where: str) -> int | None:
    """Take the copies out of the section of a profile; None where it only defines one."""
    if key != "wear":
        if "copies" in content:
            raise UsageError(f"{where} copies: call the section [wear.NAME], which makes some")
        return None
    copies = content.pop("copies", 1)
    if not isinstance(copies, int) or isinstance(copies, bool):
        raise UsageError(f"{where} copies = {copies!r}: give a whole number, without quotes")
    return copies


def _check_profile(name: str, content: dict[str, Any], where: str) -> None:
    # It knows every effect, which is of no use to a file without profiles.
    from ecgmpi.wear.profile_text import profile_of

    profile_of(name, content, where)


def _nearest(name: str, known: Iterable[str], dashes: bool = False) -> str:
    known = [other.replace("_", "-") if dashes else other for other in known]
    spelled = name.replace("_", "-") if dashes else name
    near = difflib.get_close_matches(spelled.lower(), known, n=1)
    return f": do you mean {near[0]}?" if near else f"; choose from {', '.join(known)}"


def _option(options: type[Any], name: str, value: Any, called: str, own: Iterable[str]) -> Any:
    """Check one value strictly by its type: TOML has types, where a command line has words."""
    kinds = kinds_of(options, name)
    kind = kinds[0]
    words = {word for other in kinds for word in get_args(other)}
    wanted = ""
    if kind is bool and not isinstance(value, bool):
        wanted = "true or false"
    elif kind in (float, int) and isinstance(value, str) and value not in words:
        wanted = "a number, without quotes"
        wanted += "".join(f', or "{word}"' for word in sorted(words))
    elif kind is str and not isinstance(value, str):
        wanted = "text, in quotes"
    elif get_origin(kind) is tuple and not isinstance(value, (str, list)):
        wanted = 'names, for example ["I", "II"]'
    if wanted:
        raise UsageError(f"{called} = {value!r}: give {wanted}")
    try:
        return checked(options, name, value, called)
    except UsageError as error:
        raise UsageError(f"{error}{''.join(f', {other}' for other in own)}") from error


def _layout(name: str, content: dict[str, Any], where: str) -> PageSpec:
    for key in content:
        if key not in _LAYOUT_KEYS:
            raise UsageError(f"{where}: no key {key!r}{_nearest(key, _LAYOUT_KEYS)}")
    if "columns" not in content:
        raise UsageError(f'{where}: give its columns, for example columns = [["I", "II"], ["V1"]]')
    try:
        return canonical_page(PageSpec(name, **content))
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from error


def _theme(name: str, content: dict[str, Any], where: str) -> Style:
    values: dict[str, Any] = {}
    for given, value in content.items():
        key = given.replace("-", "_")
        if key not in _THEME_KEYS:
            raise UsageError(f"{where}: no key {given!r}{_nearest(key, _THEME_KEYS)}")
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
