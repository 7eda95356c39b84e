"""How the key of a row names a recording."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from enum import StrEnum
from operator import eq
from pathlib import Path

from ecgmpi.names import original, written
from ecgmpi.readers import claimed_extensions, divided, sample_extensions, split_address

_ENDINGS = claimed_extensions().union(*sample_extensions().values())

Entries = Callable[[Path, str], list[str] | None]
"""Reads what a file of many recordings says of each of them, in the dataset of a name; None where
it has no such dataset."""


class KeyKind(StrEnum):
    """What a key is, as it stands behind the name of its column."""

    RECORD = "record"
    PATH = "path"
    STEM = "stem"
    KEY = "key"

    @property
    def about(self) -> str:
        """What it is compared with."""
        return _ABOUT[self]


_ABOUT = {
    KeyKind.RECORD: "the name of a recording in OUT, without folders",
    KeyKind.PATH: "its path below INPUT, with or without ending",
    KeyKind.STEM: "the last part of its path, without ending",
    KeyKind.KEY: "its entry in the dataset of that name in a file of many recordings",
}


Recording = tuple[int, str, str, bytes]
"""What is known of a recording before it is read.

Its place in the catalogue, from 0; what it is called in OUT and its file below INPUT, both as
`ecgmpi.names.written` writes them; its file, for opening, as `os.fsencode` gives it.
"""


def divided_key(given: str) -> tuple[str, KeyKind | None]:
    """Divide ``COLUMN=path`` into the column and what its values are; None where that is not said.

    Examples
    --------
    >>> divided_key("filename_hr=path"), divided_key("a=b")
    (('filename_hr', <KeyKind.PATH: 'path'>), ('a=b', None))
    """
    column, equals, word = given.rpartition("=")
    if equals and column and word in list(KeyKind):
        return column, KeyKind(word)
    return given, None


def key_of(kind: KeyKind, value: str, above: str = "") -> str:
    """The key that a value of the table is; empty where it has none.

    Of a path, what leads to INPUT is taken off: `above`.
    """
    value = value.strip()
    if kind is KeyKind.PATH:
        return value.removeprefix("./").removeprefix(above)
    if kind is KeyKind.STEM:
        return _stem(value)
    return value


class RecordingKeys:
    """The keys by which recordings can be named.

    Parameters
    ----------
    kind
        What the keys are.
    column
        The column of the table, which names a dataset, too, where `kind` is `KeyKind.KEY`.
    entries
        Reads such a dataset.
    """

    def __init__(self, kind: KeyKind, column: str, entries: Entries) -> None:
        self._kind = kind
        self._column = column
        self._entries = entries
        # The recordings of a file follow each other.
        self._file: tuple[Path, list[str] | None] | None = None
        self.without: list[str] = []

    @property
    def of_files(self) -> bool:
        """Whether files have to be opened for them."""
        return self._kind is KeyKind.KEY

    def of_block(self, block: Sequence[Recording]) -> tuple[list[str], list[int]]:
        """Give the keys of many recordings, and to which each belongs."""
        if self._kind is KeyKind.PATH:
            names = [name for _, name, _, _ in block]
            sources = [source for _, _, source, _ in block]
            if not any(map(eq, names, sources)):
                # As `of` gives them, at half the cost: names have an ending less than files.
                return names + sources, [index for index, *_ in block] * 2
        of_each = list(map(self.of, block))
        owners = [one[0] for one, keys in zip(block, of_each, strict=True) for _ in keys]
        return [key for keys in of_each for key in keys], owners

    def of(self, recording: Recording) -> Sequence[str]:
        """Give the keys of a recording: none where it has no entry."""
        _, name, source, _ = recording
        if self._kind is KeyKind.RECORD:
            return (name.rpartition("/")[2],)
        if self._kind is KeyKind.PATH:
            return (source, name) if name != source else _with_and_without_ending(source)
        if self._kind is KeyKind.STEM:
            return (_stem(source),)
        return self._entry(recording)

    def _entry(self, recording: Recording) -> Sequence[str]:
        _, _, source, encoded = recording
        path, member = split_address(os.fsdecode(encoded))
        if member is None:
            return ()
        if self._file is None or self._file[0] != path:
            self._file = path, self._entries(path, self._column)
            if self._file[1] is None and len(self.without) < 3:
                self.without.append(source.rpartition("#")[0])
        entries = self._file[1]
        if entries is None or member >= len(entries):
            return ()
        return (entries[member].strip(),)


def folders_above(recording: Recording, values: Sequence[str]) -> str:
    """What of the path to INPUT some paths begin with; empty where that is nothing.

    Tables have paths below the folder of the whole corpus, or even from the root, and INPUT may be
    a part of it.
    """
    if not values:
        return ""
    _, _, source, encoded = recording
    top = original(written(os.fsdecode(encoded)).removesuffix(source)).rstrip("/")
    parts = top.split("/")
    # The longest first: from the root on.
    for first in range(len(parts)):
        above = "/".join(parts[first:]) + "/"
        if above.strip("/") and all(value.startswith(above) for value in values):
            return above
    return ""


def _with_and_without_ending(source: str) -> Sequence[str]:
    """The keys of a recording that is named as its file, with --name-with-ending."""
    stem, ending = divided(source)
    return (source, stem) if ending in _ENDINGS and "#" not in source else (source,)


def _stem(path: str) -> str:
    """The last part of a path, without an ending that files of recordings have."""
    last = path.rstrip("/").replace("\\", "/").rpartition("/")[2]
    file, mark, number = last.rpartition("#")
    if mark and number.isdecimal():
        return f"{_stem(file)}#{number}"
    stem, ending = divided(last)
    return stem if ending in _ENDINGS else last
