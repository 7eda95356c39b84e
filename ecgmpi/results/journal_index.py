"""Read what is done: the journals of all ranks and runs as one index of chunks.

The record of the newest run counts: if part of a chunk is drawn again, its whole record is
written again. Torn or damaged records are skipped, and nothing else is.

Whoever reads the rows without holding OUT may find that another job has replaced the journals
meanwhile (``--overwrite``). A record is known again by its checksum.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from ecgmpi.kept_open import KeptOpen
from ecgmpi.options.quantities import ALL, Part

from .journal_scan import Damage, glance, scan
from .journal_writer import HEADER, MAGIC
from .tables import Table, Tables, unpack, unpack_recordings
from .totals import RunningTotals

_NAME = re.compile(r"(\d+)-(\d+)\.journal")

MOST_OPEN = 128
"""Journals that are open at a time: neighbouring chunks lie in those of many ranks."""


@dataclass(frozen=True, slots=True)
class RecordLocation:
    """Where the record of a chunk lies.

    Attributes
    ----------
    chunk
        Which chunk.
    first
        Index of its first recording.
    file, offset
        Name of the journal, and bytes from its beginning.
    paths
        With ``--strict``: the recordings, in order.
    """

    chunk: int
    first: int
    file: str
    offset: int
    paths: tuple[str, ...] = ()


class JournalIndex:
    """All journals below a folder.

    Holds 16 bytes a chunk in memory; the rows stay on disk.

    Parameters
    ----------
    folder
        Where the journals are; without it, nothing is done.
    n_chunks
        How many chunks the job has.
    part
        The part whose chunks count.
    quick
        Read the summaries and skip the rows, which are most of the bytes. The totals are the
        same, except that damage within a record may go unseen. For whoever only counts.

    Attributes
    ----------
    total
        The totals over every chunk that is done, of the part that was asked for.
    damage
        What is damaged and was skipped, in words. A torn end does not count: a kill leaves one.
    """

    def __init__(
        self, folder: Path, n_chunks: int, part: Part = ALL, *, quick: bool = False
    ) -> None:
        self._folder = folder
        runs: dict[str, tuple[int, int]] = {}
        for path in folder.glob("*.journal"):
            if match := _NAME.fullmatch(path.name):
                runs[path.name] = (int(match[2]), int(match[1]))
        # The newest first: any later record of the same chunk is out of date.
        self._files = sorted(runs, key=runs.__getitem__, reverse=True)
        self._next_run = 1 + max((run for run, _ in runs.values()), default=-1)
        self._file_of: npt.NDArray[np.int32] = np.full(n_chunks, -1, np.int32)
        self._offset_of: npt.NDArray[np.int64] = np.zeros(n_chunks, np.int64)
        self._checksum_of: npt.NDArray[np.uint32] = np.zeros(n_chunks, np.uint32)
        total = RunningTotals()
        self.damage: list[str] = []
        self._sizes: dict[str, int] = {}
        for number, name in enumerate(self._files):
            self._sizes[name] = (folder / name).stat().st_size
            for found in (glance if quick else scan)(folder / name, self._sizes[name]):
                if isinstance(found, Damage):
                    self.damage.append(f"journal {name}: {found}")
                elif found.chunk >= n_chunks or not part.has(found.chunk):
                    continue
                elif self._file_of[found.chunk] < 0:
                    self._file_of[found.chunk] = number
                    self._offset_of[found.chunk] = found.offset
                    self._checksum_of[found.chunk] = found.checksum
                    total.add(found.summary)
        self.total = total.total

    @property
    def next_run(self) -> int:
        """A number for a run that is newer than all that wrote here."""
        return self._next_run

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes of each journal: they only grow, so the same sizes are the same records."""
        return dict(self._sizes)

    def is_done(self, chunk: int) -> bool:
        """Whether `chunk` has a whole record."""
        return bool(self._file_of[chunk] >= 0)

    def run_of(self, chunk: int) -> int:
        """Number of the run that wrote the record of a `chunk` that is done."""
        return _run_of(self._files[self._file_of[chunk]])

    def place(self, chunk: int, first: int) -> RecordLocation:
        """Where the record of a `chunk` that is done lies; its first recording is at `first`."""
        name = self._files[self._file_of[chunk]]
        return RecordLocation(chunk, first, name, int(self._offset_of[chunk]))

    def rows(self) -> Iterator[tuple[int, Tables]]:
        """The number and the tables of each chunk that is done, in order.

        Raises
        ------
        OSError
            A journal cannot be read, or was replaced.
        """
        for chunk, packed in self._packed():
            yield chunk, unpack(packed)

    def recordings(self) -> Iterator[tuple[int, Table]]:
        """The number of each chunk that is done and the rows of its recordings, in order.

        The rows of its pictures, most of a record, stay packed.

        Raises
        ------
        OSError
            A journal cannot be read, or was replaced.
        """
        for chunk, packed in self._packed():
            yield chunk, unpack_recordings(packed)

    def tables(self, chunk: int) -> Tables:
        """The tables of a `chunk` that is done.

        Raises
        ------
        OSError
            The journal cannot be read, or was replaced.
        """
        with self._open(int(self._file_of[chunk])) as handle:
            return unpack(self._rows(handle, chunk))

    def _packed(self) -> Iterator[tuple[int, bytes]]:
        journals: KeptOpen[int, BinaryIO] = KeptOpen(self._open, MOST_OPEN)
        with closing(journals):
            for chunk, number in enumerate(self._file_of.tolist()):
                if number >= 0:
                    yield chunk, self._rows(journals[number], chunk)

    def _rows(self, handle: BinaryIO, chunk: int) -> bytes:
        offset, checksum = int(self._offset_of[chunk]), int(self._checksum_of[chunk])
        return _rows_at(handle, offset, chunk, checksum)

    def _open(self, number: int) -> BinaryIO:
        return (self._folder / self._files[number]).open("rb")


def remove_earlier(folder: Path, run: int) -> None:
    """Remove the journals of all runs before `run`: whatever they hold was written again.

    Raises
    ------
    OSError
        One cannot be removed.
    """
    for path in folder.glob("*.journal"):
        if _NAME.fullmatch(path.name) and _run_of(path.name) < run:
            path.unlink(missing_ok=True)


def _run_of(name: str) -> int:
    """Number of the run that wrote the journal of a `name`."""
    return int(name.partition(".")[0].rpartition("-")[2])


def read_tables(folder: Path, place: RecordLocation) -> Tables:
    """The tables of one chunk.

    Raises
    ------
    OSError
        The journal cannot be read, or was replaced.
    """
    with (folder / place.file).open("rb") as handle:
        return unpack(_rows_at(handle, place.offset, place.chunk))


def _rows_at(handle: BinaryIO, offset: int, chunk: int, checksum: int | None = None) -> bytes:
    """The rows of the record of `chunk` at `offset`, packed.

    Raises
    ------
    OSError
        Another record is there, or none.
    """
    handle.seek(offset)
    header = handle.read(HEADER.size)
    if len(header) == HEADER.size:
        magic, its_chunk, head, body, its_checksum = HEADER.unpack(header)
        same = checksum is None or checksum == its_checksum
        if magic == MAGIC and its_chunk == chunk and same:
            content = handle.read(head + body)
            if len(content) == head + body:
                return content[head:]
    raise OSError(errno.ESTALE, "the journal changed while it was read", handle.name)
