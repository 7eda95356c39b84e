"""Read samples: the files of a picture as arrays, and what the manifest says of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
from zlib_ng.zlib_ng import crc32

from ecgmpi.errors import JobError
from ecgmpi.npy import from_npy
from ecgmpi.picture_formats import ANNOTATION, ANNOTATION_KEY, MASK, PICTURE, POINTS, SIGNAL
from ecgmpi.results.columns import checksum_column
from ecgmpi.store import PACKINGS
from ecgmpi.store.reading import PictureReader

from .columns import OWNER, ManifestColumns
from .decode import decode, decode_mask
from .fields import IMAGE, INDICES, LABELS
from .index import Index

Sample = dict[str, Any]
"""The fields of a sample by their names, and ``key``, ``recording`` and ``lead``."""

VISIBLE = "visible"
"""What comes with the points: which of them can be seen."""

_OF_EVERY_SAMPLE = ("path", "key", OWNER, "lead")
"""Columns that every sample needs."""
_OF_SIGNALS = ("start_s", "rate_hz")
"""Columns that say which part of the signal of a recording a picture shows."""


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
            if kind in (POINTS, SIGNAL, ANNOTATION) or (kind == PICTURE and index.format != "png")
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
            data = files.read(path, key, kind)
        self._check(data, kind, row)
        if field == IMAGE:
            sample[IMAGE] = decode(data, self._index.format, scale=1 / self._shrink)
        elif field == INDICES:
            sample[INDICES] = decode(data, self._index.format, INDICES)
        elif field == MASK:
            sample[MASK] = decode_mask(data, 1 / self._shrink)
        elif field == POINTS:
            points = from_npy(data)
            sample[POINTS] = points / np.float32(self._shrink) if self._shrink > 1 else points
            sample[VISIBLE] = ~np.isnan(points[:, 1])
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

    def _shown(self, signal: npt.NDArray[np.float32], row: int) -> npt.NDArray[np.float32]:
        """What of the signal of a recording its picture in `row` shows."""
        owners, starts = self._columns[OWNER], self._columns["start_s"]
        owner = owners[row]
        if self._index.strips:
            # A strip a lead, in the order of the leads.
            lead = row - int(np.searchsorted(owners, owner))
            return signal[lead : lead + 1]
        # A page ends where the next one of its recording begins.
        rate = float(self._columns.take("rate_hz", slice(row, row + 1))[0])
        whole = int(np.searchsorted(owners, owner))
        begin = round(float(starts[row] - starts[whole]) * rate)
        end = signal.shape[1]
        if row + 1 < len(owners) and owners[row + 1] == owner:
            end = round(float(starts[row + 1] - starts[whole]) * rate)
        return signal[:, begin:end]

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
        self.reader = PictureReader(index.out, index.pack, index.endings)


def _text(value: bytes) -> str:
    return value.decode()
