"""Rank 0's desk: which chunks are left, and who holds which."""

from __future__ import annotations

from ecgmpi.amounts import ALL, Part

from .catalogue import MOST_IN_A_CHUNK, Catalogue, Item
from .journal import Journals

Chunk = tuple[int, list[Item]]


class HandOut:
    """Hands out chunks in order to whoever asks, so a slow rank gets fewer.

    Attributes
    ----------
    held
        The rank that holds each chunk that is out.
    """

    def __init__(self, catalogue: Catalogue, journals: Journals, part: Part = ALL) -> None:
        self._part = part
        self._catalogue = catalogue
        self._journals = journals
        self._next = 0
        self.held: dict[int, int] = {}

    def take(self, rank: int, recordings: int) -> list[Chunk]:
        """Chunks for `rank` that hold about as many recordings as it wants.

        At most `MOST_IN_A_CHUNK` recordings; nothing where all chunks are out or done.
        """
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
            chunks.append((number, items))
            wanted -= len(items)
        return chunks

    def done(self, chunk: int) -> None:
        """A chunk is journaled."""
        del self.held[chunk]
