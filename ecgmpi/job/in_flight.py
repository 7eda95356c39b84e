"""The chunks that a rank has in flight, until all their results have arrived."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ecgmpi.results.result import Result

from .recheck import Finding


@dataclass(frozen=True, slots=True)
class Counts:
    """What journaled chunks add to the counts of the job.

    Attributes
    ----------
    recordings
        Recordings that were never done before.
    failed
        How many more recordings have failed; below 0 if some that had failed were drawn.
    restored
        Recordings drawn again because a picture was missing, of another size or altered.
    retried
        Recordings that had failed and were tried again.
    """

    recordings: int = 0
    failed: int = 0
    restored: int = 0
    retried: int = 0

    def plus(self, other: Counts) -> Counts:
        """The sum of both."""
        return Counts(
            self.recordings + other.recordings,
            self.failed + other.failed,
            self.restored + other.restored,
            self.retried + other.retried,
        )

    @property
    def drawn(self) -> int:
        """All recordings that this run tried."""
        return self.recordings + self.restored + self.retried


@dataclass(frozen=True, slots=True)
class Complete:
    """A chunk that can be journaled: all its results, and what they add to the counts."""

    chunk: int
    results: list[Result]
    counts: Counts

    @property
    def keys(self) -> list[tuple[str, list[str]]]:
        """Each recording, in the order of the catalogue, and the keys of its pictures."""
        return [
            (result.recording["name"], [row["key"] for row in result.pictures])
            for result in sorted(self.results, key=lambda result: result.index)
        ]


@dataclass(slots=True)
class _Chunk:
    missing: int
    results: list[Result] = field(default_factory=list)
    finding: Finding | None = None


class InFlight:
    """Collects results by chunk."""

    def __init__(self) -> None:
        self._chunks: dict[int, _Chunk] = {}
        self._chunk_of: dict[int, int] = {}

    def begin(self, chunk: int, indices: Iterable[int]) -> None:
        """Expect the results at `indices` of a chunk that was never done."""
        self._begin(chunk, indices, [])

    def begin_again(self, finding: Finding) -> None:
        """Expect the results of a finished chunk that the check wants drawn again."""
        self._begin(finding.chunk, finding.again, finding.kept)
        self._chunks[finding.chunk].finding = finding

    def _begin(self, chunk: int, indices: Iterable[int], known: Iterable[Result]) -> None:
        of_chunk = dict.fromkeys(indices, chunk)
        self._chunk_of |= of_chunk
        self._chunks[chunk] = _Chunk(len(of_chunk), list(known))

    def add(self, result: Result) -> Complete | None:
        """Add a result; return its chunk if that was the last one missing."""
        number = self._chunk_of.pop(result.index)
        chunk = self._chunks[number]
        chunk.results.append(result)
        chunk.missing -= 1
        return None if chunk.missing else self._complete(number)

    def _complete(self, number: int) -> Complete:
        chunk = self._chunks.pop(number)
        return Complete(number, chunk.results, _counts_of(chunk))


def _counts_of(chunk: _Chunk) -> Counts:
    failed = sum(result.failed for result in chunk.results)
    finding = chunk.finding
    if finding is None:
        return Counts(len(chunk.results), failed)
    before = len(finding.retried) + sum(result.failed for result in finding.kept)
    return Counts(0, failed - before, len(finding.lost), len(finding.retried))
