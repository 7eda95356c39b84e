"""``pictures.h5``: all HDF5 shards as one, by virtual datasets; it holds no pictures itself.

Row i of its datasets is row i of the manifest's pictures, and of its group ``recordings`` that of
the manifest's recordings. What the manifest has is seen there, the rest in the shards. HDF5 looks
through all sources of a virtual dataset for each read. So where there are many shards, they are
joined in two steps: some at a time into datasets of the group ``joined``, and these into one.

One read keeps all shards open that it spans. One that cannot be opened, because it is not there or
the process has too many files open, gives empty rows and no error: that is how HDF5 is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ecgmpi.hdf5_file import new_hdf5, open_to_read

from .hdf5_shard import ENDING, SIGNAL_NAME, TYPES

AT_A_TIME = 64
"""Shards that are joined in one step."""

MANIFEST = "manifest.h5"
OF_MANIFEST = {
    "key": "pictures/key",
    "recording": "pictures/recording",
    "recordings/name": "recordings/name",
    "recordings/leads": "recordings/leads",
    "recordings/rate_hz": "recordings/rate_hz",
    "recordings/samples": "recordings/samples",
}
"""Datasets that are seen in the manifest."""


@dataclass(frozen=True, slots=True)
class ShardRows:
    """Which rows of the manifest a shard has: the first of each kind, and how many.

    Attributes
    ----------
    path
        Of the shard, relative to OUT.
    """

    path: str
    first_recording: int
    n_recordings: int
    first_picture: int
    n_pictures: int


class PicturesFile:
    """The shards that are joined, and what is counted on the way to them.

    Attributes
    ----------
    shards
        All HDF5 shards, in order.
    n_recordings, n_pictures
        Rows that were counted.
    """

    def __init__(self) -> None:
        self.shards: list[ShardRows] = []
        self.n_recordings = self.n_pictures = 0

    def count(self, files: Iterable[str], n_recordings: int, n_pictures: int) -> None:
        """Count the rows of the next chunk, whose shard has these `files`."""
        for path in files:
            if path.endswith(ENDING):
                rows = (self.n_recordings, n_recordings, self.n_pictures, n_pictures)
                self.shards.append(ShardRows(path, *rows))
        self.n_recordings += n_recordings
        self.n_pictures += n_pictures

    def write(self, path: Path, out: Path, manifest: h5py.File) -> None:
        """Write ``pictures.h5``, if there is a shard.

        Parameters
        ----------
        path
            Where to.
        out
            OUT, which has the shards.
        manifest
            The manifest, which it will lie beside.

        Raises
        ------
        OSError
            The disk is full or gone, or the first shard cannot be read.
        """
        with open_to_read(out / self.shards[0].path) as first:
            names = [name for name in TYPES if name in first]
        with new_hdf5(path) as file:
            file.attrs["about"] = "ecgmpi: all shards as one; row i is row i of manifest.h5"
            for name, source in OF_MANIFEST.items():
                n_rows, dtype = len(manifest[source]), manifest[source].dtype
                _virtual(file, name, [(MANIFEST, source, 0, n_rows)], n_rows, dtype)
            for name in names:
                if name == SIGNAL_NAME:
                    rows = [(s.path, s.first_recording, s.n_recordings) for s in self.shards]
                    _join(file, name, rows, self.n_recordings)
                else:
                    rows = [(s.path, s.first_picture, s.n_pictures) for s in self.shards]
                    _join(file, name, rows, self.n_pictures)


def _join(file: h5py.File, name: str, pieces: list[tuple[str, int, int]], n_rows: int) -> None:
    """Join the datasets `name` of shards: path, first row and number of rows of each."""
    if len(pieces) <= AT_A_TIME:
        sources = [(path, name, first, n) for path, first, n in pieces]
        _virtual(file, name, sources, n_rows, TYPES[name])
        return
    parts: list[tuple[str, str, int, int]] = []
    for number in range(0, len(pieces), AT_A_TIME):
        some = pieces[number : number + AT_A_TIME]
        begin, end = some[0][1], some[-1][1] + some[-1][2]
        joined = f"joined/{number // AT_A_TIME:06d}/{name}"
        sources = [(path, name, first - begin, n) for path, first, n in some]
        _virtual(file, joined, sources, end - begin, TYPES[name])
        parts.append((".", joined, begin, end - begin))
    _virtual(file, name, parts, n_rows, TYPES[name])


def _virtual(
    file: h5py.File, name: str, sources: list[tuple[str, str, int, int]], n_rows: int, dtype: Any
) -> None:
    """Make a dataset of `sources`: file, dataset, first row in the new one, number of rows."""
    # Not by h5py's VirtualLayout, which notes the time.
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_obj_track_times(False)
    properties.set_layout(h5py.h5d.VIRTUAL)
    space = h5py.h5s.create_simple((n_rows,))
    for path, dataset, first, n in sources:
        space.select_hyperslab((first,), (n,))
        whole = h5py.h5s.create_simple((n,))
        properties.set_virtual(space, path.encode(), dataset.encode(), whole)
    space.select_all()
    *parents, own = name.split("/")
    group = file.require_group("/".join(parents)) if parents else file
    kind = h5py.h5t.py_create(np.dtype(dtype), logical=1)
    h5py.h5d.create(group.id, own.encode(), kind, space, properties)
