"""What the journal says is done is done; what was torn is not."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.corpus.item import Item
from ecgmpi.errors import FailureKind, JobError, RecordingError
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.results.columns import PICTURE_COLUMNS, RECORDING_COLUMNS, SHARD_COLUMNS, Column, Row
from ecgmpi.results.journal_index import JournalIndex, read_tables
from ecgmpi.results.journal_writer import HEADER, MAGIC, JournalWriter
from ecgmpi.results.manifest import write_manifest
from ecgmpi.results.result import LONGEST_TEXT, Result, failed, one_line
from ecgmpi.results.tables import (
    as_results,
    listed,
    pack,
    tables_of,
    texts,
    unpack,
    unpack_recordings,
)
from ecgmpi.results.totals import Totals
from ecgmpi.store import ShardFile


def bad(index: int, message: str = "it is broken") -> Result:
    item = Item(index, f"r{index}", f"r{index}.mat", f"/abs/r{index}.mat")
    return failed(item, RecordingError(FailureKind.CORRUPT, message, "mend it"))


def good(index: int, pictures: int = 2) -> Result:
    recording = bad(index).recording | {
        "status": "drawn",
        "pictures": pictures,
        "bytes": 10 * pictures,
        "class": "",
        "rate_hz": 500.0,
        "min_mv": -0.25,
    }
    rows: list[Row] = []
    for k in range(pictures):
        row: Row = {c.name: "" if c.dtype == "text" else k for c in PICTURE_COLUMNS[1:]}
        rows.append(row | {"path": f"images/r{index}_{k}", "min_mv": None})
    return Result(index, recording, rows)


def write(folder: Path, rank: int, chunks: dict[int, list[Result]], run: int = 0) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    writer = JournalWriter(folder, rank, run)
    for chunk, results in chunks.items():
        writer.append(chunk, results)
    assert list(writer.on_disk(wait=True)) == list(chunks)
    writer.close()


def test_rows_come_back_in_chunk_order_whoever_wrote_them(tmp_path: Path) -> None:
    write(tmp_path, 1, {2: [good(5), good(4)]})
    write(tmp_path, 0, {0: [good(0), bad(1)], 1: [good(2), good(3)]})
    journals = JournalIndex(tmp_path, 4)
    names = [name for _, tables in journals.rows() for name in texts(tables.recordings["name"])]
    assert names == ["r0", "r1", "r2", "r3", "r4", "r5"]
    assert [journals.is_done(k) for k in range(4)] == [True, True, True, False]
    assert (journals.total.recordings, journals.total.failed) == (6, 1)
    assert journals.total.failures == {"corrupt": 1}
    assert journals.total.pictures == 10


def test_of_a_chunk_that_was_written_down_twice_the_newest_run_counts(tmp_path: Path) -> None:
    # Whichever rank wrote it, and however many runs that rank had been part of.
    write(tmp_path, 0, {0: [good(0)], 1: [good(1)]}, run=0)
    write(tmp_path, 7, {0: [bad(0)]}, run=1)
    write(tmp_path, 3, {1: [good(1, 5)]}, run=2)
    journals = JournalIndex(tmp_path, 2)
    assert journals.next_run == 3
    assert journals.total.recordings == 2
    assert (journals.total.failed, journals.total.pictures) == (1, 5)
    assert [texts(tables.recordings["status"]) for _, tables in journals.rows()] == [
        ["failed"],
        ["drawn"],
    ]


def test_the_rows_of_a_chunk_come_back_as_they_were(tmp_path: Path) -> None:
    chunk = [good(4), bad(5, "caf\udce9"), good(6, 0), good(7, 3)]
    write(tmp_path, 2, {0: [good(0)], 1: chunk})
    place = JournalIndex(tmp_path, 2).place(1, first=4)
    assert as_results(read_tables(tmp_path, place), place.first) == chunk


@pytest.mark.parametrize("chunk", [0, 1])
@pytest.mark.parametrize(
    "others",
    [{}, {0: [bad(0)]}, {0: [good(4, 7)], 1: [good(5, 7)]}, {1: [good(5)], 0: [good(4)]}],
    ids=["empty", "shorter", "longer", "other order"],
)
def test_a_journal_of_another_job_is_never_taken_for_the_one_that_was_there(
    others: dict[int, list[Result]], chunk: int, tmp_path: Path
) -> None:
    write(tmp_path, 0, {0: [good(0), bad(1)], 1: [good(2), good(3)]})
    for quick in (False, True):
        journals = JournalIndex(tmp_path, 2, quick=quick)
        (journal,) = tmp_path.iterdir()
        before = journal.read_bytes()
        journal.unlink()
        write(tmp_path, 0, others)
        if not others:
            journal.touch()
        for read in (
            lambda: journals.tables(chunk),  # noqa: B023 - called at once
            lambda: list(journals.rows()),  # noqa: B023 - called at once
            lambda: list(journals.recordings()),  # noqa: B023 - called at once
        ):
            with pytest.raises(OSError, match="the journal changed while it was read") as raised:
                read()
            assert raised.value.filename == str(journal)
        journal.write_bytes(before)
        assert len(journals.tables(chunk).recordings["name"]) == 2


# What rows may hold: UTF-8 that ends in no NUL, and numbers; those with a point may lack.
_TEXT = st.text(st.characters(exclude_categories=["Cs"])).map(lambda text: text.rstrip("\0"))
_VALUES = st.fixed_dictionaries(
    {
        "t": st.lists(_TEXT, min_size=1),
        "f": st.lists(st.floats(allow_nan=False) | st.none(), min_size=1),
        "u": st.lists(st.integers(0, 2**32 - 1), min_size=1),
    }
)


def row_of(columns: Sequence[Column], values: dict[str, list[Any]], number: int) -> Row:
    """A row that holds other `values` than its neighbours, by the first letter of a type."""
    values = values | {"u1": [number % 256 for number in values["u"]]}
    kinds = [(c.name, values.get(c.dtype) or values[c.dtype[0]]) for c in columns]
    return {name: some[(number + k) % len(some)] for k, (name, some) in enumerate(kinds)}


@given(values=_VALUES, counts=st.lists(st.integers(0, 3), max_size=4), n_files=st.integers(0, 3))
def test_any_rows_come_back_as_they_went_in(
    values: dict[str, list[Any]], counts: list[int], n_files: int
) -> None:
    results = [
        Result(
            8 + k,
            row_of(RECORDING_COLUMNS, values, k) | {"pictures": n},
            [row_of(PICTURE_COLUMNS[1:], values, 3 * k + number) for number in range(n)],
        )
        for k, n in enumerate(counts)
    ]
    files = [ShardFile(**row_of(SHARD_COLUMNS[1:], values, k)) for k in range(n_files)]
    packed = pack(tables_of(results, files))
    tables = unpack(packed)
    assert listed(unpack_recordings(packed)) == listed(tables.recordings)
    assert as_results(tables, 8) == results
    shards = listed(tables.shards).values()
    assert [ShardFile(*row) for row in zip(*shards, strict=True)] == files


def test_a_run_in_which_nothing_is_done_leaves_no_journal(tmp_path: Path) -> None:
    write(tmp_path / "journal", 0, {})
    assert not (tmp_path / "journal").exists()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, list[int]]:
    """A journal of three chunks, and where each ends."""
    folder = tmp_path_factory.mktemp("whole")
    writer = JournalWriter(folder, 0)
    ends = []
    for chunk in range(3):
        writer.append(chunk, [good(chunk)])
        (path,) = folder.glob("*.journal")
        ends.append(path.stat().st_size)
    writer.close()
    return path.read_bytes(), ends


def _read(damaged: bytes) -> tuple[list[int], list[str]]:
    """The chunks that are done by a journal of three, and what is said of it."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "00000-000000.journal").write_bytes(damaged)
        journals = JournalIndex(Path(folder), 3)
        done = [k for k in range(3) if journals.is_done(k)]
        assert [name for _, of in journals.rows() for name in texts(of.recordings["name"])] == [
            f"r{k}" for k in done
        ]
    return done, journals.damage


