"""How the recordings of a catalogue are divided into chunks.

Recordings of different splits lie in different chunks, and so in different shards: the catalogue
has sections, one a split, and the last chunk of a section may be short. What is held grows with the
number of sections, not with that of recordings.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from ecgmpi.options.quantities import Part

MOST_IN_A_CHUNK = 32
"""A rank that dies costs at most the chunks in flight, so chunks must stay small."""

Sections = tuple[tuple[str, int], ...]
"""The split of each section of a catalogue, in order, and how many recordings it has."""

WHOLE = ""
"""The split of the only section of a catalogue that is not divided."""


@dataclass(frozen=True, slots=True)
class Chunking:
    """How recordings are divided into chunks, whoever draws them.

    Attributes
    ----------
    most
        The most recordings of a chunk.
    exactly
        How many a chunk has, but for the last of a section; None for some hundreds of chunks, so
        that ranks end together.
    """

    most: int = MOST_IN_A_CHUNK
    exactly: int | None = None

    def size(self, n_recordings: int) -> int:
        """Recordings a chunk."""
        return self.exactly or min(self.most, max(1, n_recordings // 256))


FILES = Chunking()
"""The chunks of a job in which each picture is a file."""


@dataclass(frozen=True, slots=True)
class Chunks:
    """The chunks of a catalogue, numbered from 0 through all of its sections.

    Attributes
    ----------
    size
        Recordings a chunk, but for the last of a section.
    sections
        Splits and their recordings; none is empty.
    n, n_recordings
        How many chunks and recordings there are.
    """

    size: int
    sections: Sections
    n: int = field(init=False)
    n_recordings: int = field(init=False)
    # The first chunk and the first recording of each section.
    _first_chunks: tuple[int, ...] = field(init=False)
    _first_recordings: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        first_chunks: list[int] = []
        first_recordings: list[int] = []
        chunk = recording = 0
        for _, n in self.sections:
            first_chunks.append(chunk)
            first_recordings.append(recording)
            chunk += -(-n // self.size)
            recording += n
        for name, value in (
            ("n", chunk),
            ("n_recordings", recording),
            ("_first_chunks", tuple(first_chunks)),
            ("_first_recordings", tuple(first_recordings)),
        ):
            object.__setattr__(self, name, value)

    @classmethod
    def undivided(cls, size: int, n_recordings: int) -> Chunks:
        """The chunks of a catalogue without splits."""
        return cls(size, ((WHOLE, n_recordings),) if n_recordings else ())

    def recordings(self, chunk: int) -> range:
        """The indices of the recordings of a chunk."""
        section = bisect_right(self._first_chunks, chunk) - 1
        _, n = self.sections[section]
        within = (chunk - self._first_chunks[section]) * self.size
        first = self._first_recordings[section]
        return range(first + within, first + min(within + self.size, n))

    def of(self, index: int) -> int:
        """The chunk of the recording at `index`."""
        section = bisect_right(self._first_recordings, index) - 1
        within = (index - self._first_recordings[section]) // self.size
        return self._first_chunks[section] + within

    def n_recordings_of(self, part: Part) -> int:
        """How many recordings the chunks of a `part` have."""
        total = 0
        for first, (_, n) in zip(self._first_chunks, self.sections, strict=True):
            last = first + -(-n // self.size) - 1
            begin = first + (part.number - 1 - first) % part.of
            total += len(range(begin, last + 1, part.of)) * self.size
            if part.has(last):
                total -= -n % self.size
        return total

    @property
    def ranges(self) -> tuple[range, ...]:
        """The indices of the recordings of each section."""
        return tuple(
            range(first, first + n)
            for first, (_, n) in zip(self._first_recordings, self.sections, strict=True)
        )

    @property
    def splits(self) -> tuple[tuple[str, int], ...]:
        """Each split and its first chunk, in order; none where the catalogue is not divided."""
        return tuple(
            (split, first)
            for first, (split, _) in zip(self._first_chunks, self.sections, strict=True)
            if split != WHOLE
        )


EMPTY = Chunks(1, ())
"""The chunks of a catalogue in which nothing is yet."""
