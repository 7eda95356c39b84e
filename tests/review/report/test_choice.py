"""A report shows few recordings, however many have something to show."""

from __future__ import annotations

import numpy as np

from ecgmpi.review.report.batches import Batch
from ecgmpi.review.report.choice import LEAST_RANDOM, MOST_PICKS, RANDOM, Chooser, Reason
from ecgmpi.review.report.values import FIFTHS, TENTHS, Histogram, ValueCounts, edges


def batch(first: int, n: int) -> Batch:
    """Recordings that are all alike."""
    one = np.ones(n)
    numbers = dict.fromkeys(("max_mv", "min_mv", "rate_hz"), one)
    return Batch(
        np.arange(first, first + n), one > 0, {}, numbers | {"nan_samples": one.astype(np.uint32)}
    )


def chooser(*sizes: int) -> Chooser:
    """One that has looked at so many recordings in each batch."""
    chooser, first = Chooser(), 0
    for n in sizes:
        chooser.add(batch(first, n), np.ones(n))
        first += n
    return chooser


def random(chosen: dict[int, list[Reason]]) -> list[int]:
    return [index for index, of in chosen.items() if any(one.words == "at random" for one in of)]


def test_those_at_random_make_room_but_not_all_of_it() -> None:
    one = chooser(1000)
    assert len(random(one.chosen([]))) == RANDOM
    flagged = [(index, Reason(f"kind {index}")) for index in range(100, 140)]
    chosen = one.chosen(flagged)
    assert len(random(chosen)) == LEAST_RANDOM
    assert len(chosen) == MOST_PICKS
    # The most important are kept.
    kept = [index for index in chosen if 100 <= index < 140 and index not in random(chosen)]
    assert kept == list(range(100, 100 + len(kept)))


def test_those_at_random_come_from_everywhere_and_depend_on_no_batch() -> None:
    chosen = random(chooser(10_000).chosen([]))
    assert chosen == random(chooser(1, 4999, 5000).chosen([]))
    assert min(chosen) < 4000
    assert max(chosen) > 6000


def test_where_all_are_alike_none_is_the_longest() -> None:
    words = [one.words for of in chooser(50).chosen([]).values() for one in of]
    assert "highest sample, 1 mV" in words
    assert not any("longest" in one or "rate" in one for one in words)


def test_edges_rise_in_round_numbers() -> None:
    assert edges(-1, 1, FIFTHS) == (0.1, 0.16, 0.25, 0.4, 0.63, 1, 1.6, 2.5, 4, 6.3, 10)
    fine = edges(-2, 2, TENTHS)
    assert list(fine) == sorted(set(fine))
    assert len(fine) == 41


def test_what_lies_outside_all_bins_is_counted_at_their_ends() -> None:
    histogram = Histogram("mV", (1.0, 2.0))
    histogram.add(np.array([0.0, 1.0, 1.5, 2.0, 1e9, np.nan, np.inf]))
    assert histogram.distribution.counts == (1, 2, 2)
    assert (histogram.distribution.least, histogram.distribution.most) == (0.0, 1e9)


def test_values_beyond_what_memory_should_hold_are_others() -> None:
    counts: ValueCounts[float] = ValueCounts()
    counts.add(float(n) for n in range(10_000))
    counts.add([3.0, 3.0])
    most = counts.most(2)
    assert [(one.value, one.count) for one in most.values] == [(3.0, 3), (0.0, 1)]
    assert sum(one.count for one in most.values) + most.others == 10_002