@given(data=st.data())
def test_a_journal_cut_anywhere_keeps_what_lies_before(
    whole: tuple[bytes, list[int]], data: st.DataObject
) -> None:
    content, ends = whole
    at = data.draw(st.integers(0, len(content) - 1))
    before = sum(end <= at for end in ends)
    # A kill does that: no more is said of it than of one that ends well.
    assert _read(content[:at]) == (list(range(before)), [])


@given(data=st.data())
def test_a_journal_damaged_anywhere_loses_that_record_alone(
    whole: tuple[bytes, list[int]], data: st.DataObject
) -> None:
    content, ends = whole
    at = data.draw(st.integers(0, len(content) - 1))
    flipped = content[at] ^ data.draw(st.integers(1, 255))
    hit = sum(end <= at for end in ends)
    done, damage = _read(content[:at] + bytes([flipped]) + content[at + 1 :])
    assert done == [k for k in range(3) if k != hit]
    begin = [0, *ends][hit]
    if hit < 2:
        said = f"{ends[hit] - begin} damaged bytes at byte {begin} were skipped"
        assert damage == [f"journal 00000-000000.journal: {said}"]


@given(
    garbage=st.binary(max_size=300) | st.binary(max_size=40).map(lambda some: MAGIC + some),
    k=st.integers(0, 2),
)
def test_garbage_between_records_loses_none(
    whole: tuple[bytes, list[int]], garbage: bytes, k: int
) -> None:
    content, ends = whole
    assert _read(content[: ends[k]] + garbage + content[ends[k] :])[0] == [0, 1, 2]


