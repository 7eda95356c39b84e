"""A store that keeps nothing: for estimates, where only the size of a picture matters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ecgmpi.picture_formats import CLEAN, PICTURE

from .base import Keys, StoreSpec
from .shard_file import ShardFile


class NullStore:
    """Discards every picture."""

    def __init__(self, out: Path, spec: StoreSpec, fragments: Path | None = None) -> None:
        """Open nothing."""

    def put(
        self,
        chunk: int,  # noqa: ARG002
        recording: str,  # noqa: ARG002
        label: str,  # noqa: ARG002
        files: Mapping[str, bytes],  # noqa: ARG002
        series: str = CLEAN,  # noqa: ARG002
        copy: int = 0,  # noqa: ARG002
    ) -> str:
        """Discard `files`."""
        return ""

    def finish(self, chunk: int, keys: Keys) -> tuple[ShardFile, ...]:  # noqa: ARG002
        """Nothing is to be finished."""
        return ()

    def discard(self, chunk: int, recording: str) -> None:
        """Nothing is to be taken back."""

    def sweep(self, chunk: int, recording: str) -> None:
        """Nothing is ever half written."""

    def holds(
        self,
        path: str,  # noqa: ARG002
        size: int,  # noqa: ARG002
        checksum: int | None = None,  # noqa: ARG002
        kind: str = PICTURE,  # noqa: ARG002
        series: str = CLEAN,  # noqa: ARG002
    ) -> bool:
        """It holds nothing."""
        return False
