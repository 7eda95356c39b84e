"""A store that keeps nothing: for estimates, where only the size of a picture matters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ecgmpi.picture_formats import PICTURE

from .base import StoreSpec


class NullStore:
    """Discards every picture."""

    def __init__(self, out: Path, spec: StoreSpec) -> None:
        """Open nothing."""

    def put(self, chunk: int, recording: str, name: str, data: bytes) -> str:  # noqa: ARG002
        """Discard `data`."""
        return ""

    def finish(self, chunk: int, locations: Sequence[str]) -> None:
        """Nothing is to be finished."""

    def discard(self, recording: str) -> None:
        """Nothing is to be taken back."""

    def sweep(self, recording: str) -> None:
        """Nothing is ever half written."""

    def holds(
        self,
        location: str,  # noqa: ARG002
        size: int,  # noqa: ARG002
        checksum: int | None = None,  # noqa: ARG002
        kind: str = PICTURE,  # noqa: ARG002
    ) -> bool:
        """It holds nothing."""
        return False
