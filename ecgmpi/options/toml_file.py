"""``--config job.toml``: the options of a job, and own layouts and themes, from a file.

Options come first, under their names on the command line, with dashes or underscores.
``[layouts.NAME]`` is a layout, ``[themes.NAME]`` a theme, ``[profiles.NAME]`` a profile of worn
paper. TOML allows ``[layout.NAME]`` only if there is no ``layout = ...``, so both spellings are
read. ``[wear.NAME]`` defines a profile and asks for its ``copies``, too.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_args, get_origin

from ecgmpi.errors import UsageError
from ecgmpi.layouts import NAMES, PageSpec
from ecgmpi.themes import THEMES, Style

from .coerce import checked, kinds_of
from .rendering import Rendering
from .running import Running
from .toml_sections import check_profile, layout_of, nearest, tables_of, take_copies, theme_of

_TYPED = ("input", "inputs", "out", "output")
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
        for name, content in tables_of(key, value, called):
            where = f"{called}: [{key}.{name}]"
            if name in known[kind]:
                raise UsageError(f"{where}: two have that name; leave one out")
            if kind == "wear":
                copies = take_copies(key, content, where)
                check_profile(name, content, where)
                profiles[name] = content
                if copies is not None:
                    options.setdefault("wear", []).append(f"{name}:{copies}")
            elif kind == "layout":
                layouts[name] = layout_of(name, content, where)
            else:
                themes[name] = theme_of(name, content, where)
    of = {entry.name: made for made in (Rendering, Running) for entry in fields(made)}
    sections = {key for key in document if key in _SECTIONS and isinstance(document[key], dict)}
    for key in document.keys() - sections:
        name = key.replace("-", "_")
        if name in _TYPED:
            raise UsageError(f"{called}: {key}: INPUT and OUT are typed, not read from a file")
        if name not in of:
            raise UsageError(f"{called}: no option {key!r}{nearest(key, of, dashes=True)}")
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
