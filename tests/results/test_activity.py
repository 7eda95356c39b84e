"""What a rank says of itself: bounded, complete whatever its length, and never in the way."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.options.quantities import Part
from ecgmpi.results.activity import (
    FORMAT,
    MOST_BINS,
    PER_BIN,
    RUNS_KEPT,
    Activity,
    History,
    activities,
    file_name,
    remove_outdated,
)
from ecgmpi.results.timing import STAGES

TIMES = st.floats(0.0, 1e6) | st.floats(0.0, 60.0)
COUNTED = st.tuples(TIMES, st.booleans())
SPENT = st.tuples(st.integers(0, len(STAGES) - 1), TIMES, st.floats(0.0, 500.0))


@given(st.lists(COUNTED | SPENT, max_size=40))
def test_no_count_and_no_time_is_lost_however_often_bins_are_halved(
    added: list[tuple[float, bool] | tuple[int, float, float]],
) -> None:
    history = History()
    counts, seconds = [0, 0], [0.0] * len(STAGES)
    for one in added:
        if len(one) == 2:
            at, failed = one
            history.count(at, failed)
            counts = [counts[0] + 1, counts[1] + failed]
        else:
            stage, begin, took = one
            history.spend(stage, begin, begin + took)
            seconds[stage] += begin + took - begin
        assert len(history.bins) <= MOST_BINS
    totals = [math.fsum(column) for column in zip(*history.bins, strict=True)]
    totals = totals or [0.0] * len(PER_BIN)
    assert totals[:2] == counts
    assert totals[2:] == pytest.approx(seconds, abs=1e-6)
    # Bins are as short as there is room for.
    assert history.bin_s == History().bin_s or len(history.bins) > MOST_BINS // 2


@given(st.lists(st.tuples(TIMES, st.floats(0.0, 500.0)), min_size=1, max_size=20))
def test_one_worker_is_never_busier_than_time_allows(worked: list[tuple[float, float]]) -> None:
    """One thing after another, as a worker does: no bin has more than its own length."""
    history, now = History(), 0.0
    for pause, took in worked:
        now += pause
        history.spend(0, now, now + took)
        now += took
    for one in history.bins:
        assert sum(one[2:]) <= history.bin_s * (1 + 1e-9)


def test_what_was_done_before_the_rank_began_is_not_put_into_its_history() -> None:
    history = History()
    history.spend(1, -3.0, 0.2)
    history.count(-0.1, failed=True)
    assert history.bins == [[1, 1, 0, pytest.approx(0.2), 0, 0]]


def some_activity(rank: int = 1, run: int = 0, part: str = "") -> Activity:
    activity = Activity(rank, 3, run, part, "node7", 4, pid=123, began=1e9, every=2.0)
    activity.renewed = activity.began + 60.0
    activity.recordings, activity.failed, activity.bytes = 7, 1, 10**12
    activity.seconds = [1.0, 2.0, 3.0, 4.0]
    activity.history.spend(2, 0.0, 59.0)
    activity.slowest = [(3.25, "a/ä <b>"), (1.0, "b")]
    activity.workers_lost = {"timeout": 2}
    return activity


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / file_name(None, 1, 0)
    written = some_activity()
    written.save(path)
    read = Activity.load(path)
    assert read is not None
    assert [tuple(one) for one in read.slowest] == written.slowest
    assert read.history.bins == written.history.bins
    for name in ("rank", "host", "recordings", "bytes", "seconds", "renewed", "workers_lost"):
        assert getattr(read, name) == getattr(written, name)
    assert (read.lasted, read.busy) == (60.0, 10 / 240)


def test_a_file_stays_small_however_long_the_job_and_the_names(tmp_path: Path) -> None:
    activity = some_activity()
    for hour in range(1000):
        activity.history.spend(hour % 4, 3600.0 * hour, 3600.0 * hour + 3599.0)
    activity.save(path := tmp_path / file_name(None, 1, 0))
    assert path.stat().st_size < 16_000


ALIEN = {
    "empty": b"",
    "torn": b'{"format": 1, "rank": 3, "ra',
    "no text": b"\xff\xfe\x00",
    "a list": b"[1, 2]",
    "a word": b'"drawing"',
    "other fields": b'{"format": 1, "rank": 3}',
    "no format": b'{"rank": 3}',
    "a later format": json.dumps({"format": FORMAT + 1, "rank": 0}).encode(),
}


@pytest.mark.parametrize("content", ALIEN.values(), ids=ALIEN)
def test_files_that_no_rank_of_this_version_wrote_are_passed_over(
    content: bytes, tmp_path: Path
) -> None:
    some_activity(0).save(tmp_path / file_name(None, 0, 0))
    (tmp_path / file_name(None, 1, 0)).write_bytes(content)
    some_activity(2).save(tmp_path / file_name(None, 2, 0))
    # Of other names: half written, or somebody's own.
    some_activity(3).save(tmp_path / f".{file_name(None, 3, 0)}.part")
    some_activity(4).save(tmp_path / "notes.json")
    (tmp_path / file_name(None, 5, 0)).mkdir()
    (tmp_path / file_name(None, 6, 0)).symlink_to(tmp_path / "nowhere")
    assert [one.rank for one, _ in activities(tmp_path)] == [0, 2]


def test_no_folder_is_no_rank(tmp_path: Path) -> None:
    assert list(activities(tmp_path / "progress")) == []


def test_an_out_that_was_moved_away_does_not_come_back(tmp_path: Path) -> None:
    folder = tmp_path / "OUT" / ".ecgmpi" / "progress"
    folder.mkdir(parents=True)
    path = folder / file_name(None, 1, 0)
    some_activity().save(path)
    (tmp_path / "OUT").rename(tmp_path / "away")
    some_activity().save(path)
    assert not (tmp_path / "OUT").exists()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_run_removes_what_one_of_the_same_number_left(tmp_path: Path) -> None:
    """That one was killed before it journaled anything, so the next has its number."""
    for rank in range(5):
        some_activity(rank, run=3).save(tmp_path / file_name(None, rank, 3))
    some_activity(0, run=2).save(tmp_path / file_name(None, 0, 2))
    (tmp_path / "notes.txt").write_text("")
    remove_outdated(tmp_path, None, 3)
    assert names(tmp_path) == sorted([file_name(None, 0, 2), "notes.txt"])


def test_a_run_removes_what_parts_left_that_cannot_be_at_work_beside_it(tmp_path: Path) -> None:
    parts = [Part(1, 4), Part(2, 4), Part(1, 1000), Part(777, 1000)]
    of_parts = [file_name(part, 0, 3) for part in parts]
    for part, name in zip(parts, of_parts, strict=True):
        some_activity(0, run=3, part=str(part)).save(tmp_path / name)
    whole = file_name(None, 0, 2)
    some_activity(0, run=2).save(tmp_path / whole)
    remove_outdated(tmp_path, Part(2, 4), 3)
    assert names(tmp_path) == sorted([whole, of_parts[0]])
    remove_outdated(tmp_path, None, 4)
    assert names(tmp_path) == [whole]


def test_a_job_that_is_resumed_a_hundred_times_keeps_the_newest_few(tmp_path: Path) -> None:
    for run in range(0, 200, 2):
        remove_outdated(tmp_path, None, run)
        for rank in range(2):
            some_activity(rank, run=run).save(tmp_path / file_name(None, rank, run))
    kept = sorted({one.run for one, _ in activities(tmp_path)})
    assert kept == list(range(200 - 2 * RUNS_KEPT, 200, 2))
    assert len(names(tmp_path)) == 2 * RUNS_KEPT


def test_nothing_to_remove_is_no_error(tmp_path: Path) -> None:
    remove_outdated(tmp_path / "progress", None, 0)
    assert not (tmp_path / "progress").exists()
