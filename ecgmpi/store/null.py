"""A store that keeps nothing: for estimates, where only the size of a picture matters."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class Nowhere:
    """Discards every picture."""

    def __init__(self, out: Path) -> None:
        self.out = out

    def put(self, path: str, data: bytes) -> None:
        """Discard `data`."""

    def holds(self, path: str, size: int, checksum: int | None = None) -> bool:  # noqa: ARG002
        """It holds nothing."""
        return False

    def discard(self, recording: str, in_folder: bool, endings: Iterable[str]) -> None:
        """Nothing to take back."""

    def sweep(self, recording: str, in_folder: bool, endings: Iterable[str]) -> None:
        """Nothing is ever half written."""
