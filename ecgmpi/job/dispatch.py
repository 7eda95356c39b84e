"""Rank 0's queue: the chunks left to draw and to check, and the rank that holds each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.chunks import MOST_IN_A_CHUNK
from ecgmpi.corpus.item import Item
from ecgmpi.options.quantities import ALL, Part
from ecgmpi.results.journal_index import JournalIndex, RecordLocation
from ecgmpi.results.result import Result

from .pool.messages import Settled, Work
from .protocol import Chunk

MOST_CHECKED_AT_ONCE = 32
"""Chunks of a hand-out that are only to be checked."""


class Dispatcher:
    """Dispatches chunks in order to the ranks that request them, so a slow rank gets fewer.

    What was never drawn comes first; then what was is handed out to be checked. With
    `strict`, it is the other way round: the first file that has changed ends the hand-out, as
    a rule before anything is drawn.

    Attributes
    ----------
    strict
        Whether the content of the files is to be checked, too.
    changed
        Files below INPUT whose content is not what was drawn.
    held
        The rank that holds each chunk that is out.
    known
        What has become of recordings before their chunk is handed out: it goes with them.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        journals: JournalIndex,
        n_ranks: int = 1,
        part: Part = ALL,
        strict: bool = False,
    ) -> None:
        self._part = part
        self._catalogue = catalogue
        self._journals = journals
        self._n_ranks = n_ranks
        self._next = 0
        self._next_checked = 0
        self.held: dict[int, int] = {}
        self.known: dict[int, Result] = {}
        self.strict = strict
        self.changed: list[str] = []

    @property
    def over(self) -> bool:
        """Whether every chunk has been drawn or checked."""
        n = self._catalogue.n_chunks
        return not self.held and self._next == n and self._next_checked == n

    def take(self, rank: int, recordings: int) -> list[Chunk]:
        """Chunks for `rank` that hold about as many recordings as it wants.

        At most `MOST_IN_A_CHUNK` recordings; nothing where all chunks are out or done, or
        files have changed.
        """
        if self.changed:
            return []
        chunks: list[Chunk] = []
        wanted = min(max(1, recordings), MOST_IN_A_CHUNK)
        while wanted > 0 and self._next < self._catalogue.n_chunks:
            number = self._next
            if not self._part.has(number) or self._journals.is_done(number):
                self._next += 1
                continue
            items = self._catalogue.chunk(number)
            if chunks and len(items) > wanted:
                break
            self._next += 1
            self.held[number] = rank
            chunks.append(Chunk(number, [self._work(item) for item in items]))
            wanted -= len(items)
        return chunks

    def _work(self, item: Item) -> Work:
        known = self.known.get(item.index)
        return item if known is None else Settled(item, known)

    def take_done(self, rank: int) -> list[RecordLocation]:
        """Chunks that an earlier run did, for `rank` to check.

        Many at first and few at the end, so that ranks end together; nothing where all
        have been handed out.
        """
        n_chunks = self._catalogue.n_chunks
        share = (n_chunks - self._next_checked) // (4 * self._n_ranks)
        most = min(MOST_CHECKED_AT_ONCE, max(1, share))
        places: list[RecordLocation] = []
        while len(places) < most and self._next_checked < n_chunks:
            number = self._next_checked
            self._next_checked += 1
            if self._journals.is_done(number):
                self.held[number] = rank
                place = self._journals.place(
                    number, self._catalogue.chunks.recordings(number).start
                )
                if self.strict:
                    paths = tuple(item.path for item in self._catalogue.chunk(number))
                    place = replace(place, paths=paths)
                places.append(place)
        return places

    def items(self, indices: Sequence[int]) -> list[Item]:
        """Recordings of a chunk that was checked, to be drawn again."""
        return self._catalogue.items(indices)

    def done(self, chunks: Iterable[int]) -> None:
        """These chunks are journaled, or were found to be whole."""
        for chunk in chunks:
            del self.held[chunk]
