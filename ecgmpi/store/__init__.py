"""Where pictures go. One module per way of packing, and one line each in the registry."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from .files import IMAGES, FileStore
from .null import Nowhere

__all__ = ["IMAGES", "STORES", "FileStore", "Nowhere", "Store", "open_store"]


class Store(Protocol):
    """Takes the pictures of one recording at a time."""

    def __init__(self, out: Path) -> None: ...

    def put(self, path: str, data: bytes) -> None:
        """Keep `data` under `path` (relative to OUT, with ``/``), whole or not at all."""

    def holds(self, path: str, size: int, checksum: int | None = None) -> bool:
        """Whether what was put at `path` is there, and is `size` bytes.

        With a `checksum`, its CRC-32, it is read and compared, too.
        """

    def discard(self, recording: str, in_folder: bool, endings: Iterable[str]) -> None:
        """Take back every file of `recording`, and anything half written.

        `in_folder` says whether they are in a folder of its own, `endings` what the names
        of the files of one picture end in.
        """

    def sweep(self, recording: str, in_folder: bool, endings: Iterable[str]) -> None:
        """Take back what is half written of `recording`, and nothing else.

        For whoever has killed the process that wrote it.
        """


STORES: dict[str, type[Store]] = {"files": FileStore, "nowhere": Nowhere}


def open_store(pack: str, out: Path) -> Store:
    """The store that ``--pack`` names, below `out`."""
    return STORES[pack](out)
