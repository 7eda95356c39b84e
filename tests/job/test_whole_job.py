"""A leader and three other ranks, turn by turn: each recording is drawn once, whatever stops it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ecgmpi.errors import OtherRankError, StoppedError, StoreError
from ecgmpi.job.merge import merge_parts
from ecgmpi.job.pool.attempts import MOST_ATTEMPTS, Attempts
from ecgmpi.options.quantities import Allowance, Part
from ecgmpi.options.rendering import Rendering
from tests.job.one_process import N, OneProcess, StartJob, chunks_done, run_whole
from tests.outputs import failures, manifest, run_json


def test_every_recording_is_drawn_once_and_all_ranks_take_part(start: StartJob) -> None:
    job = run_whole(start)
    assert job.drawn == list(range(N))
    assert all(pool.given for pool in job.pools)
    assert job.summary.drawn_now == N
    assert [facts["host"] for facts in run_json(job.paths.out)["ranks"]] == job.network.ranks[
        0
    ].hosts
    assert job.left == {}


def test_a_slow_rank_gets_fewer(start: StartJob) -> None:
    with start() as job:
        for pool in job.pools:
            pool.at_a_time = 2
        for number in range(1000):
            for rank in range(4):
                if rank != 2 or number % 4 == 0:
                    job.turn(rank)
            if job.over:
                break
    shares = [len(pool.given) for pool in job.pools]
    assert job.drawn == list(range(N))
    assert shares[2] < min(shares[0], shares[1], shares[3])


def test_the_same_command_again_draws_nothing_but_what_is_missing(start: StartJob) -> None:
    run_whole(start)
    again = run_whole(start)
    assert again.drawn == []
    for number in (0, 7, 39):
        next((again.paths.images / f"R{number:04d}").iterdir()).unlink()
    third = run_whole(start)
    assert third.drawn == [0, 7, 39]
    assert (third.summary.restored, third.summary.drawn_now) == (3, 3)


def test_what_failed_is_tried_again_by_one_of_the_ranks_if_asked_for(start: StartJob) -> None:
    with start() as job:
        for pool in job.pools:
            pool.fails = {3, 20}
        job.finish()
    assert job.statuses == [3] * 4
    assert [row["name"] for row in failures(job.paths.out)] == ["R0003", "R0020"]
    again = run_whole(start, retry_failed=True)
    assert again.drawn == [3, 20]
    assert again.summary.retried == 2


@pytest.mark.parametrize("rank", [0, 2])
def test_a_signal_to_any_rank_ends_all_and_the_next_run_draws_the_rest(
    rank: int, start: StartJob
) -> None:
    with start() as job:
        for pool in job.pools:
            pool.at_a_time = 1
        job.rounds(5)
        job.signals[rank].received = "SIGTERM"
        job.finish()
    assert job.statuses == [75] * 4
    assert job.summary.stopped_by == "SIGTERM"
    assert 0 < job.summary.recordings < N
    assert all(pool.drained for pool in job.pools)
    again = run_whole(start)
    assert sorted(job.drawn + again.drawn) == list(range(N))


def test_a_rank_whose_workers_do_not_answer_holds_up_no_drain(start: StartJob) -> None:
    with start() as job:
        job.pools[1].at_a_time = 0
        job.rounds(5)
        job.signals[1].received = "SIGUSR1"
        job.finish(most=10**5)
    assert job.statuses == [75] * 4
    assert len(job.pools[1].given) == 4
    assert len(run_whole(start).drawn) == N - job.summary.recordings


def test_too_many_failures_end_all_ranks_with_what_failed(start: StartJob) -> None:
    with start(max_failures=Allowance(3, percent=False)) as job:
        for pool in job.pools:
            pool.fails, pool.at_a_time = range(N), 1
        job.finish()
    assert len(set(job.statuses)) == 1
    assert job.statuses[0] not in (0, 3)
    message = str(job.ranks[0].error)
    assert "recordings failed, more than --max-failures 3 allows" in message
    assert len(job.drawn) < N


@pytest.mark.parametrize("rank", [0, 3])
def test_a_rank_that_cannot_store_pictures_ends_all_with_its_message(
    rank: int, start: StartJob
) -> None:
    with start() as job:
        job.pools[rank].error = StoreError("OUT is full; make room")
        job.finish()
    assert isinstance(job.ranks[0].error, OtherRankError if rank else StoreError)
    assert str(job.ranks[0].error) == "OUT is full; make room"
    assert job.statuses == [1] * 4
    again = run_whole(start)
    assert sorted({*job.drawn, *again.drawn}) == list(range(N))


def change_unseen(path: Path) -> None:
    """Change what a file holds, but neither its size nor its time."""
    before = path.stat()
    path.write_bytes(b"y")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_strict_finds_a_changed_file_and_does_not_draw_it_again(
    start: StartJob, tmp_path: Path
) -> None:
    strict = Rendering(strict=True)
    with start(rendering=strict) as first:
        for pool in first.pools:
            pool.at_a_time = 1
        first.rounds(4)
        first.signals[0].received = "SIGTERM"
        first.finish()
    done = sorted(chunks_done(first))
    assert 10 < len(done) < N
    change_unseen(tmp_path / "in" / f"R{done[-1]:04d}.mat")
    next((tmp_path / "out" / "images" / f"R{done[-1]:04d}").iterdir()).unlink()
    with start(rendering=strict) as job:
        job.finish()
    message = str(job.ranks[0].error)
    assert f"the content of R{done[-1]:04d}.mat has changed; give another OUT" in message
    assert job.statuses == [1] * 4
    # What was started before all were checked may have been drawn.
    assert set(job.drawn).isdisjoint(done)


def interrupt(job: OneProcess, *indices: int, times: int) -> None:
    """Leave behind what runs leave that died with recordings in flight."""
    for _ in range(times):
        folder = job.paths.attempts(None)
        folder.mkdir(exist_ok=True)
        attempts = Attempts(folder)
        for slot, index in enumerate(indices):
            attempts.begin(slot, index)
        attempts.close()


def test_a_suspect_runs_alone_before_the_other_ranks_begin(start: StartJob) -> None:
    with start() as job:
        job.turn(0)
        job.signals[0].received = "SIGTERM"
        job.finish()
    interrupt(job, 5, times=MOST_ATTEMPTS - 1)
    interrupt(job, 9, times=MOST_ATTEMPTS)
    with start() as again:
        again.finish()
    assert again.statuses == [3] * 4
    assert again.pools[0].given[0] == 5
    assert [row["name"] for row in failures(again.paths.out)] == ["R0009"]
    assert failures(again.paths.out)[0]["class"] == "crashed: job died"


def test_a_suspect_that_hangs_when_the_job_is_stopped_says_so_once(start: StartJob) -> None:
    with start() as job:
        job.turn(0)
        job.signals[0].received = "SIGTERM"
        job.finish()
    left = [k for k in range(N) if k not in job.drawn]
    interrupt(job, left[0], times=MOST_ATTEMPTS - 1)
    with start() as again:
        again.pools[0].at_a_time = 0
        again.signals[0].received = ""
        again.pools[0].on_give = lambda: setattr(again.signals[0], "received", "SIGTERM")
        again.finish()
    assert isinstance(again.ranks[0].error, StoppedError)
    assert str(again.ranks[0].error) == ("stopped by SIGTERM; run the same command again to resume")
    assert again.statuses == [75] * 4


def test_a_job_that_is_stopped_before_it_draws_says_so_once(start: StartJob) -> None:
    with start() as job:
        job.signals[0].received = "SIGTERM"
        job.finish()
    assert str(job.ranks[0].error) == "stopped by SIGTERM; run the same command again to resume"
    assert job.statuses == [75] * 4


def test_parts_are_drawn_by_two_jobs_and_merged(start: StartJob) -> None:
    for number in (1, 2):
        with start(n_ranks=2, part=Part(number, 2)) as job:
            job.finish()
        assert job.statuses == [0, 0]
        assert job.drawn == list(range(number - 1, N, 2))
    summary = merge_parts(job.paths.out)
    assert (summary.status, summary.recordings, summary.expected) == (0, N, N)
    assert len(manifest(job.paths.out)) == N
