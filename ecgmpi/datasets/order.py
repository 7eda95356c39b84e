"""The order in which an epoch takes the samples: shuffled, and the same on any machine.

Shards are shuffled, and then the samples of `WINDOW` shards at a time. So reading stays within a
few shards, while neighbours of a shard part. Whatever is random is a hash of a number (splitmix64)
by which is sorted: no generator of a library takes part, of which another version could differ.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.errors import UsageError

WINDOW = 16
"""Shards whose samples are shuffled together."""

_GOLDEN = 0x9E3779B97F4A7C15
_FACTORS = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_LAST_SHIFT = 31
_BITS = 64
_ALL_ONES = 2**_BITS - 1
_OF_SHARDS, _OF_SAMPLES = 1, 2

Indices = npt.NDArray[np.int64]


def epoch_order(shard_sizes: npt.NDArray[Any], seed: int = 0, epoch: int = 0) -> Indices:
    """Shuffle the samples of an epoch.

    Parameters
    ----------
    shard_sizes
        How many samples each shard has, shape (n_shards,), in their order; samples are numbered
        from 0 through all shards.
    seed, epoch
        Each pair has an order of its own. Any whole numbers.

    Returns
    -------
    ndarray
        int64, shape (n_samples,): every sample once.
    """
    sizes = np.asarray(shard_sizes, np.int64)
    n_shards, n_samples = len(sizes), int(sizes.sum())
    place = np.empty(n_shards, np.uint64)
    shuffled = np.argsort(_hashes(n_shards, seed, epoch, _OF_SHARDS), kind="stable")
    place[shuffled] = np.arange(n_shards, dtype=np.uint64)
    windows = place // np.uint64(WINDOW)
    # The window comes first, in the highest bits; the rest is random.
    n_bits = max(1, (n_shards // WINDOW).bit_length())
    keys = _hashes(n_samples, seed, epoch, _OF_SAMPLES) >> np.uint64(n_bits)
    keys |= np.repeat(windows << np.uint64(_BITS - n_bits), sizes)
    return np.argsort(keys, kind="stable").astype(np.int64, copy=False)


def share(order: Indices, rank: int = 0, world: int = 1, start: int = 0) -> Indices:
    """Give the part of an order that a rank takes.

    Parameters
    ----------
    order
        Of the epoch.
    rank, world
        Which rank of how many. The shares of all are the whole order, one after another; their
        lengths differ by one at most.
    start
        How many samples of its share the rank has taken before.

    Raises
    ------
    UsageError
        There is no such rank, or `start` is negative.
    """
    if world < 1 or not 0 <= rank < world:
        raise UsageError(f"rank {rank} of {world}: ranks are numbered from 0, below world")
    if start < 0:
        raise UsageError(f"start {start}: give how many samples the rank has taken, 0 or more")
    n = len(order)
    begin, end = n * rank // world, n * (rank + 1) // world
    return order[min(begin + start, end) : end]


def _hashes(n: int, seed: int, epoch: int, what: int) -> npt.NDArray[np.uint64]:
    """`n` hashes; those of another seed, epoch or purpose have nothing to do with them."""
    state = 0
    for number in (operator.index(seed), operator.index(epoch), what):
        state = int(_mixed(np.array([(state + number * _GOLDEN + _GOLDEN) & _ALL_ONES], "u8"))[0])
    return _mixed(np.arange(n, dtype=np.uint64) * np.uint64(_GOLDEN) + np.uint64(state))


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The mixing function of splitmix64 (Steele, Lea and Flood 2014)."""
    for shift, factor in _FACTORS:
        values = (values ^ (values >> np.uint64(shift))) * np.uint64(factor)
    return values ^ (values >> np.uint64(_LAST_SHIFT))
