"""Which chunks a rank gets: in order, each once, what is done to be checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.chunks import MOST_IN_A_CHUNK
from ecgmpi.job.dispatch import MOST_CHECKED_AT_ONCE, Dispatcher
from ecgmpi.job.pool.messages import Settled, index_of
from ecgmpi.options.quantities import ALL, Part
from ecgmpi.results.journal_index import JournalIndex
from tests.job.fakes import FakeStore, broken, catalogue_of, drawn, journaled


class Given:
    """A dispatcher of `n` recordings in chunks of `chunk_size`, of which some are done."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: list[Catalogue] = []

    def __call__(
        self,
        n: int,
        done: range = range(0),
        chunk_size: int = 1,
        n_ranks: int = 1,
        part: Part = ALL,
        strict: bool = False,
    ) -> Dispatcher:
        catalogue = catalogue_of(self._folder, n, chunk_size)
        self._open.append(catalogue)
        results = [drawn(item, FakeStore()) for number in done for item in catalogue.chunk(number)]
        journaled(self._folder / "journal", results, chunk_size)
        journals = JournalIndex(self._folder / "journal", catalogue.n_chunks, part)
        return Dispatcher(catalogue, journals, n_ranks, part, strict)

    def close(self) -> None:
        for catalogue in self._open:
            catalogue.close()


@pytest.fixture
def given(tmp_path: Path) -> Iterator[Given]:
    given = Given(tmp_path)
    yield given
    given.close()


def numbers(dispatcher: Dispatcher, rank: int, recordings: int) -> list[int]:
    return [chunk.number for chunk in dispatcher.take(rank, recordings)]


def every(take: Callable[[], list[int]]) -> list[list[int]]:
    """All that `take` gives, until it gives nothing."""
    return list(iter(take, []))


def test_chunks_go_out_in_order_to_whoever_asks_and_each_once(given: Given) -> None:
    dispatcher = given(10, chunk_size=2)
    assert numbers(dispatcher, 1, 2) == [0]
    assert numbers(dispatcher, 0, 4) == [1, 2]
    assert numbers(dispatcher, 1, 4) == [3, 4]
    assert numbers(dispatcher, 0, 4) == []
    assert dispatcher.held == {0: 1, 1: 0, 2: 0, 3: 1, 4: 1}


def test_a_chunk_holds_the_recordings_of_the_catalogue(given: Given) -> None:
    (chunk,) = given(7, chunk_size=3).take(0, 3)
    assert [index_of(work) for work in chunk.work] == [0, 1, 2]


def test_a_rank_gets_no_more_than_it_wants_unless_a_single_chunk_is_larger(given: Given) -> None:
    dispatcher = given(12, chunk_size=4)
    assert numbers(dispatcher, 0, 1) == [0]
    assert numbers(dispatcher, 0, 6) == [1]


def test_a_rank_of_many_workers_gets_no_more_at_once_than_a_full_chunk(given: Given) -> None:
    dispatcher = given(3 * MOST_IN_A_CHUNK)
    assert len(dispatcher.take(0, 500)) == MOST_IN_A_CHUNK


def test_what_an_earlier_run_did_is_not_drawn_but_checked(given: Given) -> None:
    dispatcher = given(8, done=range(2, 5))
    assert numbers(dispatcher, 0, 100) == [0, 1, 5, 6, 7]
    places = every(lambda: [place.chunk for place in dispatcher.take_done(0)])
    assert list(chain(*places)) == [2, 3, 4]


def test_checks_are_many_at_first_and_few_at_the_end(given: Given) -> None:
    dispatcher = given(200, done=range(200), n_ranks=2)
    sizes = [len(places) for places in every(lambda: [p.chunk for p in dispatcher.take_done(1)])]
    assert sum(sizes) == 200
    assert sizes[0] == 25 < MOST_CHECKED_AT_ONCE
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 1


def test_it_is_over_when_all_is_out_and_back(given: Given) -> None:
    dispatcher = given(3, done=range(1))
    for rank in (0, 1):
        dispatcher.take(rank, 1)
    assert dispatcher.take(0, 1) == []
    dispatcher.take_done(0)
    assert not dispatcher.take_done(0)
    assert not dispatcher.over
    dispatcher.done([0, 1])
    assert not dispatcher.over
    dispatcher.done([2])
    assert dispatcher.over


def test_of_a_part_only_its_chunks_go_out(given: Given) -> None:
    dispatcher = given(9, done=range(3), part=Part(2, 3))
    assert numbers(dispatcher, 0, 100) == [4, 7]
    assert [place.chunk for place in dispatcher.take_done(0)] == [1]
    dispatcher.done([1, 4, 7])
    assert dispatcher.over


def test_what_is_known_of_a_recording_goes_out_with_it(given: Given) -> None:
    dispatcher = given(4, chunk_size=2)
    item = dispatcher.items([1])[0]
    dispatcher.known = {1: broken(item)}
    first, second = dispatcher.take(0, 4)
    assert [type(work) is Settled for work in first.work + second.work] == [
        False,
        True,
        False,
        False,
    ]
    assert first.work[1] == Settled(item, dispatcher.known[1])


def test_strict_checks_name_the_files_of_their_chunk(given: Given) -> None:
    dispatcher = given(4, done=range(1), chunk_size=2, strict=True)
    (place,) = dispatcher.take_done(0)
    assert [Path(path).name for path in place.paths] == ["R0000.mat", "R0001.mat"]


def test_nothing_is_drawn_once_a_file_has_changed(given: Given) -> None:
    dispatcher = given(4, done=range(1), strict=True)
    dispatcher.changed.append("R0000.mat")
    assert dispatcher.take(0, 10) == []
