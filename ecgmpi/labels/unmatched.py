"""What to say of keys that match nothing: what would match, and which zeros were lost or added."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

import numpy as np

from ecgmpi.errors import UsageError
from ecgmpi.names import written

from .join import MOST_NAMED, Hashes, KeyedTable, Matches, Recordings, hashes_of, keys_in
from .keys import Entries, KeyKind, RecordingKeys
from .table import called


def nothing_matched(
    keyed: KeyedTable, rows: Hashes, recordings: Recordings, entries: Entries
) -> UsageError:
    """Make the error for a table of which no row matches, with keys of both sides."""
    keys_of = RecordingKeys(keyed.kind, keyed.column, entries)
    # One of each recording, which may have two.
    keys = (keys[0] for one in recordings(keys_of.of_files) if (keys := keys_of.of(one)))
    theirs = _examples(rows.examples)
    ours = _examples(islice(keys, MOST_NAMED))
    mend = (
        lost_zeros(keyed, None, recordings, entries)
        or _others(keyed, recordings, entries)
        or "name the column that says which recording a row is of: "
        "--metadata-key COLUMN=record|path|stem|key"
    )
    found = f"the recordings have {ours}" if ours else _no_entries(keyed, keys_of)
    return UsageError(
        f"{called(keyed.table.path)}: no row matches a recording by {keyed.key} "
        f"({keyed.kind.about}): the table has {theirs or 'no keys'}, {found}; {mend}"
    )


def lost_zeros(
    keyed: KeyedTable, matches: Matches | None, recordings: Recordings, entries: Entries
) -> str:
    """Say that keys lost the zeros in front, or got .0 behind, and how to mend that; else empty.

    `matches` says what is matched already; None where nothing is.
    """
    rows, of_recordings = Hashes(), Hashes()
    for row, key in enumerate(keys_in(keyed)):
        whole = _without_fraction(key)
        if whole.isdecimal() and (matches is None or matches.recording[row] < 0):
            rows.add([_without_zeros(whole)], [row])
    matched = np.zeros(0, np.bool_) if matches is None else matches.is_matched
    keys_of = RecordingKeys(keyed.kind, keyed.column, entries)
    for recording in recordings(keys_of.of_files):
        if recording[0] < len(matched) and matched[recording[0]]:
            continue
        for key in keys_of.of(recording):
            if key.isdecimal():
                of_recordings.add([_without_zeros(key)], [recording[0]])
    owners, places = of_recordings.sorted().found_in(rows.sorted())
    if not len(owners):
        return ""
    index, place = int(owners.min()), int(places[owners.argmin()])
    full = next(
        key for one in recordings(keys_of.of_files) if one[0] == index for key in keys_of.of(one)
    )
    short = next(islice(keys_in(keyed), place, None))
    if short != _without_fraction(short):
        digits = f":0{len(full)}d" if full.startswith("0") else ""
        return (
            f"{len(owners):,} keys differ from a recording only by their spelling as fractions "
            f"({short} for {full}), which pandas gives whole numbers of a column with gaps: write "
            f"them as whole numbers, for example f'{{int(float(key)){digits}}}' in Python"
        )
    return (
        f"{len(owners):,} keys differ from a recording only by leading zeros ({short} for {full}),"
        " which a spreadsheet takes off: write them as text with all their digits, for example "
        f"f'{{int(key):0{len(full)}d}}' in Python"
    )


def _without_fraction(key: str) -> str:
    whole, point, fraction = key.partition(".")
    return whole if point and fraction and not fraction.strip("0") else key


def _without_zeros(key: str) -> str:
    return key.lstrip("0") or "0"


def _others(keyed: KeyedTable, recordings: Recordings, entries: Entries) -> str:
    """Say what would match if the keys were something else; empty if nothing would."""
    n_all = sum(1 for _ in recordings())
    best, most = keyed.kind, 0
    for kind in KeyKind:
        if kind is keyed.kind:
            continue
        other = replace(keyed, kind=kind)
        rows, of_recordings = Hashes(), hashes_of(other, recordings, entries)
        for row, key in enumerate(keys_in(other)):
            if key:
                rows.add([key], [row])
        owners, _ = of_recordings.sorted().found_in(rows.sorted())
        if (count := len(np.unique(owners))) > most:
            best, most = kind, count
    if not most:
        return ""
    return f"with --metadata-key {keyed.column}={best}, {most:,} of {n_all:,} would match"


def _no_entries(keyed: KeyedTable, keys_of: RecordingKeys) -> str:
    if keys_of.without:
        return f"and {keys_of.without[0]} has no dataset {keyed.column!r} with an entry for each"
    return "and no recording is of an HDF5 or npz file of many"


def _examples(keys: Iterable[str]) -> str:
    return ", ".join(map(written, keys))
