"""What is done: a checksummed record a chunk, in an append-only file a rank and run.

A chunk is done when its record is whole on disk; by then its pictures are in place. The
record carries the chunk's manifest rows, so finishing a job, going on with one and
gathering many are all the same: read the journals.

A record is a header (``<4sIIII``: magic, chunk, length of the summary, length of the
rows, CRC-32 of all else in the record), the summary (JSON: counts, and the longest text
of each column) and the rows (JSON, a list a column, deflated).
"""

from __future__ import annotations

import itertools
import json
import os
import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.amounts import ALL, Part

from .rows import PICTURE_COLUMNS, RECORDING_COLUMNS, Column, Result, Row

_MAGIC = b"ECJ1"
_HEADER = struct.Struct("<4sIIII")

Columns = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Summary:
    """What the record of a chunk, or of many, adds up to."""

    recordings: int
    failed: int
    pictures: int
    bytes: int
    failures: dict[str, int]
    widths: dict[str, int]

    @classmethod
    def none(cls) -> Summary:
        """The summary of nothing."""
        return cls(0, 0, 0, 0, {}, {})

    def plus(self, other: Summary) -> Summary:
        """Both together."""
        widths = dict(self.widths)
        for name, width in other.widths.items():
            widths[name] = max(width, widths.get(name, 0))
        return Summary(
            self.recordings + other.recordings,
            self.failed + other.failed,
            self.pictures + other.pictures,
            self.bytes + other.bytes,
            dict(Counter(self.failures) + Counter(other.failures)),
            widths,
        )


def summarise(results: Iterable[Result]) -> Summary:
    """The summary of the `results` of a chunk."""
    results = list(results)
    recordings = [result.recording for result in results]
    pictures = [row for result in results for row in result.pictures]
    widths: dict[str, int] = {}
    for table, columns, rows in (
        ("recordings", RECORDING_COLUMNS, recordings),
        ("pictures", PICTURE_COLUMNS, pictures),
    ):
        for column in columns:
            if column.dtype == "text":
                widths[f"{table}/{column.name}"] = max(
                    (len(encode(row[column.name])) for row in rows), default=0
                )
    return Summary(
        recordings=len(results),
        failed=sum(result.failed for result in results),
        pictures=len(pictures),
        bytes=sum(row["bytes"] for row in recordings),
        failures=dict(Counter(row["class"] for row in recordings if row["class"])),
        widths=widths,
    )


def encode(text: str) -> bytes:
    """`text` as the bytes that the manifest holds; any file name comes back as it was."""
    return text.encode("utf-8", "surrogateescape")


