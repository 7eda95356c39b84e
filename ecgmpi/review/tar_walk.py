"""Walk a tar shard from its first byte to its last, and compare it with what it must hold.

Every byte belongs to a header, to a member, to the padding after it, or to the end: so whatever is
altered is named as one of these.
"""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from ecgmpi.store import ShardFile
from ecgmpi.store.tar_shard import DALI_INDEX, INDEX, TAR, Member, dali_index, index

from .content import Wanted, difference
from .problems import Checked

_BLOCK = tarfile.BLOCKSIZE


def check_tar(
    out: Path, location: str, file: ShardFile | None, wanted: Iterable[Wanted], checked: Checked
) -> None:
    """Walk a tar, and note in `checked` what is wrong.

    Parameters
    ----------
    out, location
        OUT, and the path of the tar below it.
    file
        Its row in the manifest; None where it has none.
    wanted
        Its members, in order.

    Raises
    ------
    OSError
        It cannot be read.
    """
    with (out / location).open("rb") as handle:
        walk = _Walk(handle, location, checked)
        for member in wanted:
            walk.member(member)
        walk.end()
        walk.rest(file)


class _Walk:
    """One walk.

    Parameters
    ----------
    handle
        The tar.
    location
        Its path below OUT.
    checked
        Where problems are noted.
    """

    def __init__(self, handle: BinaryIO, location: str, checked: Checked) -> None:
        self._handle = handle
        self._location = location
        self._checked = checked
        self._before = len(checked.problems)
        self._size = 0
        self._crc32 = 0

    def member(self, wanted: Wanted) -> None:
        """Walk over a member."""
        header = self._read(_BLOCK)
        data = self._read(wanted.bytes)
        padding = self._read(-wanted.bytes % _BLOCK)
        if len(header) < _BLOCK or len(data) < wanted.bytes:
            self._checked.missing(self._location, "it lies after the end of the tar", wanted.name)
            return
        if fault := _header_fault(header, wanted):
            self._checked.altered(self._location, fault, wanted.name)
        if fault := wanted.fault_of(data):
            self._checked.altered(self._location, fault, wanted.name)
        if padding.strip(b"\0"):
            self._checked.altered(self._location, "the padding after it is altered", wanted.name)

    def end(self) -> None:
        """Walk over what ends the tar."""
        # Two blocks of zeros, and as many as make it a multiple of a record.
        ending = self._read(2 * _BLOCK)
        ending += self._read(-self._size % tarfile.RECORDSIZE)
        if ending.strip(b"\0"):
            self._checked.altered(self._location, "altered after its last member")

    def rest(self, file: ShardFile | None) -> None:
        """Walk over what is left, and compare all of it with its row."""
        while self._read(1 << 20):
            pass
        self._checked.bytes += self._size
        if file is None:
            return
        fault = difference(self._size, self._crc32, file.bytes, file.crc32)
        if self._size != file.bytes:
            self._checked.altered(self._location, fault)
        elif fault and len(self._checked.problems) == self._before:
            self._checked.altered(self._location, f"{fault}: a header is altered")

    def _read(self, n: int) -> bytes:
        data = self._handle.read(n)
        self._size += len(data)
        self._crc32 = zlib.crc32(data, self._crc32)
        return data


def _header_fault(header: bytes, wanted: Wanted) -> str:
    try:
        found = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return "its header is altered"
    if (found.name, found.size) != (wanted.name, wanted.bytes):
        return f"its header is altered: {found.name!r}, {found.size:,} bytes"
    return ""


def check_indexes(
    out: Path, files: Iterable[ShardFile], wanted: Iterable[Wanted], checked: Checked
) -> None:
    """Compare the indexes beside a tar with their rows, and with what the tar must hold."""
    members = list(_members(wanted))
    makers = {INDEX: index, DALI_INDEX: dali_index}
    for file in files:
        ending = Path(file.path).suffix
        if ending == TAR:
            continue
        checked.files += 1
        try:
            data = (out / file.path).read_bytes()
        except FileNotFoundError:
            checked.missing(file.path)
            continue
        except OSError as error:
            checked.altered(file.path, f"it cannot be read: {error.strerror}")
            continue
        checked.bytes += len(data)
        fault = difference(len(data), zlib.crc32(data), file.bytes, file.crc32)
        line = _differing_line(data, makers[ending](members)) if ending in makers else 0
        if line:
            place = f"line {line} is not what the tar must hold"
            fault = f"{fault}; {place}" if fault else place
        if fault:
            checked.altered(file.path, fault)


def _members(wanted: Iterable[Wanted]) -> Iterator[Member]:
    """Where the members of a tar must lie."""
    at = 0
    for member in wanted:
        at += _BLOCK
        yield Member(member.key, member.ending, at, member.bytes, member.crc32)
        at += member.bytes + -member.bytes % _BLOCK


def _differing_line(found: bytes, expected: bytes) -> int:
    """Number, from 1, of the first line in which two texts differ; 0 where they are the same."""
    if found == expected:
        return 0
    ours, theirs = found.splitlines(keepends=True), expected.splitlines(keepends=True)
    for number, (one, other) in enumerate(zip(ours, theirs, strict=False), start=1):
        if one != other:
            return number
    return min(len(ours), len(theirs)) + 1
