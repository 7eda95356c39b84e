"""Give the samples of one chunk other labels: their JSON, the shard that it is in, their rows."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from zlib_ng.zlib_ng import crc32

from ecgmpi.atomic import write_bytes
from ecgmpi.errors import LostSampleError
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.picture_formats import ANNOTATION
from ecgmpi.results.columns import Row, file_columns, files_of_row
from ecgmpi.results.journal_index import RecordLocation, read_tables
from ecgmpi.results.result import Result
from ecgmpi.results.sample_labels import with_labels
from ecgmpi.results.tables import as_results, listed
from ecgmpi.store import PACKINGS, ShardFile, StoreSpec, open_store
from ecgmpi.store.packed import PackedStore
from ecgmpi.store.shard_file import matches

Labels = Mapping[str, Any]
"""The labels of a recording as JSON has them; empty where it has none."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What every process that labels knows.

    Attributes
    ----------
    out
        OUT.
    pack
        How its pictures are packed.
    spec
        What a store knows of its job.
    scratch
        A folder for shards that are made elsewhere; None where nothing is packed.
    trusted
        Whether each JSON must be as its row says. Not where an earlier labelling was stopped:
        what it wrote last is in no journal. Then it may have other labels.
    """

    out: Path
    pack: str
    spec: StoreSpec
    scratch: Path | None
    trusted: bool


@dataclass(frozen=True, slots=True)
class LabelTask:
    """A chunk to label.

    Attributes
    ----------
    place
        Where its record lies.
    labels
        Of each of its recordings, in order.
    """

    place: RecordLocation
    labels: list[Labels]


@dataclass(frozen=True, slots=True)
class LabelledChunk:
    """What became of a chunk.

    Attributes
    ----------
    chunk, results, shards
        What is to be journaled.
    fault
        What of it is lost or altered; then nothing of it counts as labelled.
    """

    chunk: int
    results: list[Result]
    shards: tuple[ShardFile, ...] = ()
    fault: str = ""

    @property
    def n_shards(self) -> int:
        """How many shards it has, without their indexes."""
        return len({os.path.splitext(file.path)[0] for file in self.shards})  # noqa: PTH122


class ChunkLabeller:
    """Labels one chunk after another.

    Parameters
    ----------
    setting
        What is known of OUT.
    check
        Called before each sample; what it raises ends the work.
    """

    def __init__(self, setting: Setting, check: Callable[[], None]) -> None:
        self._setting = setting
        self._check = check
        self._journals = JobPaths(setting.out).journals
        self._store = open_store(setting.pack, setting.out, setting.spec, setting.scratch)

    def label(self, task: LabelTask) -> LabelledChunk:
        """Write everything of a chunk that has labels.

        It can be repeated, with these labels or with others, also where it was cut short.

        Raises
        ------
        OSError
            The journal cannot be read, or the disk is full or gone.
        StoreError
            The same of a shard.
        """
        tables = read_tables(self._journals, task.place)
        results = as_results(tables, task.place.first)
        rewritten = _Rewritten(self._setting, task.labels, results, self._check)
        try:
            if not PACKINGS[self._setting.pack].shards:
                self._label_files(results, rewritten)
                return LabelledChunk(task.place.chunk, rewritten.results)
            # What a shard keeps once a recording has no checksum of its own.
            if self._setting.spec.signals and self._setting.trusted:
                self._compare(listed(tables.shards))
            shards = self._label_shard(results, rewritten)
        except LostSampleError as error:
            return LabelledChunk(task.place.chunk, [], fault=str(error))
        return LabelledChunk(task.place.chunk, rewritten.results, shards)

    def _label_shard(self, results: list[Result], rewritten: _Rewritten) -> tuple[ShardFile, ...]:
        series_of = {row["path"]: row["series"] for result in results for row in result.pictures}
        keys = [
            (result.recording["name"], [row["key"] for row in result.pictures])
            for result in results
        ]
        assert isinstance(self._store, PackedStore)
        files: list[ShardFile] = []
        for series in self._setting.spec.every_series:
            for shard in (path for path, of in series_of.items() if of == series.name):
                files += self._store.rewrite(shard, keys, rewritten.change, series.name)
        return tuple(files)

    def _label_files(self, results: list[Result], rewritten: _Rewritten) -> None:
        for row in (row for result in results for row in result.pictures):
            path = self._setting.spec.beside(row["path"], ANNOTATION, row["series"])
            target = f"{self._setting.out}/{path}"
            try:
                with open(target, "rb") as handle:  # noqa: PTH123 - hot path
                    data = handle.read()
            except FileNotFoundError as error:
                raise LostSampleError(f"{path} is missing") from error
            write_bytes(target, rewritten.change(row["key"], {ANNOTATION: data})[ANNOTATION])

    def _compare(self, files: Mapping[str, list[Any]]) -> None:
        for path, size, checksum in zip(*files.values(), strict=True):
            if not matches(os.path.join(self._setting.out, path), size, checksum):  # noqa: PTH118
                raise LostSampleError(f"{path} is missing or altered")


class _Rewritten:
    """The samples of a chunk, changed in any order, and the rows that come of it."""

    def __init__(
        self,
        setting: Setting,
        labels: list[Labels],
        results: list[Result],
        check: Callable[[], None],
    ) -> None:
        self._trusted = setting.trusted
        self._check = check
        self._before = results
        self._rows: dict[str, Row] = {}
        self._of: dict[str, tuple[Row, Labels]] = {
            row["key"]: (row, own)
            for result, own in zip(results, labels, strict=True)
            for row in result.pictures
        }

    def change(self, key: str, files: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Give a sample its labels.

        Raises
        ------
        LostSampleError
            It is not what its row says.
        """
        self._check()
        row, labels = self._of[key]
        columns = {name: (value,) for name, value in row.items()}
        for kind, size, checksum in files_of_row(columns, 0):
            if kind not in files:
                continue
            fits = _may_be if kind == ANNOTATION and not self._trusted else _is
            if not fits(files[kind], size, checksum):
                raise LostSampleError(f"{row['path']}: the {kind} of {key} is altered")
        try:
            said = with_labels(files[ANNOTATION], labels)
        except ValueError as error:
            raise LostSampleError(
                f"{row['path']}: the JSON of {key} is altered: {error}"
            ) from error
        self._rows[key] = row | file_columns(ANNOTATION, said)
        return {**files, ANNOTATION: said}

    @property
    def results(self) -> list[Result]:
        """The results of the chunk, once all of its samples were changed."""
        changed = []
        for result in self._before:
            pictures = [self._rows[row["key"]] for row in result.pictures]
            more = sum(
                new["annotation_bytes"] - old["annotation_bytes"]
                for new, old in zip(pictures, result.pictures, strict=True)
            )
            row = result.recording | {"bytes": result.recording["bytes"] + more}
            changed.append(replace(result, recording=row, pictures=pictures))
        return changed


def _is(data: bytes, size: int, checksum: int) -> bool:
    """Whether data have the size and the CRC-32 that a row says."""
    return len(data) == size and crc32(data) == checksum


def _may_be(data: bytes, size: int, checksum: int) -> bool:
    """Whether a JSON differs from that of its row in labels at most, as far as the row can tell.

    It is known where the JSON of the row had no labels. Those that it had are kept nowhere once an
    OUT is being labelled again.
    """
    if _is(data, size, checksum):
        return True
    try:
        bare = with_labels(data, {})
    except ValueError:
        return False
    return len(bare) < size or _is(bare, size, checksum)
