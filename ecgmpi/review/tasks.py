"""The checks of an OUT, divided into tasks that any process can do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ecgmpi.corpus.item import Item
from ecgmpi.options.quantities import Part
from ecgmpi.options.rendering import Rendering
from ecgmpi.results.finished import Table
from ecgmpi.store import ShardFile, StoreSpec

ROWS_IN_A_TASK = 128
"""Pictures that are files: some tenths of a second."""

_ROWS_AT_ONCE = 65_536


@dataclass(frozen=True, slots=True)
class RowsTask:
    """Compare the files of some pictures with their rows, from `first` to before `last`."""

    first: int
    last: int

    @property
    def called(self) -> str:
        """How a message names what it looks at."""
        return f"pictures {self.first} to {self.last - 1}"


@dataclass(frozen=True, slots=True)
class ShardTask:
    """Compare a shard with the rows of its pictures, which are from `first` to before `last`.

    Rows of another shard of its chunk, which has another series, may lie between them.

    Attributes
    ----------
    path
        Of the shard, below OUT.
    files
        It and its indexes, as the manifest has them.
    """

    path: str
    first: int
    last: int
    files: tuple[ShardFile, ...]

    @property
    def called(self) -> str:
        """How a message names what it looks at."""
        return self.path


@dataclass(frozen=True, slots=True)
class ExtraTask:
    """Look for files that no row knows of."""

    @property
    def called(self) -> str:
        """How a message names what it looks at."""
        return "files without a row"


@dataclass(frozen=True, slots=True)
class DecodeTask:
    """Decode the picture in a row back to signals, and compare it with its recording.

    Attributes
    ----------
    row
        Of the picture.
    item
        Its recording, in the catalogue of the job.
    """

    row: int
    item: Item

    @property
    def called(self) -> str:
        """How a message names what it looks at."""
        return f"the signals of {self.item.name}"


Task = RowsTask | ShardTask | ExtraTask | DecodeTask


@dataclass(frozen=True, slots=True)
class Setting:
    """What every process that checks knows.

    Attributes
    ----------
    out
        OUT.
    pack
        How its pictures are packed.
    spec
        What a store knows of its job.
    part
        Which part of OUT is checked.
    rendering
        All options of the job, to read its recordings again; None where that is not asked for.
    """

    out: Path
    pack: str
    spec: StoreSpec
    part: Part
    rendering: Rendering | None = None


def row_tasks(n_rows: int, part: Part) -> Iterator[RowsTask]:
    """The tasks of pictures that are files of their own."""
    for number, first in enumerate(range(0, n_rows, ROWS_IN_A_TASK)):
        if part.has(number):
            yield RowsTask(first, min(first + ROWS_IN_A_TASK, n_rows))


def shard_tasks(pictures: Table, shards: Table, part: Part) -> Iterator[ShardTask]:
    """The tasks of shards, in the order of their pictures."""
    files: dict[int, list[ShardFile]] = {}
    columns = shards.lists(0, shards.n_rows)
    for chunk, *facts in zip(*(columns[c.name] for c in shards.columns), strict=True):
        files.setdefault(chunk, []).append(ShardFile(*facts))
    chunk_of = {file.path: chunk for chunk, group in files.items() for file in group}
    number = 0
    unread: list[tuple[ShardFile, ...]] = []
    for paths, first, last in _runs(pictures, chunk_of):
        shards_of = _by_shard(files.pop(chunk_of.get(paths[0], -1), []))
        for path in paths:
            if part.has(number):
                yield ShardTask(path, first, last, shards_of.get(_shard(path), ()))
            shards_of.pop(_shard(path), None)
            number += 1
        unread += shards_of.values()
    # Shards whose pictures the manifest does not have.
    unread += (shard for group in files.values() for shard in _by_shard(group).values())
    for shard in unread:
        if part.has(number):
            yield ShardTask(shard[0].path, 0, 0, shard)
        number += 1


def _shard(path: str) -> str:
    """What the names of a shard and of the indexes beside it share."""
    return path.rpartition(".")[0]


def _by_shard(files: Iterable[ShardFile]) -> dict[str, tuple[ShardFile, ...]]:
    """The files of a chunk by the shard that they belong to: each series has one."""
    found: dict[str, tuple[ShardFile, ...]] = {}
    for file in files:
        found[_shard(file.path)] = (*found.get(_shard(file.path), ()), file)
    return found


def _runs(
    pictures: Table, chunk_of: Mapping[str, int]
) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """Paths of shards, first row, and row after the last one, of the pictures of a chunk.

    A path that no chunk is known to have is taken for a chunk of its own.
    """
    begin = 0
    chunk: int | str = ""
    paths: dict[str, None] = {}
    for first in range(0, pictures.n_rows, _ROWS_AT_ONCE):
        end = min(first + _ROWS_AT_ONCE, pictures.n_rows)
        for row, path in enumerate(pictures.lists(first, end, "path")["path"], start=first):
            if path in paths:
                continue
            own = chunk_of.get(path, path)
            if own != chunk:
                if paths:
                    yield tuple(paths), begin, row
                begin, chunk, paths = row, own, {}
            paths[path] = None
    if paths:
        yield tuple(paths), begin, pictures.n_rows
