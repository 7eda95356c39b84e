"""Results are collected by chunk, and say what their chunk adds to the job."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.corpus.item import Item
from ecgmpi.job.in_flight import Counts, InFlight
from ecgmpi.job.recheck import Finding
from ecgmpi.results.result import Result
from tests.job.fakes import FakeStore, broken, drawn


def item(index: int) -> Item:
    return Item(index, f"R{index}", f"R{index}.mat", f"R{index}.mat")


def good(index: int) -> Result:
    return drawn(item(index), FakeStore())


def bad(index: int) -> Result:
    return broken(item(index))


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_a_chunk_is_complete_with_its_last_result_in_whatever_order_they_come(
    sizes: list[int], random: object
) -> None:
    flight, first, due = InFlight(), 0, []
    for chunk, size in enumerate(sizes):
        flight.begin(chunk, range(first, first + size))
        due += [(chunk, index) for index in range(first, first + size)]
        first += size
    random.shuffle(due)  # type: ignore[attr-defined]
    for place, (chunk, index) in enumerate(due):
        complete = flight.add(good(index))
        is_last = chunk not in [other for other, _ in due[place + 1 :]]
        assert (complete is not None) == is_last
        if complete:
            assert complete.chunk == chunk
            assert complete.counts == Counts(recordings=sizes[chunk])
            assert len(complete.results) == sizes[chunk]


def test_keys_are_in_the_order_of_the_catalogue() -> None:
    flight = InFlight()
    flight.begin(0, [0, 1, 2])
    assert flight.add(good(2)) is None
    assert flight.add(bad(1)) is None
    complete = flight.add(good(0))
    assert complete
    assert complete.keys == [("R0", ["R0"]), ("R1", []), ("R2", ["R2"])]
    assert complete.counts == Counts(recordings=3, failed=1)


def test_what_is_drawn_again_is_counted_apart_from_what_is_new() -> None:
    flight = InFlight()
    # Of four, one is lost, one had failed and is tried again, one had failed and is kept.
    flight.begin_again(Finding(0, [1], [2], [good(0), bad(3)]))
    assert flight.add(good(1)) is None
    complete = flight.add(good(2))
    assert complete
    assert complete.counts == Counts(0, failed=-1, restored=1, retried=1)
    assert [result.index for result in sorted(complete.results, key=lambda r: r.index)] == [
        0,
        1,
        2,
        3,
    ]
    assert complete.counts.drawn == 2


def test_one_that_was_drawn_and_now_fails_is_one_failure_more() -> None:
    flight = InFlight()
    flight.begin_again(Finding(0, [0], [], []))
    complete = flight.add(bad(0))
    assert complete
    assert complete.counts == Counts(0, failed=1, restored=1)


def test_counts_add_up() -> None:
    assert Counts(1, 2, 3, 4).plus(Counts(10, -2, 30, 40)) == Counts(11, 0, 33, 44)
