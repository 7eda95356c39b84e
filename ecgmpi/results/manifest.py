"""Journals to manifest.h5, manifest.csv, failures.csv, pictures.h5, in catalogue order.

The same rows give the same bytes: no timestamps, sizes known beforehand, blocks of fixed length.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ecgmpi.atomic import replacing
from ecgmpi.hdf5_file import new_hdf5
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.store.pictures_file import PicturesFile

from .columns import PICTURE_COLUMNS, RECORDING_COLUMNS, SHARD_COLUMNS, Column
from .journal_index import JournalIndex
from .result import FAILED
from .tables import Table, texts

BLOCK = 8192
"""Rows that are written, and compressed, together."""

LEVEL = 1
"""Of gzip: a higher one takes much longer and makes the file little smaller."""

FAILURE_COLUMNS = ("name", "source", "class", "message", "remedy")


def write_manifest(
    paths: JobPaths, journals: JournalIndex, check: Callable[[], None] = lambda: None
) -> None:
    """Write the files of the manifest from everything that is done.

    Where the shards are HDF5, ``pictures.h5`` is one of them.

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
        file = stack.enter_context(new_hdf5(h5, track_order=True, rdcc_nbytes=0))
        file.attrs["about"] = "ecgmpi manifest: recordings[i] and pictures, one dataset a column"
        groups = {
            name: _Group(file, name, columns, n_rows, total.widths)
            for name, columns, n_rows in (
                ("recordings", RECORDING_COLUMNS, total.recordings),
                ("pictures", PICTURE_COLUMNS, total.pictures),
                ("shards", SHARD_COLUMNS, total.shard_files),
            )
        }
        master = PicturesFile()
        for chunk, tables in journals.rows():
            check()
            counts = tables.recordings["pictures"]
            owners = np.arange(master.n_recordings, master.n_recordings + len(counts))
            master.count(texts(tables.shards["path"]), len(counts), int(counts.sum()))
            groups["recordings"].append(tables.recordings)
            groups["pictures"].append({"recording": np.repeat(owners, counts), **tables.pictures})
            chunks = np.full(len(tables.shards["path"]), chunk, np.uint32)
            groups["shards"].append({"chunk": chunks, **tables.shards})
            manifest.write(tables.recordings)
            bad = tables.recordings["status"] == FAILED.encode()
            if bad.any():
                failures.write({name: of[bad] for name, of in tables.recordings.items()})
        for group in groups.values():
            group.flush()
        if master.shards:
            master.write(stack.enter_context(replacing(paths.pictures_h5)), paths.out, file)
        check()
        if not master.shards:
            paths.pictures_h5.unlink(missing_ok=True)


class _Group:
    """One group of `columns`, filled in blocks of `BLOCK` rows: the same rows, the same bytes."""

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
        self._waiting: list[Table] = []
        self._n_waiting = self._written = 0
        for column in columns:
            dtype: Any = column.dtype
            if column.is_text:
                dtype = h5py.string_dtype("utf-8", max(1, widths.get(f"{name}/{column.name}", 1)))
            dataset = group.create_dataset(
                column.name,
                shape=(n_rows,),
                dtype=dtype,
                chunks=(min(BLOCK, n_rows),) if n_rows else None,
                compression="gzip" if n_rows else None,
                compression_opts=LEVEL if n_rows else None,
                # Names that follow each other differ in a few bytes: so it is for text, too.
                shuffle=bool(n_rows),
                track_times=False,
            )
            dataset.attrs["about"] = column.about
            self._datasets[column.name] = dataset

    def append(self, table: Table) -> None:
        """Take more rows."""
        # A copy: what waits would keep the whole record of its chunk in memory.
        self._waiting.append({name: table[name].copy() for name in self._datasets})
        self._n_waiting += len(next(iter(table.values())))
        if self._n_waiting >= BLOCK:
            self._write(self._n_waiting - self._n_waiting % BLOCK)

    def flush(self) -> None:
        """Write the last rows."""
        self._write(self._n_waiting)

    def _write(self, n: int) -> None:
        """Write the first `n` rows that wait."""
        joined = {
            name: np.concatenate([table[name] for table in self._waiting])
            for name in (self._datasets if n else ())
        }
        for begin in range(0, n, BLOCK):
            end = min(n, begin + BLOCK)
            for name, dataset in self._datasets.items():
                block = joined[name][begin:end].astype(dataset.dtype)
                dataset[self._written : self._written + len(block)] = block
            self._written += end - begin
        if n:
            self._waiting = [{name: values[n:] for name, values in joined.items()}]
            self._n_waiting -= n


class _Csv:
    """One CSV file of recordings: UTF-8."""

    def __init__(self, stack: ExitStack, path: Path, columns: Iterable[str]) -> None:
        temporary = stack.enter_context(replacing(path))
        handle = stack.enter_context(temporary.open("w", encoding="utf-8", newline=""))
        self._columns = [column for column in RECORDING_COLUMNS if column.name in columns]
        self._writer = csv.writer(handle, lineterminator="\n")
        self._writer.writerow(column.name for column in self._columns)

    def write(self, table: Table) -> None:
        columns = (_spelled(column, table[column.name]) for column in self._columns)
        self._writer.writerows(zip(*columns, strict=True))


def _spelled(column: Column, values: npt.NDArray[Any]) -> list[Any]:
    if column.is_text:
        return texts(values)
    if column.dtype.startswith("f"):
        return ["" if value != value else f"{value:.9g}" for value in values.tolist()]
    return values.tolist()  # type: ignore[no-any-return]
