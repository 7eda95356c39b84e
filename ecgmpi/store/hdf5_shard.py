"""An HDF5 shard: a row a picture, a row a recording, each picture as the bytes of its file.

    key         text              key of the sample
    picture     uint8, any length the encoded picture
    json        text              what a sample's JSON tells
    mask        uint8, any length the mask, a PNG; where the job has masks
    bits, grid, text              uint8, any length: other masks, PNGs; likewise
    points      float32, any length  x and y of each sample, px, one pair after another; likewise.
                Of worn copies x, y and state: the attribute `columns` says 3
    map, crossings  uint8, any length: the .npy files with the map and crossings; of worn copies
    hidden      uint8, any length the mask of what hides the ink, a PNG; of worn copies
    recording   uint32            row in `recordings`
    recordings/name, leads        text; leads are separated by spaces
    recordings/rate_hz, samples   float64, uint32
    recordings/signal             float32, any length: mV, lead after lead; with --with-signals

A recording that failed has a row, too: no leads, no samples, NaN as its rate. The data of any
length lie one after another in the file, each in one piece: to read one, h5py reads nothing else.
There are no times in the file, and its version is fixed: the same rows make the same bytes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ecgmpi.hdf5_file import new_hdf5, open_to_read
from ecgmpi.npy import from_npy, npy
from ecgmpi.picture_formats import (
    ANNOTATION,
    CROSSINGS,
    HIDDEN,
    MAP,
    MASK,
    MASKS,
    PICTURE,
    POINTS,
    SIGNAL,
)

from .fragments import Sample

ENDING = ".h5"

NAMES = {
    PICTURE: "picture",
    ANNOTATION: "json",
    MASK: "mask",
    **{kind: kind for kind in MASKS},
    POINTS: "points",
    MAP: "map",
    CROSSINGS: "crossings",
    HIDDEN: "hidden",
}
"""The dataset of each kind of file of a picture."""

COLUMNS = "columns"
"""The attribute of points that have more columns than x and y: how many."""

SIGNAL_NAME = "recordings/signal"

_PAIRS = 2

BYTES, FLOATS, TEXT = h5py.vlen_dtype(np.uint8), h5py.vlen_dtype(np.float32), h5py.string_dtype()
TYPES = {
    "picture": BYTES,
    "json": TEXT,
    "mask": BYTES,
    **dict.fromkeys(MASKS, BYTES),
    "points": FLOATS,
    "map": BYTES,
    "crossings": BYTES,
    "hidden": BYTES,
    SIGNAL_NAME: FLOATS,
}
"""The type of each dataset whose rows are of any length."""


def write_shard(
    path: Path,
    recordings: Sequence[tuple[str, Sequence[str], Iterable[Sample]]],
    kinds: Iterable[str],
    signals: bool,
) -> None:
    """Write a shard, holding one sample in memory at a time.

    Parameters
    ----------
    path
        Where to.
    recordings
        Of its chunk: name, keys and samples of each.
    kinds
        The kinds of files of each picture.
    signals
        Whether the first sample of each recording has its signal.

    Raises
    ------
    OSError
        The disk is full or gone.
    """
    with new_hdf5(path) as file:
        _write(file, recordings, frozenset(kinds), signals)


def _write(
    file: h5py.File,
    recordings: Sequence[tuple[str, Sequence[str], Iterable[Sample]]],
    kinds: frozenset[str],
    signals: bool,
) -> None:
    keys = [key for _, of_recording, _ in recordings for key in of_recording]
    rows = {
        name: _dataset(file, name, len(keys), TYPES[name])
        for kind, name in NAMES.items()
        if kind in kinds
    }
    if signals:
        rows[SIGNAL_NAME] = _dataset(file, SIGNAL_NAME, len(recordings), FLOATS)
    facts: list[tuple[str, str, float, int]] = []
    owners: list[int] = []
    n_columns = _PAIRS
    for number, (name, _, samples) in enumerate(recordings):
        told: dict[str, Any] = {}
        for sample in samples:
            told = told or json.loads(sample.files[ANNOTATION])
            for kind, data in sample.files.items():
                if kind == SIGNAL:
                    rows[SIGNAL_NAME][number] = from_npy(data).ravel()
                elif kind == POINTS:
                    points = from_npy(data)
                    n_columns = points.shape[1]
                    rows["points"][len(owners)] = points.ravel()
                else:
                    rows[NAMES[kind]][len(owners)] = _value(kind, data)
            owners.append(number)
        rate, n_samples = told.get("rate_hz", math.nan), told.get("samples", 0)
        facts.append((name, told.get("leads", ""), rate, n_samples))
    if n_columns != _PAIRS:
        rows["points"].attrs[COLUMNS] = n_columns
    names, leads, rates, n_each = zip(*facts, strict=True)
    _plain(file, "key", _texts(keys))
    _plain(file, "recording", np.array(owners, np.uint32))
    _plain(file, "recordings/name", _texts(names))
    _plain(file, "recordings/leads", _texts(leads))
    _plain(file, "recordings/rate_hz", np.array(rates, np.float64))
    _plain(file, "recordings/samples", np.array(n_each, np.uint32))


class Hdf5ShardReader:
    """Reads samples of a shard; see `ecgmpi.store.base.ShardReader`."""

    def __init__(self, shard: Path, endings: Mapping[str, str]) -> None:
        self._endings = endings
        self._path = shard
        self._file = open_to_read(shard)
        try:
            keys = self._file["key"][:]
            self._row_of = {key.decode(): row for row, key in enumerate(keys)}
            self._rows = {kind: self._file[NAMES[kind]] for kind in endings}
            points = self._rows.get(POINTS)
            self._n_columns = _PAIRS if points is None else points.attrs.get(COLUMNS, _PAIRS)
        except (KeyError, AttributeError) as error:
            self._file.close()
            raise ValueError(f"{shard} is not a shard of ecgmpi") from error

    def read(self, key: str, kind: str = PICTURE) -> bytes:
        """The bytes of a file of a sample; raises KeyError, OSError."""
        row = self._row_of[key]
        if kind == SIGNAL:
            return self._signal(row)
        value = self._rows[kind][row]
        if kind == POINTS:
            return npy(value.reshape(-1, self._n_columns))
        return value if isinstance(value, bytes) else bytes(value)

    def _signal(self, row: int) -> bytes:
        number = self._file["recording"][row]
        samples = self._file["recordings/samples"][number]
        return npy(self._file[SIGNAL_NAME][number].reshape(-1, samples))

    def close(self) -> None:
        """Close the shard."""
        self._file.close()


def _value(kind: str, data: bytes) -> Any:
    return data if kind == ANNOTATION else np.frombuffer(data, np.uint8)


def _dataset(file: h5py.File, name: str, n: int, dtype: Any) -> h5py.Dataset:
    return file.create_dataset(name, (n,), dtype, track_times=False)


def _plain(file: h5py.File, name: str, values: Any) -> None:
    file.create_dataset(name, data=values, track_times=False)


def _texts(values: Sequence[str]) -> Any:
    encoded = [value.encode() for value in values]
    dtype = h5py.string_dtype("utf-8", max(1, *map(len, encoded), 1))
    return np.array(encoded, dtype)
