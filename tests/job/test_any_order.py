"""Ranks in any order, killed, stopped or in trouble at any turn: no chunk is journaled twice."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgmpi.errors import StoreError
from ecgmpi.job.comm.heartbeat import RANK_TIMEOUT
from ecgmpi.options.running import Running
from tests.job.one_process import OneProcess, chunks_done, one_process, recordings

SMALL = 12
"""Recordings of a job of random events."""

Event = tuple[str, int]
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("turn"), st.integers(0, 3)),
        st.tuples(st.just("turn"), st.integers(0, 3)),
        st.tuples(st.just("round"), st.integers(1, 3)),
        st.tuples(st.just("freeze"), st.integers(1, 3)),
        st.tuples(st.sampled_from(["kill", "orphan", "trouble", "signal"]), st.integers(0, 3)),
    ),
    max_size=40,
)


@pytest.mark.slow
@settings(max_examples=settings().max_examples // 2)
@given(events=EVENTS, speeds=st.lists(st.integers(1, 3), min_size=4, max_size=4))
def test_whatever_happens_when_no_chunk_is_journaled_twice_and_all_ends(
    events: list[Event], speeds: list[int]
) -> None:
    options = Running(workers=2, progress="none")
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setenv(RANK_TIMEOUT, "10")
        folder = Path(name)
        recordings(folder / "in", SMALL)
        with one_process(folder / "in", folder / "out", 4, None, options) as job:
            for pool, speed in zip(job.pools, speeds, strict=True):
                pool.at_a_time = speed
            for event, number in events:
                _do(job, event, number)
            job.finish(most=2000)
        assert set(job.statuses) <= {0, 1, 75}
        if not {event for event, _ in events} & {"kill", "orphan", "freeze"}:
            assert len(set(job.statuses)) == 1
        assert len(job.drawn) == len(set(job.drawn))
        done = chunks_done(job)
        assert len(done) == len(set(done))
        assert set(done) <= set(job.drawn)
        if 0 not in job.killed:
            assert job.status(0) != 0 or len(done) == SMALL
        with one_process(folder / "in", folder / "out", 2, None, options) as again:
            again.finish()
        assert again.statuses == [0, 0]
        assert again.drawn == sorted(set(range(SMALL)) - set(done))


def _do(job: OneProcess, event: str, number: int) -> None:
    match event:
        case "turn":
            job.turn(number)
        case "round":
            job.rounds(number)
        case "kill":
            # Before work begins, only the launcher notices that rank 0 is gone.
            if number or job.begun:
                job.kill(number)
        case "freeze":
            job.freeze(number)
        case "orphan":
            # Before work begins, the others of a rank 0 without a launcher have none either.
            for rank in range(4) if number == 0 and not job.begun else (number,):
                job.network.ranks[rank].is_orphan = True
        case "trouble":
            job.pools[number].error = StoreError("OUT is full")
        case _:
            job.signals[number].received = "SIGTERM"
