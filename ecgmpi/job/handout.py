"""Rank 0's desk: what is left to try alone, to draw, to check, and who holds which chunk."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from . import losses
from .attempts import MOST_ATTEMPTS, Deaths
from .catalogue import MOST_IN_A_CHUNK, Catalogue, Item
from .journals import Journals, Place
from .rows import Result


@dataclass(frozen=True, slots=True)
class Chunk:
    """What a rank is given to do.

    Attributes
    ----------
    number
        Which chunk of the catalogue it is.
    items
        Its recordings that are to be drawn.
    results
        What is known already of the others.
    """

    number: int
    items: list[Item]
    results: list[Result] = field(default_factory=list)


MOST_CHECKED_AT_ONCE = 32
"""Chunks of a hand-out that are only to be checked."""


class HandOut:
    """Hands out chunks in order to whoever asks, so a slow rank gets fewer.

    Before the first chunk, recordings that were in hand at two deaths of the job are tried
    on rank 0, one at a time and with nothing else in hand anywhere. Then comes what was never
    drawn; last, what was is handed out to be checked.

    Attributes
    ----------
    held
        The rank that holds each chunk that is out.
    trials
        Recordings that are still to be tried alone.
    given_up
        Recordings that are not tried any more: what is left of their pictures must go.
    """

    def __init__(
        self, catalogue: Catalogue, journals: Journals, deaths: Deaths, n_ranks: int = 1
    ) -> None:
        self._catalogue = catalogue
        self._journals = journals
        self._n_ranks = n_ranks
        self._next = 0
        self._next_checked = 0
        self._known: dict[int, Result] = {}
        self.held: dict[int, int] = {}
        self.trials: deque[Item] = deque()
        self.given_up: list[Item] = []
        deaths.forget(lambda index: journals.is_done(index // catalogue.chunk_size))
        for index, attempts in sorted(deaths.attempts.items()):
            if attempts < MOST_ATTEMPTS - 1 or index >= catalogue.n_recordings:
                continue
            number, place = divmod(index, catalogue.chunk_size)
            if journals.is_done(number):
                continue
            item = catalogue.chunk(number)[place]
            if attempts < MOST_ATTEMPTS:
                self.trials.append(item)
            else:
                self.given_up.append(item)
                self.settle(losses.too_often(item))

    def settle(self, result: Result) -> None:
        """Keep a result until the chunk that it belongs to is handed out."""
        self._known[result.index] = result

    @property
    def over(self) -> bool:
        """Whether every chunk has been drawn or checked."""
        n = self._catalogue.n_chunks
        return not self.held and self._next == n and self._next_checked == n

    def take(self, rank: int, recordings: int) -> list[Chunk]:
        """Chunks for `rank` that hold about as many recordings as it wants.

        At most `MOST_IN_A_CHUNK` recordings; nothing where all chunks are out or done.
        """
        chunks: list[Chunk] = []
        wanted = min(max(1, recordings), MOST_IN_A_CHUNK)
        while wanted > 0 and self._next < self._catalogue.n_chunks:
            number = self._next
            if self._journals.is_done(number):
                self._next += 1
                continue
            items = self._catalogue.chunk(number)
            if chunks and len(items) > wanted:
                break
            self._next += 1
            self.held[number] = rank
            chunks.append(self._chunk(number, items))
            wanted -= len(items)
        return chunks

    def _chunk(self, number: int, items: list[Item]) -> Chunk:
        left = [item for item in items if item.index not in self._known]
        known = [self._known.pop(item.index) for item in items if item.index in self._known]
        return Chunk(number, left, known)

    def take_done(self, rank: int) -> list[Place]:
        """Chunks that an earlier run did, for `rank` to check.

        Many at first and few at the end, so that ranks end together; nothing where all
        have been handed out.
        """
        n_chunks = self._catalogue.n_chunks
        share = (n_chunks - self._next_checked) // (4 * self._n_ranks)
        most = min(MOST_CHECKED_AT_ONCE, max(1, share))
        places: list[Place] = []
        while len(places) < most and self._next_checked < n_chunks:
            number = self._next_checked
            self._next_checked += 1
            if self._journals.is_done(number):
                self.held[number] = rank
                places.append(self._journals.place(number, self._catalogue.chunk_size))
        return places

    def items(self, indices: Sequence[int]) -> list[Item]:
        """Recordings of a chunk that was checked, to be drawn again."""
        return self._catalogue.items(indices)

    def done(self, chunks: Iterable[int]) -> None:
        """These chunks are journaled, or were found to be whole."""
        for chunk in chunks:
            del self.held[chunk]
