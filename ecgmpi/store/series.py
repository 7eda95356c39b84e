"""Series: the clean pictures of a job, and each kind of worn copies that it makes of them.

A series has a name, and files of its own kinds and endings, the same of each of its pictures. Of
every clean picture it has so many copies, numbered from 1. The clean pictures are a series, too,
without a name; their only copy is number 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ecgmpi.errors import UsageError
from ecgmpi.picture_formats import CLEAN, PICTURE

NAME = "[a-z]+(?:-[a-z]+)*"
"""How a series may be called, as a regular expression: the number of a copy comes after it."""

MOST_COPIES = 255
"""Copies of a picture in a series: the manifest keeps their number in one byte."""

_IN_NO_SPLIT = "none"
"""The folder of shards of recordings that are in no split."""

_LONGEST = 24
"""Letters of a name: it is part of every key."""


@dataclass(frozen=True, slots=True)
class Series:
    """Pictures of one kind.

    Attributes
    ----------
    name
        Lower-case letters, with single dashes between; empty for the clean pictures.
    endings
        What the names of the files of a picture end in, by kind, the picture's own first.
    copies
        How many there are of each clean picture.

    Raises
    ------
    UsageError
        No series can be called so, or have so many copies.
    """

    name: str
    endings: Mapping[str, str]
    copies: int = 1

    def __post_init__(self) -> None:
        if self.name == CLEAN:
            return
        if not re.fullmatch(NAME, self.name) or len(self.name) > _LONGEST:
            raise UsageError(
                f"{self.name!r} cannot be the name of worn copies, which is part of the names of "
                f"files: use at most {_LONGEST} lower-case letters, with single dashes between"
            )
        if self.name == _IN_NO_SPLIT:
            raise UsageError(
                f"{self.name} cannot be the name of worn copies: recordings in no split are "
                "counted as that; choose another name"
            )
        if not 1 <= self.copies <= MOST_COPIES:
            raise UsageError(f"{self.name}:{self.copies}: give 1 to {MOST_COPIES} copies")

    @property
    def format(self) -> str:
        """The format of its pictures, a name in `ecgmpi.picture_formats`."""
        return self.endings[PICTURE].removeprefix(".")


def copy_name(series: str, copy: int) -> str:
    """Give what tells a worn copy from the others of its picture; empty for the clean one.

    Examples
    --------
    >>> copy_name("scan-bw", 2)
    'scan-bw2'
    """
    return f"{series}{copy}" if series else ""


def refuse_splits(series: Iterable[Series], splits: Iterable[str]) -> None:
    """Refuse a split that is called like a series: both have a folder below that of shards.

    Raises
    ------
    UsageError
        There is one.
    """
    names = {one.name for one in series}
    for split in splits:
        if split in names:
            raise UsageError(
                f"--split: {split} is the name of worn copies, too, and each has a folder of "
                "shards; call the split otherwise"
            )
