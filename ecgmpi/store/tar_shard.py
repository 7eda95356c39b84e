"""A tar shard: the members of its samples side by side, and two indexes beside it.

The tar is plain ustar, uncompressed, as WebDataset has it. Nothing in a header depends on who
wrote it, where or when. ``.csv`` says of each member where its bytes begin, how many
they are, and their CRC-32. ``.idx`` is what NVIDIA DALI's ``wds2idx`` would make of the tar.
"""

from __future__ import annotations

import csv
import io
import os
import tarfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ecgmpi.picture_formats import PICTURE

from .fragments import Sample

TAR, INDEX, DALI_INDEX = ".tar", ".csv", ".idx"
"""What the names of the files of a shard end in."""

INDEX_COLUMNS = ("member", "offset", "bytes", "crc32")
_FIRST_LINE = ",".join(INDEX_COLUMNS).encode() + b"\n"

_DALI_VERSION = "v1.2"
# Size of a block, and of what archives are a multiple of: POSIX ustar.
_BLOCK, _RECORD = tarfile.BLOCKSIZE, tarfile.RECORDSIZE


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a tar.

    Attributes
    ----------
    key, ending
        The name of the member is one after the other.
    offset
        Where its bytes begin, from the beginning of the tar.
    bytes
        How many they are.
    crc32
        Their CRC-32.
    """

    key: str
    ending: str
    offset: int
    bytes: int
    crc32: int


class TarWriter:
    """Writes a tar, one sample after another.

    Parameters
    ----------
    handle
        Where to.
    endings
        What the names of members end in, by the kind of file.

    Attributes
    ----------
    members
        What was written, in order.
    size, crc32
        Of all that was written.
    """

    def __init__(self, handle: BinaryIO, endings: Mapping[str, str]) -> None:
        self._handle = handle
        self._endings = endings
        self.members: list[Member] = []
        self.size = 0
        self.crc32 = 0

    def add(self, sample: Sample) -> None:
        """Write the files of a sample as members side by side.

        Raises
        ------
        OSError
            The disk is full or gone.
        """
        for kind, ending in self._endings.items():
            data = sample.files[kind]
            self._write(_header(sample.key + ending, len(data)))
            member = Member(sample.key, ending, self.size, len(data), zlib.crc32(data))
            self.members.append(member)
            self._write(data)
            self._write(bytes(-len(data) % _BLOCK))

    def end(self) -> None:
        """Write what ends a tar."""
        self._write(bytes(2 * _BLOCK))
        self._write(bytes(-self.size % _RECORD))

    def _write(self, data: bytes) -> None:
        self._handle.write(data)
        self.size += len(data)
        self.crc32 = zlib.crc32(data, self.crc32)


def index(members: Iterable[Member]) -> bytes:
    """Make the content of the ``.csv``: a line a member, after the names of the columns."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(INDEX_COLUMNS)
    rows.writerows((m.key + m.ending, m.offset, m.bytes, m.crc32) for m in members)
    return text.getvalue().encode("ascii")


def dali_index(members: Iterable[Member]) -> bytes:
    """Make the content of the ``.idx``: the number of samples, then a line each.

    A line has field, offset, size and name of each member of a sample.
    """
    samples: dict[str, list[str]] = {}
    for member in members:
        told = f"{member.ending[1:]} {member.offset} {member.bytes} {member.key}{member.ending}"
        samples.setdefault(member.key, []).append(told)
    lines = [f"{_DALI_VERSION} {len(samples)}", *map(" ".join, samples.values())]
    return ("\n".join(lines) + "\n").encode("ascii")


def index_of_headers(shard: Path) -> bytes:
    """Make the content of the ``.csv`` from the headers of a tar; every CRC-32 is 0.

    Raises
    ------
    OSError
        It cannot be read.
    ValueError
        It is no tar, or ends within a header.
    """
    lines = [_FIRST_LINE]
    offset = 0
    with shard.open("rb", buffering=0) as handle:
        while any(header := handle.read(_BLOCK)):
            try:
                member = tarfile.TarInfo.frombuf(header, "ascii", "strict")
            except tarfile.HeaderError as error:
                raise ValueError(f"{error} at byte {offset}") from error
            offset += _BLOCK
            lines.append(f"{member.name},{offset},{member.size},0\n".encode("ascii"))
            offset += -(-member.size // _BLOCK) * _BLOCK
            handle.seek(offset)
    return b"".join(lines)


class TarShardReader:
    """Reads samples of a shard through its index, without reading the rest.

    Parameters
    ----------
    shard
        Path of the tar; its index lies beside it.
    endings
        What the names of members end in, by the kind of file.
    index
        The index, where it is not to be read.

    Raises
    ------
    OSError
        One of them cannot be read.
    ValueError
        The index is none.
    """

    def __init__(self, shard: Path, endings: Mapping[str, str], index: bytes | None = None) -> None:
        self._endings = endings
        self._path = shard.with_suffix(INDEX)
        # Searched, not parsed: to find one of a thousand members takes microseconds so.
        self._index = self._path.read_bytes() if index is None else index
        if not self._index.startswith(_FIRST_LINE) or not self._index.endswith(b"\n"):
            raise self._damaged()
        self._handle = os.open(shard, os.O_RDONLY | os.O_CLOEXEC)

    def read(self, key: str, kind: str = PICTURE) -> bytes:
        """The bytes of a file of a sample.

        Raises
        ------
        KeyError
            The shard has none of that key and kind.
        OSError
            It cannot be read.
        ValueError
            The line of the index makes no sense, or the shard is shorter than it says.
        """
        member = key + self._endings[kind]
        begin = self._index.find(f"\n{member},".encode()) + 1
        if not begin:
            raise KeyError(member)
        try:
            line = self._index[begin : self._index.index(b"\n", begin)]
            _, offset, size, _ = line.split(b",")
            data = os.pread(self._handle, int(size), int(offset))
        except ValueError as error:
            raise self._damaged() from error
        if len(data) < int(size):
            raise ValueError(f"{self._path.with_suffix(TAR)} ends before member {member} does")
        return data

    def close(self) -> None:
        """Close the tar."""
        os.close(self._handle)

    def _damaged(self) -> ValueError:
        return ValueError(f"{self._path} is not the index of a shard")


def _header(name: str, size: int) -> bytes:
    # Owner, times and mode are what tarfile starts with: 0, 0 and 0644.
    member = tarfile.TarInfo(name)
    member.size = size
    return member.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")
