"""Files that are kept open between two uses, the last used ones only."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, Protocol, TypeVar


class Closable(Protocol):
    """What can be closed."""

    def close(self) -> None:
        """Close it."""


Key = TypeVar("Key", bound=Hashable)
File = TypeVar("File", bound=Closable)


class KeptOpen(Generic[Key, File]):
    """Files by their keys, opened when they are first asked for.

    Parameters
    ----------
    opener
        Opens the file of a key.
    most
        How many may be open: beyond that, the one that was not used for longest is closed.
    """

    def __init__(self, opener: Callable[[Key], File], most: int) -> None:
        self._opener = opener
        self._most = most
        self._files: dict[Key, File] = {}

    def __getitem__(self, key: Key) -> File:
        """The file of a key; raises what opening it raises."""
        file = self._files.pop(key, None)
        if file is None:
            if len(self._files) >= self._most:
                # Dictionaries keep their order.
                self._files.pop(next(iter(self._files))).close()
            file = self._opener(key)
        self._files[key] = file
        return file

    def close(self) -> None:
        """Close all that are open."""
        for file in self._files.values():
            file.close()
        self._files.clear()
