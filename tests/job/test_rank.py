"""A rank at work: what it asks for, what it journals and reports, how it stops."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.item import Item
from ecgmpi.errors import JobError, JournalError
from ecgmpi.job.activity import ActivityRecorder
from ecgmpi.job.finisher import Finisher
from ecgmpi.job.handshake import DRAIN_FOR
from ecgmpi.job.in_flight import Counts
from ecgmpi.job.pool.messages import Settled
from ecgmpi.job.protocol import (
    Again,
    Changed,
    Check,
    Chunk,
    Chunks,
    Done,
    Drain,
    Exit,
    Items,
    NoMore,
    ToLeader,
    Want,
    Whole,
)
from ecgmpi.job.rank import Rank
from ecgmpi.job.recheck import Checker, Checking
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.results.activity import Activity
from ecgmpi.results.journal_index import JournalIndex, RecordLocation
from ecgmpi.results.result import Result
from tests.job.fakes import (
    Clock,
    FakeJournal,
    FakePool,
    FakeStore,
    broken,
    catalogue_of,
    drawn,
    journaled,
    until,
)


@dataclass
class Bench:
    """A rank of two workers; the leader is the test."""

    rank: Rank
    pool: FakePool
    store: FakeStore
    journal: FakeJournal
    checker: Checker
    clock: Clock
    catalogue: Catalogue
    said: list[ToLeader] = field(default_factory=list)

    def step(self) -> None:
        """As the loops of `lead` and `follow` do."""
        self.rank.advance()
        if not self.rank.over:
            self.rank.take_results(0.005)

    def is_over(self) -> bool:
        return self.rank.over

    def give(self, *numbers: int) -> None:
        self.rank.receive(Chunks([self.chunk(number) for number in numbers]))

    def chunk(self, number: int) -> Chunk:
        return Chunk(number, list(self.catalogue.chunk(number)))

    def saying(self, kind: type[ToLeader]) -> list[ToLeader]:
        return [message for message in self.said if isinstance(message, kind)]


def recorder_in(folder: Path, clock: Clock) -> ActivityRecorder:
    return ActivityRecorder(folder / "0.json", Activity(0, 1, 0, "", "here", 2), clock=clock)


class Make:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths = JobPaths(folder)
        self.made: list[Bench] = []
        self.store = FakeStore()

    def __call__(self, fails: tuple[int, ...] = (), retry_failed: bool = False) -> Bench:
        catalogue, clock, journal = catalogue_of(self._folder, 12, 2), Clock(), FakeJournal()
        pool = FakePool(self.store, clock, fails)
        checking = Checking(self._paths, self.store, retry_failed=retry_failed)
        checker = Checker(checking, 1)
        said: list[ToLeader] = []
        recorder = recorder_in(self._folder, clock)
        rank = Rank(
            said.append,
            pool,
            Finisher(self.store),
            journal,
            checker,
            recorder,
            2,
            show_failures=True,
            clock=clock,
        )
        self.made.append(Bench(rank, pool, self.store, journal, checker, clock, catalogue, said))
        return self.made[-1]

    def earlier(self, results: list[Result]) -> JournalIndex:
        """What an earlier run did, in journals."""
        return JournalIndex(journaled(self._paths.journals, results, 2), 6)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Make]:
    make = Make(tmp_path)
    yield make
    for one in make.made:
        one.checker.close()
        one.catalogue.close()


def item(index: int) -> Item:
    return Item(index, f"R{index:04d}", f"R{index:04d}.mat", f"R{index:04d}.mat", None, index // 2)


def test_it_asks_once_for_twice_as_many_recordings_as_it_has_workers(bench: Make) -> None:
    one = bench()
    one.step()
    one.step()
    assert one.said == [Want(4)]
    one.pool.at_a_time = 0
    one.give(0)
    one.step()
    assert one.said == [Want(4), Want(2)]
    one.give(1)
    one.step()
    assert one.said == [Want(4), Want(2)]


def test_a_chunk_is_journaled_when_its_last_result_has_come_and_then_reported(bench: Make) -> None:
    one = bench(fails=(3,))
    one.give(0, 1)
    one.pool.at_a_time = 3
    one.step()
    assert sorted(one.journal.records) == [0]
    one.step()
    assert sorted(one.journal.records) == [0, 1]
    one.rank.advance()
    assert one.saying(Done) == [
        Done(0, Counts(recordings=2)),
        Done(
            1,
            Counts(recordings=2, failed=1),
            ("R0003.mat: corrupt: it is broken; repair it",),
        ),
    ]


def test_nothing_counts_as_done_before_it_is_on_disk(bench: Make) -> None:
    one = bench()
    one.journal.reaches_disk = False
    one.give(0)
    one.step()
    one.step()
    assert one.saying(Done) == []
    one.rank.finish()
    assert one.saying(Done) == [Done(0, Counts(recordings=2))]


def test_the_store_finishes_a_chunk_before_its_record_is_written(bench: Make) -> None:
    one = bench()
    one.journal.error = OSError(errno.ENOSPC, "No space left on device")
    one.give(0)
    with pytest.raises(JournalError, match="cannot write the journal below OUT: No space left"):
        one.step()
    assert one.store.finished == [(0, ["R0000", "R0001"])]
    assert one.journal.records == {}


def test_a_rank_that_may_not_write_any_more_writes_nothing(bench: Make, tmp_path: Path) -> None:
    one = bench()

    def check() -> None:
        raise JobError("another job holds OUT")

    finisher = Finisher(one.store)
    rank = Rank(
        one.said.append,
        one.pool,
        finisher,
        one.journal,
        one.checker,
        recorder_in(tmp_path, one.clock),
        2,
        check,
        clock=one.clock,
    )
    rank.receive(Chunks([one.chunk(0)]))
    with pytest.raises(JobError, match="another job holds OUT"):
        rank.take_results(0.0)
    assert one.journal.records == {}
    assert one.store.finished == []


def test_it_is_over_when_no_work_is_left_and_all_results_are_back(bench: Make) -> None:
    one = bench()
    one.pool.at_a_time = 0
    one.give(0)
    one.rank.receive(NoMore())
    assert not one.is_over()
    one.pool.at_a_time = 2
    one.step()
    assert one.is_over()
    one.rank.finish()
    assert one.saying(Done) == [Done(0, Counts(recordings=2))]


def test_a_result_that_is_known_is_journaled_with_the_others(bench: Make) -> None:
    one = bench()
    first, second = one.catalogue.chunk(0)
    one.rank.receive(Chunks([Chunk(0, [Settled(first, broken(first)), second])]))
    one.step()
    assert [result.failed for result in one.journal.records[0]] == [True, False]


def test_an_exit_ends_it_at_once(bench: Make) -> None:
    one = bench()
    one.pool.at_a_time = 0
    one.give(0)
    one.rank.receive(Exit(1))
    assert one.is_over()
    assert one.rank.exit == 1


def test_a_drain_finishes_what_is_in_flight_and_asks_for_nothing(bench: Make) -> None:
    one = bench()
    one.give(0)
    one.rank.receive(Drain("SIGTERM"))
    assert one.pool.drained
    assert not one.is_over()
    one.step()
    assert one.is_over()
    one.rank.finish()
    assert one.saying(Done) == [Done(0, Counts(recordings=2))]
    assert one.saying(Want) == []
    assert one.rank.stopped_by == "SIGTERM"


def test_a_drain_does_not_wait_for_workers_that_do_not_answer(bench: Make) -> None:
    one = bench()
    one.pool.at_a_time = 0
    one.give(0)
    began = one.clock()
    one.rank.receive(Drain("SIGTERM"))
    # A second reason gives no second term.
    until(lambda: one.clock() > began + DRAIN_FOR / 2, one.step)
    one.rank.receive(Drain("SIGINT"))
    until(one.is_over, one.step)
    assert one.clock() - began == pytest.approx(DRAIN_FOR, abs=0.05)
    assert one.rank.stopped_by == "SIGTERM"


def test_work_that_was_under_way_when_the_drain_began_is_not_started(bench: Make) -> None:
    one = bench()
    one.step()
    one.rank.drain("SIGTERM")
    one.give(0)
    one.rank.receive(Check([RecordLocation(1, 2, "00000-000000.journal", 0)]))
    assert one.is_over()
    assert one.pool.given == []
    assert one.checker.in_flight == 0


def checked(one: Bench, journals: JournalIndex, *chunks: int) -> None:
    """Let the rank check `chunks` until it has said what it found."""
    one.rank.receive(Check([journals.place(chunk, first=2 * chunk) for chunk in chunks]))

    def step() -> None:
        one.rank.advance()

    until(lambda: not one.checker.in_flight, step, most=10**7)


def test_what_was_done_and_is_there_is_reported_whole(bench: Make) -> None:
    journals = bench.earlier([drawn(item(index), bench.store) for index in range(4)])
    one = bench()
    checked(one, journals, 0, 1)
    whole = [
        chunk for message in one.said if isinstance(message, Whole) for chunk in message.chunks
    ]
    assert sorted(whole) == [0, 1]
    assert one.pool.given == []


def test_a_picture_that_is_missing_is_drawn_again_and_the_rest_of_its_chunk_kept(
    bench: Make,
) -> None:
    journals = bench.earlier([drawn(item(index), bench.store) for index in range(2)])
    bench.store.discard(0, "R0001")
    one = bench()
    checked(one, journals, 0)
    one.rank.receive(NoMore())
    assert Again([1]) in one.said
    assert not one.is_over()
    one.rank.receive(Items(one.catalogue.items([1])))
    assert one.pool.given == [1]
    one.step()
    assert [result.index for result in one.journal.records[0]] == [0, 1]
    assert one.store.finished == [(0, ["R0000", "R0001"])]
    one.rank.finish()
    assert one.saying(Done) == [Done(0, Counts(restored=1))]
    assert one.is_over()


def test_what_had_failed_is_tried_again_if_asked_for(bench: Make) -> None:
    journals = bench.earlier([drawn(item(0), bench.store), broken(item(1))])
    one = bench(retry_failed=True)
    checked(one, journals, 0)
    one.rank.receive(Items(one.catalogue.items([1])))
    one.step()
    one.rank.finish()
    assert one.saying(Done) == [Done(0, Counts(failed=-1, retried=1))]


def test_what_comes_to_be_drawn_again_after_a_drain_is_left(bench: Make) -> None:
    journals = bench.earlier([drawn(item(index), bench.store) for index in range(2)])
    bench.store.discard(0, "R0001")
    one = bench()
    checked(one, journals, 0)
    one.rank.drain("SIGTERM")
    one.rank.receive(Items(one.catalogue.items([1])))
    assert one.pool.given == []
    assert one.is_over()


def test_a_file_that_has_changed_is_reported_and_its_pictures_not_looked_at(
    bench: Make, tmp_path: Path
) -> None:
    old = drawn(item(0), bench.store)
    old.recording["content"] = "0" * 64
    journals = bench.earlier([old])
    bench.store.discard(0, "R0000")
    one = bench()
    (tmp_path / "R0000.mat").write_bytes(b"new")
    place = RecordLocation(0, 0, journals.place(0, first=0).file, 0, (str(tmp_path / "R0000.mat"),))
    one.rank.receive(Check([place]))
    until(lambda: not one.checker.in_flight, one.rank.advance, most=10**7)
    assert one.saying(Changed) == [Changed(0, ["R0000.mat"])]
    assert one.saying(Again) == []


def test_a_journal_that_cannot_be_read_ends_the_rank(bench: Make) -> None:
    one = bench()
    one.rank.receive(Check([RecordLocation(0, 0, "00000-000000.journal", 0)]))
    with pytest.raises(JournalError, match="cannot read the journal below OUT"):
        until(lambda: False, one.rank.advance, most=10**7)
