"""Read the files of pictures of an OUT, however they are packed, by what the manifest says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ecgmpi.kept_open import KeptOpen
from ecgmpi.picture_formats import PICTURE

from .base import ShardReader, StoreSpec
from .registry import PACKINGS

MOST_OPEN = 128
"""Shards that are kept open: those that were read last."""


class PictureReader:
    """Reads files of pictures.

    Parameters
    ----------
    out
        OUT.
    pack
        How its pictures are packed, a name in `ecgmpi.store.PACKINGS`.
    endings
        What the names of the files of a picture end in, by kind, the picture's own first.
    """

    def __init__(self, out: Path, pack: str, endings: Mapping[str, str]) -> None:
        self._out = out
        self._packing = PACKINGS[pack]
        self._spec = StoreSpec("", endings=endings)
        self._shards: KeptOpen[str, ShardReader] = KeptOpen(self._open, MOST_OPEN)

    def read(self, path: str, key: str, kind: str = PICTURE) -> bytes:
        """The bytes of a file of a picture.

        Parameters
        ----------
        path, key
            Columns of the manifest.
        kind
            Which of its files.

        Raises
        ------
        OSError
            It, or its shard, cannot be read.
        KeyError
            Its shard has no such sample.
        ValueError
            Its shard, or the index of that, is damaged.
        """
        if not self._packing.shards:
            return (self._out / self._spec.beside(path, kind)).read_bytes()
        return self._shards[path].read(key, kind)

    def _open(self, path: str) -> ShardReader:
        return self._packing.open_shard(self._out / path, self._spec.endings)

    def close(self) -> None:
        """Close all shards that are open."""
        self._shards.close()
