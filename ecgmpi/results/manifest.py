"""Journals to manifest.h5, manifest.csv, failures.csv, pictures.h5, in catalogue order.

The same rows give the same bytes: no timestamps, sizes known beforehand, blocks of fixed length.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

from ecgmpi.atomic import replacing
from ecgmpi.hdf5_file import new_hdf5
from ecgmpi.labels.column_types import spelled
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.picture_formats import CLEAN
from ecgmpi.store.hdf5_shard import ENDING
from ecgmpi.store.pictures_file import PicturesFile

from .columns import PICTURE_COLUMNS, RECORDING_COLUMNS, SHARD_COLUMNS, Column
from .journal_index import JournalIndex
from .label_columns import LabelOf, LabelRows
from .result import FAILED
from .tables import Table, Tables, texts

BLOCK = 8192
"""Rows that are written, and compressed, together."""

SPELLED_AT_ONCE = 512
"""Rows that are made text together."""

LEVEL = 1
"""Of gzip: a higher one takes much longer and makes the file little smaller."""

FAILURE_COLUMNS = ("name", "source", "class", "message", "remedy")


def write_manifest(
    paths: JobPaths,
    journals: JournalIndex,
    check: Callable[[], None] = lambda: None,
    labels: LabelRows | None = None,
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
    labels
        Labels of the recordings, which become columns behind the others; None for none.

    Raises
    ------
    OSError
        The disk is full or gone; the old files are as they were.
    """
    total = journals.total
    with ExitStack() as stack:
        h5 = stack.enter_context(replacing(paths.manifest_h5))
        of_labels = labels.columns if labels else ()
        of_recordings = (*RECORDING_COLUMNS, *of_labels)
        manifest = _Csv(stack, paths.manifest_csv, of_recordings)
        failures = _Csv(
            stack, paths.failures_csv, [c for c in RECORDING_COLUMNS if c.name in FAILURE_COLUMNS]
        )
        # Whole chunks are written: a cache of them would only cost memory.
        file = stack.enter_context(new_hdf5(h5, track_order=True, rdcc_nbytes=0))
        file.attrs["about"] = "ecgmpi manifest: recordings[i] and pictures, one dataset a column"

        def write_csv(rows: Table) -> None:
            manifest.write(rows)
            bad = rows["status"] == FAILED.encode()
            failures.write({name: of[bad] for name, of in rows.items()})

        widths = total.widths | (labels.widths if labels else {})
        groups = {
            "recordings": _Group(
                file, "recordings", of_recordings, total.recordings, widths, write_csv
            ),
            "pictures": _Group(file, "pictures", PICTURE_COLUMNS, total.pictures, widths),
            "shards": _Group(file, "shards", SHARD_COLUMNS, total.shard_files, widths),
        }
        master = PicturesFile()
        for chunk, tables in journals.rows():
            check()
            counts = tables.recordings["pictures"]
            owners = np.arange(master.n_recordings, master.n_recordings + len(counts))
            master.count(len(counts), _hdf5_shards(tables))
            more = labels.rows(chunk) if labels else {}
            groups["recordings"].append({**tables.recordings, **more})
            groups["pictures"].append({"recording": np.repeat(owners, counts), **tables.pictures})
            chunks = np.full(len(tables.shards["path"]), chunk, np.uint32)
            groups["shards"].append({"chunk": chunks, **tables.shards})
        for group in groups.values():
            group.flush()
        if labels:
            labels.mark(file["recordings"])
        if master.shards:
            master.write(stack.enter_context(replacing(paths.pictures_h5)), paths.out, file)
        check()
        if not master.shards:
            paths.pictures_h5.unlink(missing_ok=True)


def _hdf5_shards(tables: Tables) -> dict[str, tuple[str, int]]:
    """The path of each HDF5 shard of a chunk -> its series, and how many pictures it has."""
    paths = [path for path in texts(tables.shards["path"]) if path.endswith(ENDING)]
    if len(paths) <= 1 and (tables.pictures["series"] == b"").all():
        return {path: (CLEAN, len(tables.pictures["path"])) for path in paths}
    found: dict[str, tuple[str, int]] = {}
    for path in paths:
        own = tables.pictures["path"] == path.encode()
        (series,) = np.unique(tables.pictures["series"][own])
        found[path] = (series.decode(), int(own.sum()))
    return found


class _Group:
    """One group of `columns`, filled in blocks of `BLOCK` rows: the same rows, the same bytes."""

    def __init__(
        self,
        file: h5py.File,
        name: str,
        columns: tuple[Column, ...],
        n_rows: int,
        widths: dict[str, int],
        also: Callable[[Table], None] = lambda _: None,
    ) -> None:
        group = file.create_group(name, track_order=True)
        self._datasets: dict[str, h5py.Dataset] = {}
        # All that is ever held of it: pieces of many sizes would scatter over memory.
        self._block: Table = {}
        self._also = also
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
            held = "f8" if column.dtype.startswith("f") else dataset.dtype
            self._block[column.name] = np.zeros(min(BLOCK, n_rows), held)

    def append(self, table: Table) -> None:
        """Take more rows, and write each block that is full."""
        taken, n = 0, len(next(iter(table.values())))
        while taken < n:
            begin = self._n_waiting
            end = min(BLOCK, begin + n - taken)
            for name, block in self._block.items():
                block[begin:end] = table[name][taken : taken + end - begin]
            taken += end - begin
            self._n_waiting = end
            if end == BLOCK:
                self.flush()

    def flush(self) -> None:
        """Write the rows that wait."""
        n = self._n_waiting
        if not n:
            return
        rows = {name: block[:n] for name, block in self._block.items()}
        for name, dataset in self._datasets.items():
            dataset[self._written : self._written + n] = rows[name].astype(dataset.dtype)
        self._also(rows)
        self._written += n
        self._n_waiting = 0


class _Csv:
    """One CSV file of recordings, with some columns: UTF-8."""

    def __init__(self, stack: ExitStack, path: Path, columns: Sequence[Column]) -> None:
        temporary = stack.enter_context(replacing(path))
        handle = stack.enter_context(temporary.open("w", encoding="utf-8", newline=""))
        self._columns = columns
        self._writer = csv.writer(handle, lineterminator="\n")
        self._writer.writerow(column.name for column in self._columns)

    def write(self, table: Table) -> None:
        # Some at a time: as Python objects, rows take ten times their memory.
        for begin in range(0, len(table[self._columns[0].name]), SPELLED_AT_ONCE):
            some = slice(begin, begin + SPELLED_AT_ONCE)
            columns = (_spelled(column, table[column.name][some]) for column in self._columns)
            self._writer.writerows(zip(*columns, strict=True))


def _spelled(column: Column, values: npt.NDArray[Any]) -> list[Any]:
    if column.is_text:
        return texts(values)
    if column.dtype.startswith("f"):
        spell = spelled if isinstance(column, LabelOf) else "{:.9g}".format
        return ["" if value != value else spell(value) for value in values.tolist()]
    return values.tolist()  # type: ignore[no-any-return]
