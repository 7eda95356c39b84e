"""A shard is made while its rank does other things, and its chunk is journaled after that."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from threading import Event

import pytest

from ecgmpi.corpus.item import Item
from ecgmpi.errors import StoreError
from ecgmpi.job.finisher import Finisher
from ecgmpi.job.in_flight import Complete, Counts
from ecgmpi.store import Keys, ShardFile
from tests.job.fakes import FakeStore, drawn

FILE = ShardFile("shards/000000.tar", 1, 2)


class SlowStore(FakeStore):
    """A store that takes its time, until it is let go; one that is `full` cannot finish."""

    def __init__(self, full: bool = False) -> None:
        super().__init__()
        self.go = Event()
        self.full = full

    def finish(self, chunk: int, keys: Keys) -> tuple[ShardFile, ...]:
        assert self.go.wait(30)
        if self.full:
            raise StoreError("no space left")
        super().finish(chunk, keys)
        return (FILE,)


@pytest.fixture
def thread() -> Iterator[Executor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


def complete(chunk: int) -> Complete:
    item = Item(chunk, f"R{chunk}", f"R{chunk}.mat", f"R{chunk}.mat", None, chunk)
    return Complete(chunk, [drawn(item, FakeStore())], Counts(1))


def wait_for(finisher: Finisher, n: int) -> list[tuple[int, tuple[ShardFile, ...]]]:
    taken: list[tuple[int, tuple[ShardFile, ...]]] = []
    while len(taken) < n:
        taken += [(one.chunk, files) for one, files in finisher.take()]
    return taken


def test_nothing_waits_for_a_shard(thread: Executor) -> None:
    store = SlowStore()
    finisher = Finisher(store, thread)
    for chunk in (4, 2):
        finisher.give(complete(chunk))
    assert list(finisher.take()) == []
    assert finisher.in_flight == 2
    store.go.set()
    assert wait_for(finisher, 2) == [(4, (FILE,)), (2, (FILE,))]
    assert finisher.in_flight == 0
    assert store.finished == [(4, ["R4"]), (2, ["R2"])]


def test_a_shard_that_cannot_be_made_is_an_error_of_the_rank(thread: Executor) -> None:
    store = SlowStore(full=True)
    finisher = Finisher(store, thread)
    finisher.give(complete(0))
    store.go.set()
    with pytest.raises(StoreError, match="no space left"):
        wait_for(finisher, 1)


def test_where_there_is_nothing_to_make_a_chunk_is_finished_at_once() -> None:
    store = FakeStore()
    finisher = Finisher(store)
    finisher.give(complete(1))
    assert [(one.chunk, files) for one, files in finisher.take()] == [(1, ())]
