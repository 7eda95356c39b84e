"""Journal what is done: a checksummed record per chunk, in an append-only file per rank and run.

A chunk is done when its record is whole on disk; by then its pictures are in place. The
record carries the manifest rows of the chunk, so to finish a job, resume it or merge its parts
is the same: read the journals. If part of a chunk is drawn again, the chunk gets another whole
record in the file of a newer run.

A record is a header (``<4sIIII``: magic, chunk, length of the summary, length of the
rows, CRC-32 of all else in the record), the summary (JSON: counts, and the longest text
of each column) and the rows (see `tables`).
"""

from __future__ import annotations

import itertools
import json
import os
import struct
import time
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ecgmpi.store import ShardFile

from .result import Result
from .tables import pack, tables_of
from .totals import Totals, totals_of

SYNCED_EVERY = 0.1
"""Seconds between two syncs: each takes a turn of a thread, and of a shared filesystem."""

MAGIC = b"ECJ2"
HEADER = struct.Struct("<4sIIII")


class JournalWriter:
    """The journal of this rank in this run.

    Records are written at once and synced to disk by a thread, all that have gathered while it
    was busy together: a rank must not wait for each of them.

    Parameters
    ----------
    folder
        Where journals are; created with the first record, as is the file.
    rank
        Whose it is.
    run
        A number above that of every run that wrote there before.
    """

    def __init__(self, folder: Path, rank: int, run: int = 0) -> None:
        self._folder, self._rank, self._run = folder, rank, run
        self._handle = -1
        self._disk = ThreadPoolExecutor(1)
        self._written: list[int] = []
        self._syncing: list[int] = []
        self._sync: Future[None] | None = None
        self._sync_next = 0.0

    def append(self, chunk: int, results: list[Result], shards: Sequence[ShardFile] = ()) -> None:
        """Journal that `chunk` is done; it counts as done once `on_disk` yields it.

        Parameters
        ----------
        chunk, results
            Which chunk, and what became of its recordings.
        shards
            The files of its shard.

        Raises
        ------
        OSError
            The disk is full or gone.
        """
        results = sorted(results, key=lambda result: result.index)
        tables = tables_of(results, shards)
        head = json.dumps(_as_json(totals_of(results, tables))).encode()
        body = pack(tables)
        header = HEADER.pack(MAGIC, chunk, len(head), len(body), checksum(chunk, head, body))
        record = header + head + body
        if self._handle < 0:
            self._handle = _fresh_file(self._folder, self._rank, self._run)
        view = memoryview(record)
        while view:
            view = view[os.write(self._handle, view) :]
        self._written.append(chunk)

    def on_disk(self, wait: bool = False) -> Iterator[int]:
        """Chunks whose records have reached the disk since the last call.

        Parameters
        ----------
        wait
            Wait until all that was appended has.

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
            now = time.monotonic()
            if self._sync is None and self._written and (wait or now >= self._sync_next):
                self._sync_next = now + SYNCED_EVERY
                self._syncing, self._written = self._written, []
                self._sync = self._disk.submit(os.fsync, self._handle)
            else:
                return

    def close(self) -> None:
        """Close the file."""
        self._disk.shutdown()
        if self._handle >= 0:
            os.close(self._handle)


def _fresh_file(folder: Path, rank: int, run: int) -> int:
    # A new file each run: after a kill the end of an old one may be torn.
    # OUT must exist: one that was moved away must not reappear empty.
    folder.mkdir(exist_ok=True)
    for number in itertools.count(run):
        path = folder / f"{rank:05d}-{number:06d}.journal"
        try:
            return os.open(
                path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o666
            )
        except FileExistsError:
            continue
    raise AssertionError("unreachable")


def checksum(chunk: int, head: bytes, body: bytes) -> int:
    """CRC-32 of a record: of its header with 0 in place of the checksum, `head` and `body`."""
    fields = HEADER.pack(MAGIC, chunk, len(head), len(body), 0)
    return zlib.crc32(body, zlib.crc32(head, zlib.crc32(fields)))


def _as_json(summary: Totals) -> dict[str, Any]:
    return {name: getattr(summary, name) for name in Totals.__slots__}
