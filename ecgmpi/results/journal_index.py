"""Read what is done: the journals of all ranks and runs as one index of chunks.

The record of the newest run counts: if part of a chunk is drawn again, its whole record is
written again. Torn or damaged records are skipped, and nothing else is.
"""

from __future__ import annotations

import json
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

from .journal_writer import HEADER, MAGIC, checksum
from .tables import Tables, unpack
from .totals import Totals

_NAME = re.compile(r"(\d+)-(\d+)\.journal")

MOST_OPEN = 128
"""Journals that are open at a time: neighbouring chunks lie in those of many ranks."""

_BLOCK = 1 << 20
"""Bytes to search at a time for the record after a damaged one."""


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

    Holds 12 bytes a chunk in memory; the rows stay on disk.

    Attributes
    ----------
    total
        The totals over every chunk that is done, of the part that was asked for.
    damage
        What is damaged and was skipped, in words. A torn end does not count: a kill leaves one.
    """

    def __init__(self, folder: Path, n_chunks: int, part: Part = ALL) -> None:
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
        self.total = Totals.none()
        self.damage: list[str] = []
        self._sizes: dict[str, int] = {}
        for number, name in enumerate(self._files):
            self._sizes[name] = (folder / name).stat().st_size
            for found in _scan(folder / name, self._sizes[name]):
                if isinstance(found, _Damage):
                    self.damage.append(f"journal {name}: {found}")
                elif found.chunk >= n_chunks or not part.has(found.chunk):
                    continue
                elif self._file_of[found.chunk] < 0:
                    self._file_of[found.chunk] = number
                    self._offset_of[found.chunk] = found.offset
                    self.total = self.total.plus(found.summary)

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

    def place(self, chunk: int, chunk_size: int) -> RecordLocation:
        """Where the record of a `chunk` that is done lies."""
        name = self._files[self._file_of[chunk]]
        return RecordLocation(chunk, chunk * chunk_size, name, int(self._offset_of[chunk]))

    def rows(self) -> Iterator[tuple[int, Tables]]:
        """The number and the tables of each chunk that is done, in order."""
        journals: KeptOpen[int, BinaryIO] = KeptOpen(self._open, MOST_OPEN)
        with closing(journals):
            for chunk, number in enumerate(self._file_of.tolist()):
                if number >= 0:
                    yield chunk, _tables(journals[number], int(self._offset_of[chunk]))

    def _open(self, number: int) -> BinaryIO:
        return (self._folder / self._files[number]).open("rb")


def read_tables(folder: Path, place: RecordLocation) -> Tables:
    """The tables of one chunk.

    Raises
    ------
    OSError
        The journal cannot be read.
    """
    with (folder / place.file).open("rb") as handle:
        return _tables(handle, place.offset)


def _tables(handle: BinaryIO, offset: int) -> Tables:
    handle.seek(offset)
    _, _, head, body, _ = HEADER.unpack(handle.read(HEADER.size))
    handle.seek(head, 1)
    return unpack(handle.read(body))


@dataclass(frozen=True, slots=True)
class _Record:
    chunk: int
    offset: int
    end: int
    summary: Totals


@dataclass(frozen=True, slots=True)
class _Damage:
    begin: int
    end: int

    def __str__(self) -> str:
        return f"{self.end - self.begin} damaged bytes at byte {self.begin} were skipped"


def _scan(path: Path, size: int) -> Iterator[_Record | _Damage]:
    """Each whole record in the first `size` bytes, and the damage between them."""
    with path.open("rb") as handle:
        offset = 0
        while offset < size:
            if record := _record(handle, offset, size):
                yield record
                offset = record.end
                continue
            begin = offset
            while (offset := _next_magic(handle, offset + 1)) < size:
                if _record(handle, offset, size):
                    yield _Damage(begin, offset)
                    break


def _record(handle: BinaryIO, offset: int, size: int) -> _Record | None:
    """The record at `offset` of a file of `size` bytes; None if there is no whole one."""
    handle.seek(offset)
    header = handle.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    magic, chunk, head_size, body_size, expected = HEADER.unpack(header)
    end = offset + HEADER.size + head_size + body_size
    if magic != MAGIC or end > size:
        return None
    head, body = handle.read(head_size), handle.read(body_size)
    if checksum(chunk, head, body) != expected:
        return None
    return _Record(chunk, offset, end, Totals(**json.loads(head)))


def _next_magic(handle: BinaryIO, offset: int) -> int:
    """Offset at or after `offset` where the next record may begin, or the end of the file."""
    handle.seek(offset)
    kept = b""
    while block := handle.read(_BLOCK):
        kept += block
        if (at := kept.find(MAGIC)) >= 0:
            return offset + at
        # The last bytes may be the start of it.
        searched = max(0, len(kept) - (len(MAGIC) - 1))
        offset += searched
        kept = kept[searched:]
    return offset + len(kept)
