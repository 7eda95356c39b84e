"""Complete chunks on their way to the disk: finished by the store, before they are journaled."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, Future

from ecgmpi.store import ShardFile, Store

from .in_flight import Complete


class Finisher:
    """Finishes chunks in the store, one after another.

    Parameters
    ----------
    store
        Where pictures go.
    beside
        Runs it while the rank does other things, since to make a shard takes long; None where
        there is next to nothing to do.
    """

    def __init__(self, store: Store, beside: Executor | None = None) -> None:
        self._store = store
        self._beside = beside
        self._given: deque[tuple[Complete, Future[tuple[ShardFile, ...]]]] = deque()

    @property
    def in_flight(self) -> int:
        """Chunks that were given and have not been taken."""
        return len(self._given)

    def give(self, complete: Complete) -> None:
        """Finish a chunk, or begin to.

        Raises
        ------
        StoreError
            It cannot be stored, where that is known at once.
        """
        finish, chunk, keys = self._store.finish, complete.chunk, complete.keys
        if self._beside is not None:
            self._given.append((complete, self._beside.submit(finish, chunk, keys)))
            return
        done: Future[tuple[ShardFile, ...]] = Future()
        done.set_result(finish(chunk, keys))
        self._given.append((complete, done))

    def take(self) -> Iterator[tuple[Complete, tuple[ShardFile, ...]]]:
        """Chunks that are finished, with the files of their shards, in the order given.

        Raises
        ------
        StoreError
            One cannot be stored.
        """
        while self._given and self._given[0][1].done():
            complete, files = self._given.popleft()
            yield complete, files.result()
