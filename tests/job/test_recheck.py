"""Whether what an earlier run did is all still there, by its record in the journal."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from ecgmpi.corpus.item import Item
from ecgmpi.job.recheck import Checker, Checking, Finding
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.results.journal_index import JournalIndex, RecordLocation
from ecgmpi.store import ShardFile
from tests.job.fakes import FakeStore, broken, drawn, journaled


class Earlier:
    """A chunk of four that an earlier run did; the third recording failed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = FakeStore()
        items = [Item(k, f"R{k}", f"R{k}.mat", str(folder / f"R{k}.mat")) for k in range(4, 8)]
        self.results = [
            broken(item) if item.index == 6 else drawn(item, self.store) for item in items
        ]
        for item, result in zip(items, self.results, strict=True):
            Path(item.path).write_bytes(item.name.encode())
            result.recording["content"] = hashlib.sha256(item.name.encode()).hexdigest()
        self.shards: list[ShardFile] = []
        self.paths = tuple(item.path for item in items)

    @property
    def place(self) -> RecordLocation:
        folder = JobPaths(self.folder).journals
        if not folder.exists():
            journaled(folder, self.results, 4, shards=self.shards)
        return JournalIndex(folder, 2).place(1, first=4)

    def pack(self) -> list[Path]:
        """Put its pictures into a shard of two files; give where these are."""
        (self.folder / "shards").mkdir()
        for path, data in ("shards/000001.tar", b"samples"), ("shards/000001.idx", b"index"):
            (self.folder / path).write_bytes(data)
            self.shards.append(ShardFile.of(path, data))
        self.store.files.clear()
        return [self.folder / file.path for file in self.shards]

    def checking(self, verify: bool = False, retry_failed: bool = False) -> Checking:
        return Checking(JobPaths(self.folder), self.store, verify, retry_failed)


@pytest.fixture
def earlier(tmp_path: Path) -> Earlier:
    return Earlier(tmp_path)


def test_where_all_is_there_nothing_is_to_be_done(earlier: Earlier) -> None:
    place = earlier.place
    for verify in (False, True):
        finding = earlier.checking(verify).check(place)
        assert finding == Finding(1, [], [], [])
        assert finding.again == []


def test_a_picture_that_is_gone_is_lost_and_the_others_are_kept(earlier: Earlier) -> None:
    place = earlier.place
    earlier.store.discard(0, "R5")
    finding = earlier.checking().check(place)
    assert finding.again == finding.lost == [5]
    assert finding.kept == [earlier.results[0], *earlier.results[2:]]


def test_a_picture_that_was_altered_is_lost_if_it_is_read(earlier: Earlier) -> None:
    place = earlier.place
    earlier.store.files["images/R4.png"] = b"x" * len(earlier.store.files["images/R4.png"])
    assert earlier.checking().check(place).lost == []
    assert earlier.checking(verify=True).check(place).lost == [4]


def test_a_picture_of_another_size_is_lost(earlier: Earlier) -> None:
    place = earlier.place
    earlier.store.files["images/R7.png"] += b"x"
    assert earlier.checking().check(place).lost == [7]


def test_what_failed_is_tried_again_only_where_that_is_asked_for(earlier: Earlier) -> None:
    place = earlier.place
    earlier.store.discard(0, "R7")
    assert earlier.checking().check(place).again == [7]
    finding = earlier.checking(retry_failed=True).check(place)
    assert (finding.lost, finding.retried, finding.again) == ([7], [6], [6, 7])
    assert [result.index for result in finding.kept] == [4, 5]


def test_pictures_in_a_shard_are_there_where_all_its_files_are(earlier: Earlier) -> None:
    earlier.pack()
    for verify in (False, True):
        assert earlier.checking(verify).check(earlier.place) == Finding(1, [], [], [])
    finding = earlier.checking(retry_failed=True).check(earlier.place)
    assert (finding.lost, finding.retried) == ([], [6])
    assert [result.index for result in finding.kept] == [4, 5, 7]


@pytest.mark.parametrize("number", [0, 1])
def test_a_shard_of_which_a_file_is_gone_or_of_another_size_is_lost_whole(
    earlier: Earlier, number: int
) -> None:
    file = earlier.pack()[number]
    place = earlier.place
    content = file.read_bytes()
    for damage in (lambda: file.write_bytes(content[:-1]), file.unlink, file.mkdir):
        damage()
        finding = earlier.checking().check(place)
        assert finding == Finding(1, [4, 5, 7], [], [earlier.results[2]])
    finding = earlier.checking(retry_failed=True).check(place)
    assert finding == Finding(1, [4, 5, 7], [6], [])


def test_a_shard_that_was_altered_is_lost_if_it_is_read(earlier: Earlier) -> None:
    file = earlier.pack()[0]
    place = earlier.place
    file.write_bytes(b"sAmples")
    assert earlier.checking().check(place).again == []
    assert earlier.checking(verify=True).check(place).lost == [4, 5, 7]


def test_a_file_whose_content_has_changed_is_found_before_pictures_are(earlier: Earlier) -> None:
    place = replace(earlier.place, paths=earlier.paths)
    earlier.store.discard(0, "R4")
    assert earlier.checking().check(place).lost == [4]
    Path(earlier.paths[3]).write_bytes(b"another")
    finding = earlier.checking().check(place)
    assert finding == Finding(1, [], [], [], ["R7.mat"])


def test_a_checker_gives_what_is_found_and_leaves_the_rest_at_the_end(earlier: Earlier) -> None:
    place, go = earlier.place, threading.Event()

    class Slow(FakeStore):
        def holds(self, *_: object, **__: object) -> bool:
            return go.wait(30)

    checker = Checker(replace(earlier.checking(), store=Slow()), 1)
    checker.give([place] * 3)
    assert checker.in_flight == 3
    assert list(checker.take()) == []
    go.set()
    found: list[Finding] = []
    while not found:
        found += checker.take()
    assert found[0] == Finding(1, [], [], [])
    checker.close()


def test_a_journal_that_is_gone_is_an_error_of_the_system(earlier: Earlier) -> None:
    checker = Checker(earlier.checking(), 1)
    checker.give([RecordLocation(0, 0, "00000-000000.journal", 0)])
    checker.close()
    with pytest.raises(FileNotFoundError):
        list(checker.take())
