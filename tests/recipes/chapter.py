"""The chapter on clusters: the commands of its recipes, its training loop, its other blocks."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = ROOT / "slurm" / "README.md"

_BLOCK = re.compile(r"^<!-- (?P<mark>[^>]+) -->\n```\w+\n(?P<code>.*?)^```$", re.S | re.M)
_TARGET = re.compile(r"^\| `out/(?P<name>[^`]+)` \| `(?P<code>[^`]+)` \|$", re.M)


def blocks(mark: str) -> list[str]:
    """The blocks of code under ``<!-- mark -->``, in order."""
    text = CHAPTER.read_text(encoding="utf-8")
    return [found["code"] for found in _BLOCK.finditer(text) if found["mark"] == mark]


def targets() -> dict[str, str]:
    """Name of a recipe -> what its `target` returns, as the chapter has it."""
    text = CHAPTER.read_text(encoding="utf-8")
    return {found["name"]: found["code"] for found in _TARGET.finditer(text)}


@dataclass(frozen=True, slots=True)
class Recipe:
    """The command of a recipe.

    Attributes
    ----------
    sbatch
        What stands before ``slurm/render.sh``.
    corpus, out
        INPUT and OUT.
    options
        Those of ``ecgmpi render``.
    """

    sbatch: tuple[str, ...]
    corpus: str
    out: str
    options: tuple[str, ...]

    @property
    def render(self) -> tuple[str, ...]:
        """The arguments of ``ecgmpi`` that ``slurm/render.sh`` makes of it."""
        return ("render", self.corpus, "-o", self.out, *self.options)


def recipe(name: str) -> Recipe:
    """The recipe of a data set, by its mark."""
    (code,) = blocks(f"recipe: {name}")
    words = shlex.split(code.replace("\\\n", " "))
    place = words.index("slurm/render.sh")
    assert words[0] == "sbatch"
    corpus, out, *options = words[place + 1 :]
    return Recipe(tuple(words[:place]), corpus, out, tuple(options))
