"""Find the records in a journal, past whatever is torn or damaged.

`scan` reads every byte and trusts a record by its checksum. `glance` reads headers and summaries,
and skips the rows, which are most of the bytes: for whoever needs the totals alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from .journal_writer import HEADER, MAGIC, checksum
from .totals import Totals

_BLOCK = 1 << 20
"""Bytes to search at a time for the record after a damaged one."""

_ENOUGH = 4096
"""Bytes that hold the header and the summary of nearly every record."""

_WIDTHS = b', "widths": '
"""What precedes the last field of a summary, which few records have to themselves."""


@dataclass(frozen=True, slots=True)
class ScannedRecord:
    """A record: its chunk, its first byte, the byte after its last, checksum and summary."""

    chunk: int
    offset: int
    end: int
    checksum: int
    summary: Totals


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that are no record, before one that is."""

    begin: int
    end: int

    def __str__(self) -> str:
        return f"{self.end - self.begin} damaged bytes at byte {self.begin} were skipped"


def scan(path: Path, size: int) -> Iterator[ScannedRecord | Damage]:
    """Find each whole record in the first `size` bytes, and the damage between them."""
    with path.open("rb") as handle:
        yield from _scan(handle, 0, size)


def glance(path: Path, size: int) -> Iterator[ScannedRecord | Damage]:
    """Do as `scan` does, but trust a record whose summary can be read and that leads to another.

    Damage within a record may therefore go unseen. From a record that leads to no other, and from
    the last of the file, which a kill may have cut off, `scan` continues.
    """
    # Unbuffered: a buffer would read on into the rows.
    with path.open("rb", buffering=0) as handle:
        last: ScannedRecord | None = None
        offset = 0
        while record := _summary(handle, offset, size):
            if last:
                yield last
            last, offset = record, record.end
    with path.open("rb") as handle:
        yield from _scan(handle, last.offset if last else 0, size)


def _scan(handle: BinaryIO, offset: int, size: int) -> Iterator[ScannedRecord | Damage]:
    while offset < size:
        if record := _record(handle, offset, size):
            yield record
            offset = record.end
            continue
        begin = offset
        while (offset := _next_magic(handle, offset + 1)) < size:
            if _record(handle, offset, size):
                yield Damage(begin, offset)
                break


def _record(handle: BinaryIO, offset: int, size: int) -> ScannedRecord | None:
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
    return ScannedRecord(chunk, offset, end, expected, Totals(**_parsed(head)))


def _summary(handle: Any, offset: int, size: int) -> ScannedRecord | None:
    """What seems to be the record at `offset`, its rows unread; None if it cannot be one."""
    if offset + HEADER.size > size:
        return None
    handle.seek(offset)
    data = handle.read(_ENOUGH)
    if len(data) < HEADER.size:
        return None
    magic, chunk, head_size, body_size, expected = HEADER.unpack_from(data)
    rows = offset + HEADER.size + head_size
    if magic != MAGIC or rows + body_size > size:
        return None
    head = data[HEADER.size : HEADER.size + head_size]
    if len(head) < head_size:
        handle.seek(offset + HEADER.size)
        head = handle.read(head_size)
    try:
        summary = Totals(**_parsed(head))
    except (ValueError, TypeError, RecursionError):
        return None
    return ScannedRecord(chunk, offset, rows + body_size, expected, summary)


def _parsed(head: bytes) -> dict[str, Any]:
    """The fields of a summary."""
    counts, found, widths = head.rpartition(_WIDTHS)
    if not found:
        return dict(json.loads(head))
    # Half of the text, and the same in most records.
    return dict(json.loads(counts.decode() + "}")) | {"widths": _parsed_widths(widths[:-1])}


@lru_cache(1024)
def _parsed_widths(text: bytes) -> dict[str, int]:
    return dict(json.loads(text))


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
