"""The order of an epoch: every sample once, the same for ever, divided among ranks."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.datasets.order import WINDOW, _mixed, epoch_order, share
from ecgmpi.errors import UsageError

SIZES = st.lists(st.integers(0, 9), max_size=80)
WHOLE = st.integers(-(2**70), 2**70)


@given(SIZES, WHOLE, WHOLE)
def test_every_sample_comes_once(sizes: list[int], seed: int, epoch: int) -> None:
    order = epoch_order(np.array(sizes, np.int64), seed, epoch)
    assert order.dtype == np.int64
    assert sorted(order.tolist()) == list(range(sum(sizes)))


@given(SIZES, st.integers(1, 9), st.integers(0, 5))
def test_ranks_share_it_and_each_resumes_where_it_was(
    sizes: list[int], world: int, start: int
) -> None:
    order = epoch_order(np.array(sizes, np.int64), seed=3)
    shares = [share(order, rank, world) for rank in range(world)]
    assert np.concatenate(shares).tolist() == order.tolist()
    assert max(map(len, shares)) - min(map(len, shares)) <= 1
    for rank, own in enumerate(shares):
        assert share(order, rank, world, start).tolist() == own[start:].tolist()


@given(st.lists(st.integers(1, 9), min_size=1, max_size=80), st.integers(0, 2**64))
def test_no_more_shards_are_in_use_at_a_time_than_a_window_has(sizes: list[int], seed: int) -> None:
    shard_of = np.repeat(np.arange(len(sizes)), sizes)
    seen = shard_of[epoch_order(np.array(sizes), seed)]
    first = {shard: int(np.flatnonzero(seen == shard)[0]) for shard in set(seen.tolist())}
    last = {shard: int(np.flatnonzero(seen == shard)[-1]) for shard in first}
    for place in range(len(seen)):
        in_use = sum(first[shard] <= place <= last[shard] for shard in first)
        assert in_use <= WINDOW


def test_seeds_and_epochs_differ() -> None:
    sizes = np.full(50, 4)
    pairs = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (0, 2)]
    assert len({tuple(epoch_order(sizes, *pair).tolist()) for pair in pairs}) == len(pairs)


def test_neighbours_of_a_shard_part() -> None:
    order = epoch_order(np.full(100, 128), seed=1)
    assert np.mean(np.abs(np.diff(order)) == 1) < 0.01


def test_places_are_even() -> None:
    """Each sample comes as often early as late, over seeds."""
    sizes = np.ones(40, np.int64)
    places = np.array([np.argsort(epoch_order(sizes, seed)) for seed in range(400)])
    # Of 400 uniform places the mean is within 4 standard errors, of 11.5 / 20.
    assert np.abs(places.mean(axis=0) - 19.5).max() < 4 * 11.5 / 20


def test_it_is_what_it_always_was() -> None:
    """A run that is resumed after an upgrade must find the same order."""
    order = epoch_order(np.array([3, 2, 4]), seed=7, epoch=2)
    assert order.tolist() == GOLDEN
    large = epoch_order(np.full(1000, 37), seed=2**40 + 1, epoch=11)
    assert hashlib.sha256(large.astype("<i8").tobytes()).hexdigest() == GOLDEN_SHA256


GOLDEN = [5, 0, 4, 1, 8, 6, 3, 7, 2]
GOLDEN_SHA256 = "68993eae3b78c020e8e1fb91c4fe38fc660425b35fea8117b02f9f1ede7638ee"


def test_hashes_are_those_that_splitmix64_gives_from_zero() -> None:
    golden = 0x9E3779B97F4A7C15
    states = np.array([golden * k % 2**64 for k in (1, 2, 3)], np.uint64)
    assert _mixed(states).tolist() == [
        0xE220A8397B1DCDAF,
        0x6E789E6AA1B965F4,
        0x06C45D188009454F,
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"rank": 2, "world": 2}, "rank 2 of 2"),
        ({"rank": -1, "world": 2}, "rank -1 of 2"),
        ({"rank": 0, "world": 0}, "rank 0 of 0"),
        ({"start": -1}, "start -1"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: dict[str, int], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        share(np.arange(5), **arguments)
