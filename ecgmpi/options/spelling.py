"""The options of a job as a user would type them, and back: by these an OUT is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ecgmpi.errors import UsageError
from ecgmpi.layouts import PageSpec
from ecgmpi.themes import COLOURS, Style, hexadecimal

from .coerce import kinds_of
from .labels import FLAGS, Labelling
from .option import flag_of
from .rendering import Rendering

NOT_GIVEN = "not given"
"""How the value of an option is spelled that is not given."""

WEAR = "--wear"
"""The flag of an option that makes series of worn copies."""

_NO_RHYTHM = "none"
_ADDED = {
    "--compression": NOT_GIVEN,
    "--wear": NOT_GIVEN,
    "--wear-level": NOT_GIVEN,
    "--seed": NOT_GIVEN,
    "--clean": "True",
    "--wear-profiles": NOT_GIVEN,
}
"""Flags that a job.json of an earlier version lacks, and the values by which it drew."""


def as_text(options: Labelling) -> dict[str, str]:
    """Each of some options, or of all of a job, as the flag and value a user would type.

    What is in a layout or a theme of the user's own stands in lines of its own.
    """
    said: dict[str, str] = {}
    for entry in fields(options):
        value = getattr(options, entry.name)
        if isinstance(value, (PageSpec, Style)):
            kind = f"[{entry.name}.{value.name}]"
            said |= {f"{kind} {name}": text for name, text in _content(value).items()}
            value = value.name
        said[flag_of(entry)] = _spelled(value)
    return said


def from_text(said: Mapping[str, str]) -> Rendering:
    """Restore the options that `as_text` spelled, but for those of labels.

    No picture depends on these, and a job notes what a table holds, not where it is.

    Raises
    ------
    UsageError
        They are those of another version, or an own layout or theme cannot be restored.
    """
    said = _ADDED | dict(said) | dict.fromkeys(FLAGS, NOT_GIVEN)
    values: dict[str, Any] = {}
    for entry in fields(Rendering):
        flag = flag_of(entry)
        try:
            values[entry.name] = _restored(entry.name, said[flag], said)
        except (KeyError, ValueError, UsageError) as error:
            raise _not_restored(f"{flag} {said.get(flag, 'is missing')}") from error
    try:
        made = Rendering(**values)
    except UsageError as error:
        raise _not_restored(str(error)) from error
    spelled = as_text(made)
    if differing := sorted(
        name for name in said.keys() | spelled.keys() if said.get(name) != spelled.get(name)
    ):
        raise _not_restored(", ".join(differing))
    return made


def _not_restored(what: str) -> UsageError:
    return UsageError(f"the options of the job cannot be restored: {what}")


def _restored(name: str, text: str, said: Mapping[str, str]) -> Any:
    kinds = kinds_of(Rendering, name)
    if text == NOT_GIVEN and type(None) in kinds:
        return None
    if bool in kinds:
        return {"True": True, "False": False}[text]
    mark = f"[{name}.{text}] "
    content = {key.removeprefix(mark): value for key, value in said.items() if key.startswith(mark)}
    if content and PageSpec in kinds:
        rhythm = content["rhythm"]
        return PageSpec(
            text,
            columns=tuple(
                tuple(column.split(",")) if column else ()
                for column in content["columns"].split(" | ")
            ),
            rhythm=() if rhythm == _NO_RHYTHM else tuple(rhythm.split(",")),
            seconds=float(content["seconds"]),
        )
    if content and Style in kinds:
        look: dict[str, Any] = {
            key: tuple(bytes.fromhex(value.removeprefix("#"))) if key in COLOURS else float(value)
            for key, value in content.items()
        }
        return Style(text, **look)
    return text


def _spelled(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return NOT_GIVEN if value is None else str(value)


def _content(own: PageSpec | Style) -> dict[str, str]:
    if isinstance(own, PageSpec):
        return {
            "columns": " | ".join(",".join(column) for column in own.columns),
            "rhythm": ",".join(own.rhythm) or _NO_RHYTHM,
            "seconds": _spelled(own.seconds),
        }
    return {
        entry.name: hexadecimal(value) if entry.name in COLOURS else _spelled(value)
        for entry in fields(own)
        if entry.name != "name"
        for value in [getattr(own, entry.name)]
    }