def test_a_gap_of_megabytes_is_passed_over(whole: tuple[bytes, list[int]]) -> None:
    content, ends = whole
    for length in (1 << 20, (1 << 20) - 2, 3 << 20):
        assert _read(content[: ends[0]] + bytes(length) + content[ends[0] :])[0] == [0, 1, 2]


def _quick_and_full(damaged: bytes) -> list[tuple[list[bool], Totals, list[str]]]:
    """What a quick look at a journal of three chunks tells, and what a whole one does."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "00000-000000.journal").write_bytes(damaged)
        looks = [JournalIndex(Path(folder), 3, quick=quick) for quick in (True, False)]
        return [([look.is_done(k) for k in range(3)], look.total, look.damage) for look in looks]


@given(data=st.data())
def test_a_quick_look_counts_a_journal_cut_anywhere_as_a_whole_one_does(
    whole: tuple[bytes, list[int]], data: st.DataObject
) -> None:
    content, _ = whole
    quick, full = _quick_and_full(content[: data.draw(st.integers(0, len(content)))])
    assert quick == full


@given(
    garbage=st.binary(max_size=300) | st.binary(max_size=40).map(lambda some: MAGIC + some),
    k=st.integers(0, 2),
    zeros=st.integers(0, 400),
)
def test_a_quick_look_passes_over_garbage_and_zeros_at_the_end(
    whole: tuple[bytes, list[int]], garbage: bytes, k: int, zeros: int
) -> None:
    content, ends = whole
    # A power cut may leave zeros where the last record should be.
    content = content[: len(content) - zeros] + bytes(zeros)
    quick, full = _quick_and_full(content[: ends[k]] + garbage + content[ends[k] :])
    assert quick == full


@given(place=st.integers(0, HEADER.size - 1), bits=st.integers(1, 255), k=st.integers(0, 1))
def test_a_quick_look_finds_the_records_behind_a_damaged_header(
    whole: tuple[bytes, list[int]], place: int, bits: int, k: int
) -> None:
    content, ends = whole
    damaged = bytearray(content)
    at = (0, *ends)[k] + place
    damaged[at] ^= bits
    quick, full = _quick_and_full(bytes(damaged))
    # It believes the number of a chunk, and computes no checksum.
    if HEADER.size - 4 > place >= 8 or place < 4:
        assert quick == full
    assert quick[0][1 - k]
    assert quick[0][2]


def test_the_rows_of_recordings_come_without_those_of_pictures(tmp_path: Path) -> None:
    write(tmp_path, 1, {2: [good(5, 12)], 0: [bad(1), good(0)]})
    write(tmp_path, 0, {1: [good(2)]})
    journals = JournalIndex(tmp_path, 4)
    assert [(chunk, listed(table)) for chunk, table in journals.recordings()] == [
        (chunk, listed(tables.recordings)) for chunk, tables in journals.rows()
    ]


def test_a_chunk_is_done_when_it_is_on_disk_and_not_before(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path, 0)
    assert list(writer.on_disk()) == []
    for chunk in range(50):
        writer.append(chunk, [good(chunk)])
    synced: list[int] = []
    until = time.monotonic() + 60
    while len(synced) < 50 and time.monotonic() < until:
        synced += writer.on_disk()
    writer.close()
    assert synced == list(range(50))


def test_a_new_writer_never_appends_to_a_torn_file(tmp_path: Path) -> None:
    write(tmp_path, 0, {0: [good(0)]})
    (torn,) = tmp_path.glob("*.journal")
    os.truncate(torn, torn.stat().st_size - 3)
    write(tmp_path, 0, {0: [good(0)]})
    assert JournalIndex(tmp_path, 1).is_done(0)
    assert len(list(tmp_path.glob("*.journal"))) == 2


def test_the_manifest_is_readable_with_h5py_alone_and_says_what_csv_says(tmp_path: Path) -> None:
    paths = JobPaths(tmp_path)
    write(paths.journals, 0, {0: [good(0), bad(1, "näh\n/abs/r1.mat"), good(2, 3)]})
    write_manifest(paths, JournalIndex(paths.journals, 1))
    with h5py.File(paths.manifest_h5) as file:
        assert list(file["recordings"]) == [column.name for column in RECORDING_COLUMNS]
        assert list(file["pictures"]) == [column.name for column in PICTURE_COLUMNS]
        assert list(file["recordings/name"].asstr()[:]) == ["r0", "r1", "r2"]
        assert list(file["recordings/status"].asstr()[:]) == ["drawn", "failed", "drawn"]
        assert file["recordings/message"].asstr()[1] == "näh r1.mat"
        assert math.isnan(file["recordings/min_mv"][1])
        assert list(file["pictures/recording"][:]) == [0, 0, 2, 2, 2]
        assert math.isnan(file["pictures/min_mv"][0])
        assert file["pictures/path"].asstr()[4] == "images/r2_2"
    lines = paths.manifest_csv.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 4
    failures = paths.failures_csv.read_text(encoding="utf-8").splitlines()
    assert failures == ["name,source,class,message,remedy", "r1,r1.mat,corrupt,näh r1.mat,mend it"]


def test_a_manifest_of_failures_alone_can_be_written(tmp_path: Path) -> None:
    paths = JobPaths(tmp_path)
    write(paths.journals, 0, {0: [bad(0)]})
    write_manifest(paths, JournalIndex(paths.journals, 1))
    with h5py.File(paths.manifest_h5) as file:
        assert file["pictures/path"].shape == (0,)


def test_the_same_rows_make_the_same_bytes(tmp_path: Path) -> None:
    contents = []
    for k, chunks in enumerate([[0, 1, 2], [2, 0, 1]]):
        paths = JobPaths(tmp_path / str(k))
        for rank, chunk in enumerate(chunks):
            results = [good(1000 * chunk + i) for i in range(1000)]
            results.append(bad(1000 * chunk + 1000))
            write(paths.journals, rank, {chunk: results})
        write_manifest(paths, JournalIndex(paths.journals, 3))
        contents.append(
            [p.read_bytes() for p in (paths.manifest_h5, paths.manifest_csv, paths.failures_csv)]
        )
    assert contents[0] == contents[1]


@given(st.text())
def test_a_message_is_one_line_and_not_too_long(text: str) -> None:
    line = one_line(text + "x" * 600)
    assert "\n" not in line
    assert len(line.encode()) <= LONGEST_TEXT


_MANY = """
import os, resource, sys
from pathlib import Path
from ecgmpi.results.journal_writer import MAGIC, JournalWriter
from ecgmpi.results.journal_index import JournalIndex
from ecgmpi.results.manifest import write_manifest
from ecgmpi.outdir.paths import JobPaths
from tests.results.test_journal import good