class JournalWriter:
    """The journal of this rank in this run.

    Records are written at once and brought to the disk by a thread, as many together as
    have gathered while it was busy: a rank must not stand still for each of them.
    """

    def __init__(self, folder: Path, rank: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._handle = _fresh_file(folder, rank)
        self._disk = ThreadPoolExecutor(1)
        self._written: list[tuple[int, Summary]] = []
        self._syncing: list[tuple[int, Summary]] = []
        self._sync: Future[None] | None = None

    def append(self, chunk: int, results: list[Result]) -> None:
        """Write down that `chunk` is done; it counts as done once `on_disk` gives it.

        Raises
        ------
        OSError
            The disk is full or gone.
        """
        results = sorted(results, key=lambda result: result.index)
        summary = summarise(results)
        pictures = [row for result in results for row in result.pictures]
        head = json.dumps(_as_json(summary)).encode()
        rows = {
            "recordings": _columns(RECORDING_COLUMNS, [result.recording for result in results]),
            "pictures": _columns(PICTURE_COLUMNS[1:], pictures),
        }
        body = zlib.compress(json.dumps(rows).encode(), 1)
        checksum = _checksum(chunk, head, body)
        record = _HEADER.pack(_MAGIC, chunk, len(head), len(body), checksum) + head + body
        view = memoryview(record)
        while view:
            view = view[os.write(self._handle, view) :]
        self._written.append((chunk, summary))

    def on_disk(self, wait: bool = False) -> Iterator[tuple[int, Summary]]:
        """Chunks whose records have reached the disk since the last call.

        Parameters
        ----------
        wait
            Until all that was appended has.

        Raises
        ------
        OSError
            The disk is full or gone.
        """
        while True:
            if self._sync is not None and (wait or self._sync.done()):
                self._sync.result()
                self._sync = None
                yield from self._syncing
            if self._sync is None and self._written:
                self._syncing, self._written = self._written, []
                self._sync = self._disk.submit(os.fsync, self._handle)
            elif self._sync is None or not wait:
                return

    def close(self) -> None:
        """Close the file."""
        self._disk.shutdown()
        os.close(self._handle)


def _fresh_file(folder: Path, rank: int) -> int:
    # A new one each run: after a kill the end of an old one may be torn.
    for attempt in itertools.count():
        path = folder / f"{rank:05d}-{attempt:06d}.journal"
        try:
            return os.open(
                path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o666
            )
        except FileExistsError:
            continue
    raise AssertionError("unreachable")


class Journals:
    """All journals below a folder, as an index of chunks.

    Holds 12 bytes a chunk in memory; the rows stay on disk.

    Attributes
    ----------
    total
        The summary of every chunk that is done, of the part that was asked for.
    """

    def __init__(self, folder: Path, n_chunks: int, part: Part = ALL) -> None:
        self._files = sorted(folder.glob("*.journal"))
        self._file_of: npt.NDArray[np.int32] = np.full(n_chunks, -1, np.int32)
        self._offset_of: npt.NDArray[np.int64] = np.zeros(n_chunks, np.int64)
        self.total = Summary.none()
        for number, path in enumerate(self._files):
            for offset, chunk, summary in _scan(path):
                # The first record of a chunk counts: a chunk is never counted twice.
                if chunk < n_chunks and part.has(chunk) and self._file_of[chunk] < 0:
                    self._file_of[chunk] = number
                    self._offset_of[chunk] = offset
                    self.total = self.total.plus(summary)

    def is_done(self, chunk: int) -> bool:
        """Whether `chunk` has a whole record."""
        return bool(self._file_of[chunk] >= 0)

    def rows(self) -> Iterator[tuple[Columns, Columns]]:
        """The rows of recordings and of pictures of each chunk that is done, in order."""
        handle, opened = None, -1
        try:
            for number, offset in zip(self._file_of, self._offset_of, strict=True):
                if number < 0:
                    continue
                if number != opened:
                    if handle:
                        handle.close()
                    handle, opened = self._files[number].open("rb"), int(number)
                assert handle is not None
                handle.seek(int(offset))
                _, _, head, body, _ = _HEADER.unpack(handle.read(_HEADER.size))
                handle.seek(head, os.SEEK_CUR)
                tables = json.loads(zlib.decompress(handle.read(body)))
                yield tables["recordings"], tables["pictures"]
        finally:
            if handle:
                handle.close()


def _checksum(chunk: int, head: bytes, body: bytes) -> int:
    fields = _HEADER.pack(_MAGIC, chunk, len(head), len(body), 0)
    return zlib.crc32(body, zlib.crc32(head, zlib.crc32(fields)))


def _scan(path: Path) -> Iterator[tuple[int, int, Summary]]:
    """Offset, chunk and summary of each whole record; ends at the first torn one."""
    with path.open("rb") as handle:
        while True:
            offset = handle.tell()
            header = handle.read(_HEADER.size)
            if len(header) < _HEADER.size:
                return
            magic, chunk, head_size, body_size, checksum = _HEADER.unpack(header)
            if magic != _MAGIC:
                return
            head, body = handle.read(head_size), handle.read(body_size)
            if len(body) < body_size or _checksum(chunk, head, body) != checksum:
                return
            yield offset, chunk, Summary(**json.loads(head))


def _columns(columns: Iterable[Column], rows: list[Row]) -> Columns:
    return {column.name: [row[column.name] for row in rows] for column in columns}


def _as_json(summary: Summary) -> dict[str, Any]:
    return {name: getattr(summary, name) for name in Summary.__slots__}
