"""Every way of packing pictures, a line each: its name, what it does, and its store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from .base import ShardReader, Store, StoreSpec


@dataclass(frozen=True, slots=True)
class Packing:
    """A way of packing pictures.

    Attributes
    ----------
    name
        What ``--pack`` knows it by.
    about
        How it keeps them, for ``--help``.
    store
        Module of this package and class, a `Store`; imported when the first one is opened.
    most_recordings
        Of a chunk. Many make few shards; few cost less where a rank is killed.
    reader
        Module and class that reads a shard; empty where each picture is a file.
    decisive
        Packages that affect the bytes of a shard.
    recordings
        Whether it has a place for what is kept once a recording: its signal.
    """

    name: str
    about: str
    store: str
    most_recordings: int = 32
    reader: str = ""
    decisive: tuple[str, ...] = ()
    recordings: bool = False

    @property
    def shards(self) -> bool:
        """Whether it packs the pictures of a chunk into a shard."""
        return bool(self.reader)

    def open(self, out: Path, spec: StoreSpec, fragments: Path | None = None) -> Store:
        """Open the store below `out`; see `Store`."""
        store: type[Store] = _loaded(self.store)
        return store(out, spec, fragments)

    def open_shard(self, shard: Path, endings: Mapping[str, str]) -> ShardReader:
        """Open a shard, to read it.

        Raises
        ------
        OSError
            It cannot be read.
        ValueError
            It, or its index, is damaged.
        """
        reader: type[ShardReader] = _loaded(self.reader)
        return reader(shard, endings)


_PACKINGS = (
    Packing("files", "one file each", "files.FileStore"),
    Packing("tar", "WebDataset shards", "tar.TarStore", 128, "tar_shard.TarShardReader"),
    Packing("hdf5", "HDF5 shards, and one file that joins them", "hdf5.Hdf5Store", 128,
            "hdf5_shard.Hdf5ShardReader", ("h5py",), recordings=True),
)  # fmt: skip
PACKINGS = {packing.name: packing for packing in _PACKINGS}
"""Every way of packing by its name."""


def _loaded(name: str) -> Any:
    module, _, called = name.rpartition(".")
    return getattr(import_module(f".{module}", __package__), called)


NOWHERE = "nowhere"
"""The packing of an estimate, which keeps nothing; not for ``--pack``."""

_KNOWN = PACKINGS | {NOWHERE: Packing(NOWHERE, "nothing is kept", "null.NullStore")}


def open_store(pack: str, out: Path, spec: StoreSpec, fragments: Path | None = None) -> Store:
    """Open the store of a way of packing, or of `NOWHERE`, below `out`; see `Store`."""
    return _KNOWN[pack].open(out, spec, fragments)
