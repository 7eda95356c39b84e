"""Read samples: the files of a picture as arrays, and what the manifest says of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
from zlib_ng.zlib_ng import crc32

from ecgmpi.errors import JobError
from ecgmpi.npy import from_npy
from ecgmpi.picture_formats import (
    ANNOTATION,
    ANNOTATION_KEY,
    BITS_MASK,
    CLEAN,
    CROSSINGS,
    GRID_MASK,
    HIDDEN,
    MAP,
    MASK,
    PICTURE,
    POINTS,
    SIGNAL,
    TEXT_MASK,
)
from ecgmpi.results.columns import checksum_column
from ecgmpi.store import PACKINGS
from ecgmpi.store.reading import PictureReader

from .columns import OWNER, ManifestColumns
from .decode import decode, decode_bits, decode_grid, decode_mask, decode_text
from .fields import IMAGE, INDICES, LABELS
from .index import Index

Sample = dict[str, Any]
"""The fields of a sample by their names, and ``key``, ``recording`` and ``lead``."""

VISIBLE = "visible"
"""What comes with the points: which of them can be seen."""

_XY = 2
"""Columns of points that say where they are."""

STATE, OUTSIDE = "state", 2
"""What comes with those of a worn copy: 0 visible, 1 hidden, 2 outside the picture."""

_DECODED_BY: Mapping[str, Callable[[bytes, float], npt.NDArray[Any]]] = {
    MASK: decode_mask,
    BITS_MASK: decode_bits,
    GRID_MASK: decode_grid,
    TEXT_MASK: decode_text,
    HIDDEN: decode_mask,
}
"""What decodes each kind of mask."""

_OF_EVERY_SAMPLE = ("path", "key", OWNER, "lead")
"""Columns that every sample needs."""
_OF_SIGNALS = ("start_s", "rate_hz")
"""Columns that say which part of the signal of a recording a picture shows."""
_OF_COPIES = ("series", "copy")
"""Columns that say which pictures of a recording show the same."""


class SampleReader:
    """Reads samples by the rows of their pictures in the manifest.

    Files are opened by each process for itself, also after a fork. Threads may share it.

    Parameters
    ----------
    index
        The OUT.
    columns
        Its manifest.
    fields
        What each sample has; see `ecgmpi.datasets.fields`.
    shrink
        By how much pictures are scaled down.
    """

    def __init__(
        self, index: Index, columns: ManifestColumns, fields: tuple[str, ...], shrink: int
    ) -> None:
        self._index = index
        self._columns = columns
        self._fields = fields
        self._shrink = shrink
        # By process: those of others came through a fork.
        self._open: dict[int, _OpenFiles] = {}
        # By kind of file: a PNG has checksums of its own, and others have none.
        self._checksums = {
            kind: column
            for kind in map(_kind_of, fields)
            if kind in (POINTS, SIGNAL, ANNOTATION, MAP, CROSSINGS)
            or (kind == PICTURE and index.format != "png")
            if (column := checksum_column(kind)) in columns.places
        }

    def read(self, row: int) -> Sample:
        """Read a sample.

        Raises
        ------
        JobError
            One of its files is not there, or damaged.
        """
        columns = self._columns
        path, key = _text(columns["path"][row]), _text(columns["key"][row])
        name = _text(columns[columns.name_of_recording][columns[OWNER][row]])
        sample: Sample = {"key": key, "recording": name, "lead": _text(columns["lead"][row])}
        for field in self._fields:
            try:
                self._add(sample, field, row, path, key)
            except (OSError, LookupError, TypeError, ValueError, RuntimeError) as error:
                raise self._failed(field, path, key, error) from error
        return sample

    def load_index(self) -> None:
        """Read the columns that samples need."""
        names = [*_OF_EVERY_SAMPLE, self._columns.name_of_recording]
        if LABELS in self._fields:
            names += self._columns.labels.values()
        if SIGNAL in self._fields and PACKINGS[self._index.pack].recordings:
            names += _OF_SIGNALS
            names += _OF_COPIES if self._index.series is not None else ()
        names += self._checksums.values()
        for name in names:
            self._columns[name]

    def close(self) -> None:
        """Close the files that are open; the next sample opens its own."""
        with self._files() as files:
            files.close()

    def _add(self, sample: Sample, field: str, row: int, path: str, key: str) -> None:
        """Add a field to a sample."""
        if field == LABELS:
            sample[LABELS] = self._columns.labels_of(row)
            return
        kind = _kind_of(field)
        with self._files() as files:
            data = files.read(path, key, kind, self._index.series or CLEAN)
        self._check(data, kind, row)
        if field == IMAGE:
            sample[IMAGE] = decode(data, self._index.format, scale=1 / self._shrink)
        elif field == INDICES:
            sample[INDICES] = decode(data, self._index.format, INDICES)
        elif field in _DECODED_BY:
            sample[field] = _DECODED_BY[field](data, 1 / self._shrink)
        elif field == POINTS:
            sample |= self._points(from_npy(data))
        elif field == MAP:
            sample[MAP] = from_npy(data)
        elif field == CROSSINGS:
            sample[CROSSINGS] = self._crossings(from_npy(data))
        elif field == SIGNAL:
            signal = from_npy(data)
            whole = PACKINGS[self._index.pack].recordings
            # A copy, as a strip would keep the leads of all in memory.
            sample[SIGNAL] = self._shown(signal, row).copy() if whole else signal
        else:
            said = json.loads(data)
            if PACKINGS[self._index.pack].shards:
                said = said[ANNOTATION_KEY]
            # In shards they stand beside it.
            said.pop(LABELS, None)
            sample[ANNOTATION] = said

    def _points(self, held: npt.NDArray[np.float32]) -> Sample:
        """What a sample has of its points, of a clean picture or a worn copy."""
        # A worn copy has their state in a third column.
        points = held if held.shape[1] == _XY else held[:, :_XY].copy()
        visible = ~np.isnan(points[:, 1])
        more: Sample = {}
        if held.shape[1] > _XY:
            more[STATE] = held[:, _XY].astype(np.uint8)
            visible &= more[STATE] == 0
        if self._shrink > 1:
            points = points / np.float32(self._shrink)
        return {POINTS: points, VISIBLE: visible} | more

    def _crossings(self, held: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Where bold lines cross, px of the image."""
        if self._shrink > 1:
            held[..., :_XY] /= np.float32(self._shrink)
        return held

    def _shown(self, signal: npt.NDArray[np.float32], row: int) -> npt.NDArray[np.float32]:
        """What of the signal of a recording its picture in `row` shows."""
        starts = self._columns["start_s"]
        rows = self._beside(row)
        place = int(np.searchsorted(rows, row))
        if self._index.strips:
            # A strip a lead, in the order of the leads.
            return signal[place : place + 1]
        # A page ends where the next one of its recording begins.
        rate = float(self._columns.take("rate_hz", slice(row, row + 1))[0])
        first = starts[rows[0]]
        begin = round(float(starts[row] - first) * rate)
        end = signal.shape[1]
        if place + 1 < len(rows):
            end = round(float(starts[rows[place + 1]] - first) * rate)
        return signal[:, begin:end]

    def _beside(self, row: int) -> npt.NDArray[np.int64]:
        """The rows of the pictures that show a recording once: of one series and copy."""
        owners = self._columns[OWNER]
        begin, end = (np.searchsorted(owners, owners[row], side) for side in ("left", "right"))
        rows = np.arange(begin, end)
        if self._index.series is None:
            return rows
        for column in _OF_COPIES:
            values = self._columns[column]
            rows = rows[values[rows] == values[row]]
        return rows

    def _check(self, data: bytes, kind: str, row: int) -> None:
        """Compare a file with the CRC-32 that the manifest has of it."""
        column = self._checksums.get(kind)
        expected = self._columns[column][row] if column else 0
        # The signal of a whole recording has none.
        if expected and crc32(data) != expected:
            raise ValueError("it is altered: its CRC-32 is not that of the manifest")

    @contextmanager
    def _files(self) -> Iterator[PictureReader]:
        """The files that this process has open, for one thread at a time."""
        process = os.getpid()
        # Of two threads that come first, both get the files of one.
        files = self._open.get(process) or self._open.setdefault(process, _OpenFiles(self._index))
        with files.lock:
            # HDF5 knows a file that is open by its number on the disk: until the one that came
            # through a fork is closed, it would be read through its handle.
            for other in self._open.keys() - {process}:
                self._open.pop(other).reader.close()
            yield files.reader

    def _failed(self, field: str, path: str, key: str, error: Exception) -> JobError:
        why = f"it has no {error}" if isinstance(error, KeyError) else " ".join(str(error).split())
        return JobError(
            f"OUT {self._index.called}: {field} of sample {key} in {path} cannot be read ({why}); "
            f"ecgmpi verify {self._index.called} says what is missing or altered"
        )


def _kind_of(field: str) -> str:
    """The kind of file that a field comes from."""
    return PICTURE if field in (IMAGE, INDICES) else field


class _OpenFiles:
    """The files that one process has open."""

    def __init__(self, index: Index) -> None:
        self.lock = Lock()
        self.reader = PictureReader(index.out, index.pack, index.spec)


def _text(value: bytes) -> str:
    return value.decode()
