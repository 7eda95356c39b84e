"""``pictures.h5``: all HDF5 shards as one, by virtual datasets; it holds no pictures itself.

Row i of its datasets is row i of the manifest's pictures, and of its group ``recordings`` that of
the manifest's recordings. What the manifest has is seen there, the rest in the shards. HDF5 looks
through all sources of a virtual dataset for each read. So where there are many shards, they are
joined in two steps: some at a time into datasets of the group ``joined``, and these into one.

Where a job has series of worn copies, the pictures of each are joined in a group of its own,
``series/<name>``. Then the datasets of a group, and those of clean pictures at the top, have a row
a picture of that series, in the order of the manifest: ``row`` is the row in the manifest's
pictures, ``key`` and ``recording`` are what it says there.

One read keeps all shards open that it spans. One that cannot be opened, because it is not there or
the process has too many files open, gives empty rows and no error: that is how HDF5 is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ecgmpi.hdf5_file import new_hdf5, open_to_read
from ecgmpi.picture_formats import CLEAN

from .hdf5_shard import COLUMNS, SIGNAL_NAME, TYPES

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

_BLOCK = 8192
"""Rows of the manifest that are looked at together."""
_OF_PICTURES = ("key", "recording")


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
        All HDF5 shards, in order, by their series.
    n_recordings
        Recordings that were counted.
    """

    def __init__(self) -> None:
        self.shards: dict[str, list[ShardRows]] = {}
        self.n_recordings = 0

    def count(self, n_recordings: int, shards: Mapping[str, tuple[str, int]]) -> None:
        """Count the rows of the next chunk.

        Parameters
        ----------
        n_recordings
            Of the chunk.
        shards
            The path of each of its HDF5 shards -> its series, and how many pictures it has.
        """
        for path, (series, n_pictures) in shards.items():
            rows = (self.n_recordings, n_recordings, self._n_pictures(series), n_pictures)
            self.shards.setdefault(series, []).append(ShardRows(path, *rows))
        self.n_recordings += n_recordings

    def _n_pictures(self, series: str) -> int:
        """Pictures of a series that were counted."""
        before = self.shards.get(series)
        return before[-1].first_picture + before[-1].n_pictures if before else 0

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
        worn = any(self.shards)
        with new_hdf5(path) as file:
            rows = "a series has its rows, in order" if worn else "row i is row i"
            file.attrs["about"] = f"ecgmpi: all shards as one; {rows} of manifest.h5"
            for name, source in OF_MANIFEST.items():
                if worn and name in _OF_PICTURES:
                    continue
                n_rows, dtype = len(manifest[source]), manifest[source].dtype
                _virtual(file, name, [(MANIFEST, source, 0, n_rows)], n_rows, dtype)
            for series in self.shards:
                self._join(file, out, series)
            if worn:
                n_each = {series: self._n_pictures(series) for series in self.shards}
                _write_rows(file, manifest["pictures"], n_each)

    def _join(self, file: h5py.File, out: Path, series: str) -> None:
        """Join all shards of a series."""
        shards, place = self.shards[series], _place(series)
        with open_to_read(out / shards[0].path) as first:
            names = [name for name in TYPES if name in first]
            columns = first["points"].attrs.get(COLUMNS) if "points" in names else None
        for name in names:
            if name == SIGNAL_NAME:
                rows = [(s.path, s.first_recording, s.n_recordings) for s in shards]
                _join(file, name, rows, self.n_recordings, place)
            else:
                rows = [(s.path, s.first_picture, s.n_pictures) for s in shards]
                _join(file, name, rows, self._n_pictures(series), place)
        if columns is not None:
            file[f"{place}points"].attrs[COLUMNS] = columns


def _place(series: str) -> str:
    """What the names of the datasets of a series begin with."""
    return CLEAN if series == CLEAN else f"series/{series}/"


def _write_rows(file: h5py.File, pictures: h5py.Group, n_each: Mapping[str, int]) -> None:
    """Write which rows of the manifest the pictures of each series are, and some columns of them.

    Parameters
    ----------
    file
        Where to.
    pictures
        Their group of the manifest.
    n_each
        Series -> how many there are.
    """
    held = {"row": np.dtype("<u4")} | {name: pictures[name].dtype for name in _OF_PICTURES}
    for series, n in n_each.items():
        for name, dtype in held.items():
            file.create_dataset(
                f"{_place(series)}{name}",
                (n,),
                dtype,
                chunks=(min(_BLOCK, n),),
                compression="gzip",
                compression_opts=1,
                shuffle=True,
                track_times=False,
            )
    written: Counter[str] = Counter()
    for begin in range(0, len(pictures["series"]), _BLOCK):
        block = slice(begin, begin + _BLOCK)
        of_series = pictures["series"][block]
        columns = {name: pictures[name][block] for name in _OF_PICTURES}
        for series in n_each:
            rows = np.flatnonzero(of_series == series.encode())
            some = slice(written[series], written[series] + len(rows))
            written[series] += len(rows)
            for name, values in columns.items():
                file[f"{_place(series)}{name}"][some] = values[rows]
            file[f"{_place(series)}row"][some] = (begin + rows).astype(np.uint32)


def _join(
    file: h5py.File, name: str, pieces: list[tuple[str, int, int]], n_rows: int, place: str
) -> None:
    """Join the datasets `name` of shards: path, first row and number of rows of each.

    What the joined one is called begins with `place`.
    """
    if len(pieces) <= AT_A_TIME:
        sources = [(path, name, first, n) for path, first, n in pieces]
        _virtual(file, place + name, sources, n_rows, TYPES[name])
        return
    parts: list[tuple[str, str, int, int]] = []
    for number in range(0, len(pieces), AT_A_TIME):
        some = pieces[number : number + AT_A_TIME]
        begin, end = some[0][1], some[-1][1] + some[-1][2]
        joined = f"joined/{place}{number // AT_A_TIME:06d}/{name}"
        sources = [(path, name, first - begin, n) for path, first, n in some]
        _virtual(file, joined, sources, end - begin, TYPES[name])
        parts.append((".", joined, begin, end - begin))
    _virtual(file, place + name, parts, n_rows, TYPES[name])


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