os.fsync = lambda handle: None
paths = JobPaths(Path(sys.argv[1]))
paths.hidden.mkdir(parents=True)
writer = JournalWriter(paths.journals, 0)
n_chunks = int(sys.argv[2])
for chunk in range(n_chunks):
    writer.append(chunk, [good(32 * chunk + k, 12) for k in range(32)])
write_manifest(paths, JournalIndex(paths.journals, n_chunks))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_the_memory_of_rank_0_does_not_grow_with_the_manifest(tmp_path: Path) -> None:
    def peak(n_chunks: int) -> int:
        command = [sys.executable, "-c", _MANY, str(tmp_path / str(n_chunks)), str(n_chunks)]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
        return 1024 * int(said.stdout)

    few, many = peak(40), peak(800)
    # Some tens of bytes a recording, and what an allocator may do differently.
    assert many - few < 64 * 32 * 760 + 4e6


def test_rows_of_another_version_are_refused_and_not_misread() -> None:
    packed = zlib.decompress(pack(tables_of([good(0)], [])))
    length = int.from_bytes(packed[:4], "little")
    head = json.loads(packed[4 : 4 + length])
    for table in (0, 1):
        fewer = [sizes[:-1] if k == table else sizes for k, sizes in enumerate(head)]
        text = json.dumps(fewer).encode()
        other = zlib.compress(len(text).to_bytes(4, "little") + text + packed[4 + length :])
        with pytest.raises(JobError, match="of another version of ecgmpi, with other columns"):
            unpack(other)
    text = json.dumps([head[0][:-1], *head[1:]]).encode()
    other = zlib.compress(len(text).to_bytes(4, "little") + text)
    with pytest.raises(JobError, match="use the version that made it"):
        unpack_recordings(other)
