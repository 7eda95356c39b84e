"""A rank says what it does: soon, not too often, and of each recording once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from ecgmpi.corpus.item import Item
from ecgmpi.errors import FailureKind, RecordingError
from ecgmpi.job.activity import (
    MOST_SILENCES,
    MOST_SLOW,
    RANKS_A_SECOND,
    RENEWED_EVERY,
    SILENCE,
    ActivityRecorder,
)
from ecgmpi.results.activity import (
    DRAWING,
    ENDED,
    GATHERING,
    REPORTING,
    RUNS_KEPT,
    STARTING,
    WAITING,
    Activity,
    History,
    activities,
    file_name,
)
from ecgmpi.results.result import Result, failed
from ecgmpi.results.timing import Timing
from ecgmpi.review.ranks import newest
from tests.job.fakes import Clock
from tests.job.one_process import StartJob, run_whole


def a_failure(index: int, timing: Timing | None = None) -> Result:
    item = Item(index, f"r{index}", f"r{index}.mat", f"/in/r{index}.mat")
    result = failed(item, RecordingError(FailureKind.TRUNCATED, "it ends early", "copy it again"))
    return replace(result, timing=timing)


def recorder_of(path: Path, clock: Clock, ranks: int = 3) -> tuple[ActivityRecorder, Activity]:
    activity = Activity(1, ranks, 0, "", "node1", 2)
    lost = SimpleNamespace(lost=Counter({"timeout": 1}), supervisors_lost=1)
    return ActivityRecorder(path, activity, lost, clock, lambda: 1e9), activity


def loaded(path: Path) -> Activity:
    found = Activity.load(path)
    assert found
    return found


def test_the_file_is_renewed_now_and_then_and_at_once_if_the_rank_turns_to_something_else(
    tmp_path: Path,
) -> None:
    path, clock = tmp_path / file_name(None, 1, 0), Clock()
    recorder, _ = recorder_of(path, clock)
    assert not path.exists()
    recorder.tick(DRAWING)
    assert (loaded(path).doing, loaded(path).lasted) == (DRAWING, 0.0)
    recorder.add(a_failure(0))
    clock.advance(RENEWED_EVERY / 2)
    recorder.tick(DRAWING)
    assert loaded(path).recordings == 0
    clock.advance(RENEWED_EVERY / 2)
    recorder.tick(DRAWING)
    assert (loaded(path).recordings, loaded(path).lasted) == (1, RENEWED_EVERY)
    assert loaded(path).workers_lost == {"timeout": 1}
    assert loaded(path).supervisors_lost == 1
    clock.advance(0.1)
    recorder.tick(WAITING)
    assert loaded(path).doing == WAITING


def test_a_thousand_ranks_do_not_write_a_thousand_files_every_two_seconds(tmp_path: Path) -> None:
    _, activity = recorder_of(tmp_path / "x", Clock(), ranks=1024)
    assert activity.every == 1024 / RANKS_A_SECOND
    assert recorder_of(tmp_path / "x", Clock(), ranks=3)[1].every == RENEWED_EVERY


def test_time_of_workers_is_counted_when_and_where_it_was_spent(tmp_path: Path) -> None:
    clock = Clock()
    recorder, activity = recorder_of(tmp_path / "x", clock)
    began = clock()
    clock.advance(30.0)
    recorder.add(a_failure(0, Timing(began + 3.0, (1.0, 0.25, 0.5, 0.25))))
    recorder.add(a_failure(1))
    assert (activity.recordings, activity.failed) == (2, 2)
    assert activity.seconds == [1.0, 0.25, 0.5, 0.25]
    bins, per_s = activity.history.bins, int(1 / activity.history.bin_s)
    assert bins[3 * per_s][:2] == [1, 1]
    # The worker of the other one was lost: that is counted when it was found.
    assert bins[30 * per_s][:2] == [1, 1]
    reading = [one[2] for one in bins]
    assert sum(reading[: 1 * per_s]) == 0.0
    assert sum(reading[1 * per_s : 2 * per_s]) == pytest.approx(1.0)
    assert sum(reading) == pytest.approx(1.0)


def test_the_slowest_recordings_are_named_the_slowest_first(tmp_path: Path) -> None:
    path, clock = tmp_path / file_name(None, 1, 0), Clock()
    recorder, _ = recorder_of(path, clock)
    for index in range(40):
        took = float(index * 7 % 40)
        recorder.add(a_failure(index, Timing(clock(), (took, 0.0, 0.0, 0.0))))
    recorder.renew()
    slowest = loaded(path).slowest
    assert [seconds for seconds, _ in slowest] == [39.0 - k for k in range(MOST_SLOW)]
    assert all(int(name[1:]) * 7 % 40 == seconds for seconds, name in slowest)


def test_a_place_that_cannot_be_written_costs_a_rank_nothing(tmp_path: Path) -> None:
    recorder, activity = recorder_of(tmp_path / "gone" / "x.json", Clock())
    recorder.tick(DRAWING)
    recorder.add(a_failure(0))
    recorder.tick(ENDED)
    assert activity.recordings == 1
    assert list(tmp_path.iterdir()) == []


def test_every_rank_of_a_job_says_what_it_did_and_that_it_ended(start: StartJob) -> None:
    job = run_whole(start)
    found = [one for one, _ in activities(job.paths.progress)]
    assert [(one.rank, one.ranks, one.host) for one in found] == [
        (rank, 4, f"node{rank}") for rank in range(4)
    ]
    assert {one.doing for one in found} == {ENDED}
    assert sum(one.recordings for one in found) == 40
    # Python ran it: what the interpreter was started with is not what runs it again.
    assert [one.command for one in found] == [[]] * 4


def test_ranks_of_a_run_that_was_killed_before_it_drew_anything_are_forgotten(
    start: StartJob,
) -> None:
    """The next run has its number, and no file of the ranks that it does not have."""
    with start(n_ranks=6) as killed:
        while not killed.begun:
            killed.round()
        killed.rounds(1)
        for rank in range(6):
            killed.freeze(rank)
    # No rank had an end that it could have told of.
    left = [one for one, _ in activities(killed.paths.progress)]
    assert [one.rank for one in left] == list(range(6))
    for path in killed.paths.journals.iterdir():
        path.unlink()
    job = run_whole(start, n_ranks=2)
    found = newest(activities(job.paths.progress))
    assert [(one.rank, one.ranks, one.run) for one, _ in found] == [(0, 2, 0), (1, 2, 0)]


@pytest.mark.slow
def test_a_job_that_is_run_again_and_again_does_not_gather_files(start: StartJob) -> None:
    for _ in range(7):
        with start(retry_failed=True) as job:
            for pool in job.pools:
                pool.fails = {5}
            job.finish()
    found = {one.run for one, _ in activities(job.paths.progress)}
    assert len(found) == RUNS_KEPT
    assert len(list(job.paths.progress.iterdir())) == 4 * RUNS_KEPT


def test_a_rank_that_stood_still_says_so_when_it_comes_back(tmp_path: Path) -> None:
    path, clock = tmp_path / file_name(None, 1, 0), Clock()
    recorder, _ = recorder_of(path, clock)
    for stands_still in (0.0, SILENCE - 1, 90.0, 1.0, 30.0):
        clock.advance(stands_still)
        recorder.tick(DRAWING)
    recorder.renew()
    ends = [end - begin for begin, end in loaded(path).silences]
    assert ends == pytest.approx([90.0, 30.0])


def test_of_very_many_times_that_it_stood_still_the_longest_are_kept(tmp_path: Path) -> None:
    path, clock = tmp_path / file_name(None, 1, 0), Clock()
    recorder, _ = recorder_of(path, clock)
    for number in range(2 * MOST_SILENCES):
        clock.advance(SILENCE + 1 + number)
        recorder.tick(DRAWING)
    recorder.renew()
    least = min(end - begin for begin, end in loaded(path).silences)
    assert (len(loaded(path).silences), least) == (MOST_SILENCES, SILENCE + 1 + MOST_SILENCES)


def test_a_rank_that_was_not_to_turn_has_not_stood_still(tmp_path: Path) -> None:
    path, clock = tmp_path / file_name(None, 1, 0), Clock()
    recorder, _ = recorder_of(path, clock)
    for doing in (STARTING, DRAWING, GATHERING, GATHERING, REPORTING, ENDED):
        recorder.tick(doing)
        if doing != DRAWING:
            # It reads journals, or writes a manifest of very many rows.
            clock.advance(10 * SILENCE)
    recorder.renew()
    assert loaded(path).silences == []


def test_a_time_by_the_clock_of_another_node_stretches_no_history(tmp_path: Path) -> None:
    clock = Clock()
    recorder, activity = recorder_of(tmp_path / "0.json", clock)
    clock.advance(5.0)
    recorder.add(a_failure(0, Timing(clock() + 1e6, (0.1, 0.1, 0.1, 0.1))))
    assert activity.history.bin_s == History().bin_s
    assert sum(one[0] for one in activity.history.bins) == activity.recordings == 1
