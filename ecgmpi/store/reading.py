"""Read the files of pictures of an OUT, however they are packed, by what the manifest says."""

from __future__ import annotations

from pathlib import Path

from ecgmpi.kept_open import KeptOpen
from ecgmpi.picture_formats import CLEAN, PICTURE

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
    spec
        What a store knows of its job.
    """

    def __init__(self, out: Path, pack: str, spec: StoreSpec) -> None:
        self._out = out
        self._packing = PACKINGS[pack]
        self._spec = spec
        self._shards: KeptOpen[tuple[str, str], ShardReader] = KeptOpen(self._open, MOST_OPEN)

    def read(self, path: str, key: str, kind: str = PICTURE, series: str = CLEAN) -> bytes:
        """The bytes of a file of a picture.

        Parameters
        ----------
        path, key
            Columns of the manifest.
        kind
            Which of its files.
        series
            That it belongs to, also a column.

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
            return (self._out / self._spec.beside(path, kind, series)).read_bytes()
        return self._shards[path, series].read(key, kind)

    def _open(self, shard: tuple[str, str]) -> ShardReader:
        path, series = shard
        return self._packing.open_shard(self._out / path, self._spec.of(series).endings)

    def close(self) -> None:
        """Close all shards that are open."""
        self._shards.close()
