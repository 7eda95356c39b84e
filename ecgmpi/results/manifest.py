"""Journals to manifest.h5, manifest.csv and failures.csv, in catalogue order, in blocks.

The same rows give the same bytes: no timestamps, sizes known beforehand, blocks of fixed length.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ecgmpi.atomic import replacing
from ecgmpi.outdir.paths import JobPaths

from .columns import PICTURE_COLUMNS, RECORDING_COLUMNS, Column
from .journal_index import JournalIndex
from .journal_writer import Columns
from .result import FAILED
from .totals import encode

BLOCK = 1024
"""Rows that are written, and compressed, together."""

FAILURE_COLUMNS = ("name", "source", "class", "message", "remedy")


def write_manifest(
    paths: JobPaths, journals: JournalIndex, check: Callable[[], None] = lambda: None
) -> None:
    """Write the three files from everything that is done.

    Parameters
    ----------
    paths, journals
        Where to, and what is done.
    check
        Called now and then, and last before the new files replace the old ones; if it raises,
        these stay as they were.

    Raises
    ------
    OSError
        The disk is full or gone; the old files are as they were.
    """
    total = journals.total
    with ExitStack() as stack:
        h5 = stack.enter_context(replacing(paths.manifest_h5))
        manifest = _Csv(stack, paths.manifest_csv, [column.name for column in RECORDING_COLUMNS])
        failures = _Csv(stack, paths.failures_csv, list(FAILURE_COLUMNS))
        # Whole chunks are written: a cache of them would only cost memory.
        file = stack.enter_context(
            h5py.File(h5, "w", libver="v110", track_order=True, rdcc_nbytes=0, locking=False)
        )
        file.attrs["about"] = "ecgmpi manifest: recordings[i] and pictures, one dataset a column"
        recordings = _Table(file, "recordings", RECORDING_COLUMNS, total.recordings, total.widths)
        pictures = _Table(file, "pictures", PICTURE_COLUMNS, total.pictures, total.widths)
        for done, drawn in journals.rows():
            check()
            first = recordings.n_rows
            counts = np.asarray(done["pictures"], dtype=np.int64)
            owner = np.repeat(np.arange(first, first + len(counts)), counts)
            recordings.append(done)
            pictures.append({"recording": owner.tolist(), **drawn})
            for row in _rows(done):
                manifest.write(row)
                if row["status"] == FAILED:
                    failures.write(row)
        recordings.flush()
        pictures.flush()
        check()


class _Table:
    """One group of `columns`, filled in blocks of `BLOCK` rows."""

    def __init__(
        self,
        file: h5py.File,
        name: str,
        columns: tuple[Column, ...],
        n_rows: int,
        widths: dict[str, int],
    ) -> None:
        group = file.create_group(name, track_order=True)
        self._datasets: dict[str, h5py.Dataset] = {}
        self._waiting: Columns = {column.name: [] for column in columns}
        self._types: dict[str, str] = {column.name: column.dtype for column in columns}
        self._written = 0
        for column in columns:
            dtype: Any = column.dtype
            if dtype == "text":
                dtype = h5py.string_dtype("utf-8", max(1, widths.get(f"{name}/{column.name}", 1)))
            dataset = group.create_dataset(
                column.name,
                shape=(n_rows,),
                dtype=dtype,
                chunks=(min(BLOCK, n_rows),) if n_rows else None,
                compression="gzip" if n_rows else None,
                compression_opts=4 if n_rows else None,
                shuffle=bool(n_rows) and column.dtype != "text",
                track_times=False,
            )
            dataset.attrs["about"] = column.about
            self._datasets[column.name] = dataset

    @property
    def n_rows(self) -> int:
        """Rows taken so far."""
        return self._written + len(next(iter(self._waiting.values())))

    def append(self, columns: Columns) -> None:
        for name, waiting in self._waiting.items():
            waiting.extend(columns[name])
        while len(next(iter(self._waiting.values()))) >= BLOCK:
            self._write(BLOCK)

    def flush(self) -> None:
        self._write(len(next(iter(self._waiting.values()))))

    def _write(self, n: int) -> None:
        if not n:
            return
        for name, waiting in self._waiting.items():
            dataset, kind = self._datasets[name], self._types[name]
            block: Any
            if kind == "text":
                block = np.array([encode(value or "") for value in waiting[:n]], dataset.dtype)
            else:
                empty = math.nan if kind.startswith("f") else 0
                values = [empty if value is None else value for value in waiting[:n]]
                block = np.array(values, kind)
            dataset[self._written : self._written + n] = block
            del waiting[:n]
        self._written += n


class _Csv:
    """One CSV file: UTF-8, as `encode` makes it."""

    def __init__(self, stack: ExitStack, path: Path, columns: list[str]) -> None:
        temporary = stack.enter_context(replacing(path))
        handle = stack.enter_context(
            temporary.open("w", encoding="utf-8", errors="replace", newline="")
        )
        self._columns = columns
        self._writer = csv.writer(handle, lineterminator="\n")
        self._writer.writerow(columns)

    def write(self, row: dict[str, Any]) -> None:
        self._writer.writerow([_spelled(row[name]) for name in self._columns])


def _rows(columns: Columns) -> Iterator[dict[str, Any]]:
    names = list(columns)
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(names, values, strict=True))


def _spelled(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.9g}" if isinstance(value, float) else str(value)
