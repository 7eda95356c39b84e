"""Which row of a table belongs to which recording: found once, on rank 0, by hashes of keys.

Of each key 16 bytes are held, so that a million rows take little memory; the table is read twice,
once for its keys and types, and once for the values of the rows that match.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import UsageError
from ecgmpi.names import written

from .keys import Entries, KeyKind, Recording, RecordingKeys, key_of
from .table import BLOCK, Table, called

MOST_NAMED = 3
"""Keys that a message names."""


class Recordings(Protocol):
    """The recordings of a catalogue."""

    def __call__(self, paths: bool = False) -> Iterable[Recording]:
        """Give them in order; their paths, too, or else empty ones, which is twice as fast."""


class Finder(Protocol):
    """Looks at the values of a column."""

    def see(self, values: Iterable[str]) -> None:
        """Look at some of them."""


@dataclass(slots=True)
class Hashes:
    """The hashes of many keys, and to what each belongs; with the first keys as they are."""

    first: array[int] = field(default_factory=lambda: array("q"))
    second: array[int] = field(default_factory=lambda: array("q"))
    owner: array[int] = field(default_factory=lambda: array("i"))
    examples: list[str] = field(default_factory=list)

    def add(self, keys: Sequence[str], owners: Iterable[int]) -> None:
        """Take more keys."""
        # The hash of Python has 64 bits and a secret of this process: with two of them, no two
        # keys are ever taken for one.
        self.first.extend(map(hash, keys))
        self.second.extend([hash(f"{key}\0") for key in keys])
        self.owner.extend(owners)
        if len(self.examples) < MOST_NAMED:
            self.examples += islice(dict.fromkeys(keys), MOST_NAMED - len(self.examples))

    def sorted(self) -> Sorted:
        """The same as arrays, in the order of the hashes."""
        first = np.frombuffer(self.first, np.int64) if self.first else np.zeros(0, np.int64)
        second = np.frombuffer(self.second, np.int64) if self.second else np.zeros(0, np.int64)
        owner = np.frombuffer(self.owner, np.int32) if self.owner else np.zeros(0, np.int32)
        order = np.argsort(first, kind="stable")
        return Sorted(first[order], second[order], owner[order])


@dataclass(frozen=True, slots=True)
class Sorted:
    """Hashes in order, and the row or recording of each."""

    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    owner: npt.NDArray[np.int32]

    def repeated(self) -> npt.NDArray[np.int32]:
        """The owners of keys that occur more than once."""
        same = (self.first[1:] == self.first[:-1]) & (self.second[1:] == self.second[:-1])
        some = np.zeros(len(self.first), np.bool_)
        some[1:] |= same
        some[:-1] |= same
        return np.sort(self.owner[some])

    def found_in(self, other: Sorted) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """The owners here, and in `other`, where no key is repeated, of each key that both have."""
        if not len(other.first):
            nothing = np.zeros(0, np.int32)
            return nothing, nothing
        places = np.minimum(np.searchsorted(other.first, self.first), len(other.first) - 1)
        same = (other.first[places] == self.first) & (other.second[places] == self.second)
        return self.owner[same], other.owner[places[same]]


@dataclass(frozen=True, slots=True)
class Matches:
    """Which recording each row of a table belongs to.

    Attributes
    ----------
    recording
        Index of the recording of each row, shape (n_rows,); -1 where there is none.
    matched
        How many recordings have a row.
    """

    recording: npt.NDArray[np.int32]
    matched: int

    @property
    def is_matched(self) -> npt.NDArray[np.bool_]:
        """Whether a recording has a row, by its index, up to the last that has one."""
        there = np.zeros(self.recording.max(initial=-1) + 1, np.bool_)
        there[self.recording[self.recording >= 0]] = True
        return there

    @property
    def unused(self) -> int:
        """Rows that belong to no recording."""
        return int((self.recording < 0).sum())


@dataclass(frozen=True, slots=True)
class KeyedTable:
    """A table, the column of its keys, and what these are.

    Attributes
    ----------
    above
        Folders above INPUT with which its paths begin.
    """

    table: Table
    column: str
    kind: KeyKind
    above: str = ""

    def key_of(self, value: str) -> str:
        """The key that a value is."""
        return key_of(self.kind, value, self.above)

    @property
    def key(self) -> str:
        """The key as it is typed."""
        return f"{self.column}={self.kind}"


def scanned(
    keyed: KeyedTable, names: Sequence[str], finders: Sequence[Finder]
) -> tuple[Hashes, int]:
    """Read the keys of a table, and let its columns be looked at; also how many rows it has.

    Parameters
    ----------
    keyed
        The table.
    names, finders
        Columns, and what looks at each.
    """
    hashes, n_rows = Hashes(), 0
    for block in keyed.table.blocks([keyed.column, *names]):
        given, *columns = zip(*block, strict=True)
        _add(hashes, list(map(keyed.key_of, given)), n_rows)
        for finder, column in zip(finders, columns, strict=True):
            finder.see(column)
        n_rows += len(block)
    return hashes, n_rows


def matches(
    keyed: KeyedTable, rows: Hashes, n_rows: int, recordings: Recordings, entries: Entries
) -> Matches:
    """Find the recording of each row.

    Raises
    ------
    UsageError
        Keys are repeated, a row fits several recordings, or a recording several rows.
    """
    of_rows = rows.sorted()
    repeated = of_rows.repeated()
    if len(repeated):
        raise _repeated(keyed, repeated)
    of_recordings = hashes_of(keyed, recordings, entries).sorted()
    owners, places = of_recordings.found_in(of_rows)
    found = np.full(n_rows, -1, np.int32)
    found[places] = owners
    if (twice := _several(keyed, owners, places, recordings)) is not None:
        raise twice
    return Matches(found, int((np.bincount(owners) > 0).sum()))


def hashes_of(keyed: KeyedTable, recordings: Recordings, entries: Entries) -> Hashes:
    """The keys by which rows may name recordings."""
    keys_of = RecordingKeys(keyed.kind, keyed.column, entries)
    hashes = Hashes()
    all_recordings = iter(recordings(keys_of.of_files))
    while block := list(islice(all_recordings, BLOCK)):
        hashes.add(*keys_of.of_block(block))
    return hashes


def _add(hashes: Hashes, keys: list[str], first_row: int) -> None:
    if all(keys):
        hashes.add(keys, range(first_row, first_row + len(keys)))
        return
    # A row without a key belongs to nothing, and is no duplicate of another.
    there = [(key, row) for row, key in enumerate(keys, first_row) if key]
    hashes.add([key for key, _ in there], [row for _, row in there])


def keys_in(keyed: KeyedTable) -> Iterator[str]:
    """The key of every row of a table, in order; empty where it has none."""
    for block in keyed.table.blocks([keyed.column]):
        yield from (keyed.key_of(value) for (value,) in block)


def _repeated(keyed: KeyedTable, rows: npt.NDArray[np.int32]) -> UsageError:
    """Name keys that stand in several rows, with the numbers of these."""
    wanted = set(rows.tolist())
    places: dict[str, list[int]] = {}
    for row, (number, key) in enumerate(zip(keyed.table.numbers(), keys_in(keyed), strict=True)):
        if row in wanted:
            places.setdefault(key, []).append(number)
    named = [
        f"{written(key)} in {keyed.table.unit}s {', '.join(map(str, numbers[:MOST_NAMED]))}"
        for key, numbers in islice(places.items(), MOST_NAMED)
    ]
    more = f"; and {len(places) - len(named):,} more" if len(places) > len(named) else ""
    return UsageError(
        f"{called(keyed.table.path)}: {_count(len(places), 'key')} of {keyed.key} "
        f"stand{'s' if len(places) == 1 else ''} in several rows: {'; '.join(named)}{more}; leave "
        "one row for each, or name another column with --metadata-key"
    )


def _several(
    keyed: KeyedTable,
    owners: npt.NDArray[np.int32],
    rows: npt.NDArray[np.int32],
    recordings: Recordings,
) -> UsageError | None:
    """Name recordings that one row fits, or a recording that several rows fit; None if none is."""
    if np.bincount(owners).max(initial=0) < 2 and np.bincount(rows).max(initial=0) < 2:
        return None
    # A recording may have two keys, and a row both.
    pairs = np.unique(np.stack([rows, owners], axis=1), axis=0)
    of_rows, counts = np.unique(pairs[:, 0], return_counts=True)
    several = of_rows[counts > 1]
    if len(several):
        wanted = set(pairs[pairs[:, 0] == several[0], 1].tolist())
        named = [name for index, name, *_ in recordings() if index in wanted][:MOST_NAMED]
        return UsageError(
            f"{called(keyed.table.path)}: {_count(len(several), 'row')} of {keyed.key} "
            f"fit{'s' if len(several) == 1 else ''} several recordings, for example "
            f"{' and '.join(named)}; name a column of paths: --metadata-key COLUMN=path"
        )
    of_recordings, counts = np.unique(pairs[:, 1], return_counts=True)
    several = of_recordings[counts > 1]
    if len(several):
        wanted = set(several[:MOST_NAMED].tolist())
        named = [name for index, name, *_ in recordings() if index in wanted]
        return UsageError(
            f"{called(keyed.table.path)}: several rows of {keyed.key} fit one recording: "
            f"{', '.join(named)}; leave one row for each"
        )
    return None


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
