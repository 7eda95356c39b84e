"""Whether what an earlier run did is all still there.

A rank looks through chunks that are done, some at a time, by threads: that takes no
worker, hides the waiting for a shared filesystem, and zlib lets go of the
interpreter while it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ecgmpi.errors import FailureKind
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.readers.content_hash import content_sum
from ecgmpi.results.columns import files_of_row
from ecgmpi.results.journal_index import RecordLocation, read_tables
from ecgmpi.results.result import FAILED, Result
from ecgmpi.results.tables import Table, Tables, as_results, listed
from ecgmpi.store import Store
from ecgmpi.store.shard_file import matches


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be done about a chunk.

    Attributes
    ----------
    chunk
        Which chunk.
    lost
        Indices of the recordings of which a picture is gone, of another size or altered.
    retried
        Indices of the recordings that had failed and are to be tried again: on request, or as
        their files were missing.
    kept
        The results of all others; empty where nothing is lost or retried.
    changed
        With ``--strict``: the files below INPUT whose content is not what was drawn.
        Nothing else was looked at then.
    """

    chunk: int
    lost: list[int]
    retried: list[int]
    kept: list[Result]
    changed: list[str] = field(default_factory=list)

    @property
    def again(self) -> list[int]:
        """Indices of all recordings that are to be drawn again."""
        return sorted(self.lost + self.retried)


@dataclass(frozen=True, slots=True)
class Checking:
    """How to check what is done.

    Attributes
    ----------
    paths
        Of OUT.
    store
        Where the pictures are.
    verify
        Read them, too.
    retry_failed
        Whatever failed is to be tried again, and not only what was missing.
    """

    paths: JobPaths
    store: Store
    verify: bool = False
    retry_failed: bool = False

    def check(self, place: RecordLocation) -> Finding:
        """Look through one chunk.

        Raises
        ------
        OSError
            The journal cannot be read.
        """
        tables = read_tables(self.paths.journals, place)
        recordings = listed(tables.recordings)
        if place.paths and (changed := _changed(recordings, place.paths)):
            return Finding(place.chunk, [], [], [], changed)
        lost: list[int] = []
        retried: list[int] = []
        begin = 0
        is_there = self._are_there(tables)
        columns = (recordings[name] for name in ("status", "class", "pictures"))
        for index, (status, kind, count) in enumerate(zip(*columns, strict=True), place.first):
            end = begin + count
            if status == FAILED:
                # The file may be there now, and to look for it costs little.
                if self.retry_failed or kind == FailureKind.MISSING:
                    retried.append(index)
            elif not all(map(is_there, range(begin, end))):
                lost.append(index)
            begin = end
        if not lost and not retried:
            return Finding(place.chunk, [], [], [])
        gone = {*lost, *retried}
        results = as_results(tables, place.first)
        kept = [result for result in results if result.index not in gone]
        return Finding(place.chunk, lost, retried, kept)

    def _are_there(self, tables: Tables) -> Callable[[int], bool]:
        """Say whether the picture of a row is there, and what stands beside it.

        Shards count as a whole, those of all series together: if any of their files is wrong, all
        pictures of the chunk are drawn again.
        """
        if len(tables.shards["path"]):
            whole = self._has_shards(tables.shards)
            return lambda _: whole
        pictures = listed(tables.pictures)
        paths, series = pictures["path"], pictures["series"]
        return lambda row: all(
            self.store.holds(paths[row], size, checksum if self.verify else None, kind, series[row])
            for kind, size, checksum in files_of_row(pictures, row)
        )

    def _has_shards(self, shards: Table) -> bool:
        files = listed(shards)
        return all(
            matches(f"{self.paths.out}/{path}", size, checksum if self.verify else None)
            for path, size, checksum in zip(*files.values(), strict=True)
        )


def _changed(recordings: Mapping[str, Sequence[Any]], paths: Iterable[str]) -> list[str]:
    """The sources of recordings at `paths` whose content is not what it was."""
    # One that made its reader crash has no sum.
    return [
        source
        for source, content, path in zip(
            recordings["source"], recordings["content"], paths, strict=True
        )
        if content and content_sum(path) != content
    ]


class Checker:
    """Checks chunks beside everything else that a rank does."""

    def __init__(self, checking: Checking, n_threads: int) -> None:
        self._checking = checking
        self._threads = ThreadPoolExecutor(n_threads)
        self._given: list[Future[Finding]] = []

    @property
    def in_flight(self) -> int:
        """Chunks that were given and have not been taken."""
        return len(self._given)

    def give(self, places: Iterable[RecordLocation]) -> None:
        """Take on the check of the chunks at `places`."""
        self._given += [self._threads.submit(self._checking.check, place) for place in places]

    def take(self) -> Iterator[Finding]:
        """What has been found since the last call.

        Raises
        ------
        OSError
            A journal cannot be read.
        """
        left: list[Future[Finding]] = []
        over: list[Future[Finding]] = []
        for future in self._given:
            (over if future.done() else left).append(future)
        self._given = left
        yield from (future.result() for future in over)

    def close(self) -> None:
        """Leave the rest unchecked."""
        self._threads.shutdown(cancel_futures=True)
