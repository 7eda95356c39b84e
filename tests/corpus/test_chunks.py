"""Chunks of a catalogue with sections: against a plain list of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.corpus.chunks import Chunking, Chunks
from ecgmpi.options.quantities import Part

SECTIONS = st.lists(st.integers(1, 40), max_size=5).map(
    lambda counts: tuple((f"s{k}", n) for k, n in enumerate(counts))
)


def spelled_out(size: int, sections: tuple[tuple[str, int], ...]) -> list[tuple[str, list[int]]]:
    """The split and the recordings of each chunk."""
    found, first = [], 0
    for split, n in sections:
        indices = list(range(first, first + n))
        found += [(split, indices[k : k + size]) for k in range(0, n, size)]
        first += n
    return found


@given(st.integers(1, 9), SECTIONS, st.integers(1, 7))
def test_they_divide_each_section_by_itself(
    size: int, sections: tuple[tuple[str, int], ...], parts: int
) -> None:
    chunks, expected = Chunks(size, sections), spelled_out(size, sections)
    assert (chunks.n, chunks.n_recordings) == (len(expected), sum(n for _, n in sections))
    for number, (_, indices) in enumerate(expected):
        assert list(chunks.recordings(number)) == indices
        assert {chunks.of(index) for index in indices} == {number}
    firsts = dict(chunks.splits)
    assert list(firsts) == [split for split, _ in sections]
    for split, first in firsts.items():
        assert expected[first][0] == split != (expected[first - 1][0] if first else "")
    for part in (Part(number + 1, parts) for number in range(parts)):
        own = [len(of) for number, (_, of) in enumerate(expected) if part.has(number)]
        assert chunks.n_recordings_of(part) == sum(own)


def test_a_catalogue_without_splits_is_one_section() -> None:
    chunks = Chunks.undivided(Chunking().size(10_000), 10_000)
    assert (chunks.size, chunks.n, chunks.splits) == (32, 313, ())
    assert chunks.recordings(312) == range(9984, 10_000)
    assert Chunks.undivided(4, 0).n == 0
