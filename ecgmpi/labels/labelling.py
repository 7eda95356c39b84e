"""From the options of a job to the labels in its catalogue."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import compress
from pathlib import Path

from ecgmpi.errors import UsageError
from ecgmpi.names import readable, written
from ecgmpi.options.labels import HEADER, Labelling
from ecgmpi.options.splits import SPLIT

from .column_types import Kind, LabelColumn, TypeFinder, Value, converted
from .facts import TableFacts
from .header_table import KEY, HeaderTable
from .join import KeyedTable, Matches, Recordings, matches, scanned
from .keys import Entries, KeyKind, Recording, divided_key, folders_above
from .splitting import NamedValues, OneSpelling, Splitter, write_split
from .stored import LabelWriter
from .table import Table, called, column_of, no_column
from .table_digest import digest_of
from .table_file import open_table
from .unmatched import lost_zeros, nothing_matched

Converter = Callable[[Sequence[str]], Sequence[Value]]
"""Makes labels of the text of a column."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A column to copy: what it is called in its table, and in the manifest.

    Attributes
    ----------
    split
        What makes splits of its values, which are not copied then; None for any other column.
    """

    name: str
    called: str
    split: Splitter | None = None

    def finder(self, table: Table) -> TypeFinder | NamedValues | OneSpelling:
        """Make what looks at all its values, and then says of which type it is."""
        if self.split:
            column = f"column {self.name} of {written(str(table.path))}"
            return OneSpelling(column) if self.split.by_share else NamedValues(self.split, column)
        where = f"{called(table.path)}: column {self.name}"
        return TypeFinder(table.kinds.get(self.name), where)

    def converter(self, kind: Kind) -> Converter:
        """Make what makes labels of the text in its table."""
        return self.split.of_all if self.split else partial(converted, kind)


def write_labels(
    database: sqlite3.Connection,
    options: Labelling,
    recordings: Recordings,
    n_recordings: int,
    entries: Entries,
    taken: Sequence[str] = (),
    check: Callable[[], None] = lambda: None,
) -> list[str]:
    """Join the tables of a job with its recordings, and write the labels into its catalogue.

    Parameters
    ----------
    database
        The catalogue.
    options
        Which tables, keys and columns.
    recordings
        Gives the recordings of the catalogue.
    n_recordings
        How many there are.
    entries
        Reads what a file of many recordings says of each.
    taken
        Names that columns of the manifest have already.
    check
        Called now and then; what it raises ends the work.

    Returns
    -------
    list of str
        What is odd about the keys, in words. It may name some that match nothing, which are not
        to come into OUT.

    Raises
    ------
    UsageError
        A table cannot be read, has no such column, names a recording twice, or names none.
    """
    sources = _sources(options, recordings, check)
    wanted = _wanted(options, sources, taken)
    writer = LabelWriter(database)
    odd = list(_in_several(sources, wanted))
    for keyed, columns in zip(sources, wanted, strict=True):
        check()
        odd.append(_join(writer, keyed, columns, recordings, n_recordings, entries, check))
    writer.finish(write_split(writer, options, sources, recordings, n_recordings))
    return list(filter(None, odd))


def check_tables(options: Labelling, taken: Sequence[str] = ()) -> None:
    """Look whether the tables can be read, and have the columns that are named.

    Raises
    ------
    UsageError
        One cannot, or has not.
    """
    _wanted(options, _sources(options, _no_recordings, lambda: None), taken)


def _no_recordings(paths: bool = False) -> Sequence[Recording]:  # noqa: ARG001
    return ()


def _sources(
    options: Labelling, recordings: Recordings, check: Callable[[], None]
) -> list[KeyedTable]:
    """Open the tables, and find the columns of their keys."""
    keys = options.metadata_key or ()
    left = iter(keys * len(options.tables) if len(keys) == 1 else keys)
    return [
        KeyedTable(HeaderTable(recordings, check), KEY, KeyKind.PATH)
        if path == HEADER
        else _keyed(open_table(Path(path)), next(left))
        for path in options.metadata or ()
    ]


def _keyed(table: Table, given: str) -> KeyedTable:
    name, kind = divided_key(given)
    # A column may be called just so.
    column = column_of(table, given) or column_of(table, name)
    if column is None:
        before, _, word = given.rpartition("=")
        if column_of(table, before):
            raise UsageError(f"--metadata-key {given}: {word} is none of {', '.join(KeyKind)}")
        raise no_column([table], name)
    return KeyedTable(table, column, kind or KeyKind.RECORD)


def _wanted(
    options: Labelling, sources: Sequence[KeyedTable], taken: Sequence[str]
) -> list[list[Wanted]]:
    """The columns to copy from each table: the first that has one of that name."""
    wanted: list[list[Wanted]] = [[] for _ in sources]
    seen: set[str] = set()
    for given in options.metadata_columns or ():
        place, name, new = _place_of(given, sources)
        if "/" in new or new == "." or not new.isprintable():
            raise UsageError(
                f"--metadata-columns {readable(given)}: HDF5 allows no column of that name, as it "
                "holds a slash or a control character; give it another: COLUMN=NAME"
            )
        if new in taken:
            raise UsageError(
                f"--metadata-columns {given}: the manifest has a column {new} of its own; give "
                f"yours another name: {name}=label_{new}"
            )
        if new in seen:
            raise UsageError(
                f"--metadata-columns {given}: {new} is named twice; leave one out, or give it "
                f"another name: {name}=label_{new}"
            )
        if new == SPLIT and options.split is not None:
            raise UsageError(
                f"--metadata-columns {given}: --split makes a column {new}; give yours another "
                f"name: {name}=label_{new}"
            )
        seen.add(new)
        wanted[place].append(Wanted(name, new))
    if options.split_column is not None:
        place, name, _ = _place_of(options.split_column, sources, renamed=False)
        wanted[place].append(Wanted(name, SPLIT, Splitter(options)))
    for source, columns in zip(sources, wanted, strict=True):
        if not columns:
            raise UsageError(
                f"{called(source.table.path)}: no column is taken from it; name one with "
                "--metadata-columns, or leave the table out"
            )
    return wanted


def _in_several(sources: Sequence[KeyedTable], wanted: Sequence[Sequence[Wanted]]) -> Iterator[str]:
    """Say which columns could have been taken from another table, too."""
    for source, columns in zip(sources, wanted, strict=True):
        for column in columns:
            having = [one.table for one in sources if column.name in one.table.columns]
            if len(having) > 1:
                names = " and ".join(written(table.path.name) for table in having)
                taken = written(source.table.path.name)
                yield f"labels: {names} have a column {column.name}; {taken}'s is taken"


def _place_of(
    given: str, sources: Sequence[KeyedTable], renamed: bool = True
) -> tuple[int, str, str]:
    """The first table that has a column, its name there, and what it is to be called.

    That may be `renamed`: ``COLUMN=NAME``.

    Raises
    ------
    UsageError
        No table has it.
    """
    old, equals, new = given.rpartition("=")
    # A column may be called just so.
    meant = [(given, given), *([(old, new)] if renamed and equals and old and new else [])]
    for name, called_so in meant:
        for place, source in enumerate(sources):
            if column_of(source.table, name):
                return place, name, called_so
    raise no_column([source.table for source in sources], meant[-1][0])


def _join(
    writer: LabelWriter,
    keyed: KeyedTable,
    wanted: Sequence[Wanted],
    recordings: Recordings,
    n_recordings: int,
    entries: Entries,
    check: Callable[[], None],
) -> str:
    """Join one table; returns what is odd about its keys, empty where nothing is."""
    table = keyed.table
    names = [column.name for column in wanted]
    finders = [column.finder(table) for column in wanted]
    hashes, n_rows = scanned(keyed, names, finders)
    check()
    found = matches(keyed, hashes, n_rows, recordings, entries)
    if not found.matched and keyed.kind is KeyKind.PATH:
        above = folders_above(next(iter(recordings(paths=True))), hashes.examples)
        if above:
            keyed = replace(keyed, above=above)
            hashes, _ = scanned(keyed, [], [])
            found = matches(keyed, hashes, n_rows, recordings, entries)
    if not found.matched:
        raise nothing_matched(keyed, hashes, recordings, entries)
    del hashes
    check()
    zeros = ""
    if found.unused and found.matched < n_recordings:
        zeros = lost_zeros(keyed, found, recordings, entries)
    columns = [
        LabelColumn(
            column.called,
            *finder.found(found.matched < n_recordings),
            about=f"{'split, by' if column.split else 'label:'} column {column.name} of a table of "
            "the user",
        )
        for column, finder in zip(wanted, finders, strict=True)
    ]
    facts = TableFacts(
        written(table.path.name),
        "" if isinstance(table, HeaderTable) else digest_of(str(table.path)),
        keyed.key,
        tuple(column.called for column in wanted),
        n_rows,
        found.unused,
        n_recordings,
        found.matched,
    )
    converters = [of.converter(column.kind) for of, column in zip(wanted, columns, strict=True)]
    writer.add(columns, _values(keyed, names, converters, found), facts)
    return f"labels of {facts.table}: {zeros}" if zeros else ""


def _values(
    keyed: KeyedTable, names: Sequence[str], converters: Sequence[Converter], found: Matches
) -> Iterator[tuple[Value, ...]]:
    """Read the table once more: the recording of each row that matches, and its values."""
    done = 0
    for block in keyed.table.blocks(names):
        targets = found.recording[done : done + len(block)]
        done += len(block)
        if len(targets) < len(block):
            break
        used = list(compress(block, (targets >= 0).tolist()))
        if used:
            texts = zip(*used, strict=True)
            values = (convert(of) for convert, of in zip(converters, texts, strict=True))
            yield from zip(targets[targets >= 0].tolist(), *values, strict=True)
    if done != len(found.recording):
        raise UsageError(
            f"{called(keyed.table.path)}: it changed while it was read; run the same command again"
        )
