"""The tables of the chapter on worn paper, made of what the package has.

``python -m tests.wear.tables`` writes them into the chapter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import ecgmpi
from ecgmpi.wear.effect import Effect, Parameter
from ecgmpi.wear.profiles import PROFILES
from ecgmpi.wear.registry import DEVICE, LIGHT, MARKS, PRINT, SCREEN, SENSOR, SHAPE
from ecgmpi.wear.wear_profile import JPG

CHAPTER = Path(ecgmpi.__file__).parent / "wear" / "README.md"

STAGES: dict[str, tuple[Effect[Any], ...]] = {
    "Ink and preprinted paper": PRINT,
    "On the page": MARKS,
    "A screen that shows the page": SCREEN,
    "How the sheet lies": SHAPE,
    "What looks at it; a profile has one of them": DEVICE,
    "Light, and what lies around": LIGHT,
    "Sensor and file": SENSOR,
}
"""What a table is headed, and the effects in it."""


def profiles() -> str:
    """The table of profiles."""
    rows = (
        f"| `{one.name}` | {one.about} | {'JPEG' if one.format == JPG else 'PNG'} |\n"
        for one in PROFILES.values()
    )
    return "| `--wear` | what it looks like | file |\n|---|---|---|\n" + "".join(rows)


def effects() -> str:
    """The tables of effects, a stage each."""
    return "\n".join(_stage(heading, of_stage) for heading, of_stage in STAGES.items())


def _stage(heading: str, of_stage: Iterable[Effect[Any]]) -> str:
    rows = (
        f"| `{effect.name}` | {effect.about} | {'; '.join(map(_told, effect.parameters))} |\n"
        for effect in of_stage
    )
    return f"| {heading} | | parameters |\n|---|---|---|\n{''.join(rows)}"


def _told(parameter: Parameter) -> str:
    bounds = f"{parameter.least:g} to {parameter.most:g}, neutral {parameter.neutral:g}"
    return f"`{parameter.name}` {parameter.about} ({bounds})"


TABLES = {"profiles": profiles, "effects": effects}


def between(mark: str) -> re.Pattern[str]:
    """What stands between the marks of a table: its second group."""
    return re.compile(rf"(<!-- {mark}: begin, .*? -->\n)(.*?)(<!-- {mark}: end -->\n)", re.S)


def main() -> None:
    """Write all of them."""
    text = CHAPTER.read_text(encoding="utf-8")
    for mark, make in TABLES.items():
        table = make()
        text = between(mark).sub(lambda found, table=table: found[1] + table + found[3], text)  # type: ignore[misc]
    CHAPTER.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
