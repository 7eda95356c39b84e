"""A rank that is silent or slow stands out, one that has ended or does well does not."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgmpi.options.quantities import Part
from ecgmpi.results.activity import Activity, activities, file_name
from ecgmpi.review.ranks import (
    LEAST_BUSY,
    RECENT,
    RENEWALS_MISSED,
    SILENT_AFTER,
    SLOW,
    RankState,
    newest,
    newest_in,
    rank_states,
)

NOW = 1e9


def working(
    rank: int = 0,
    per_s: float = 10.0,
    lasted: float = 120.0,
    doing: str = "drawing",
    busy: float = 1.0,
    every: float = 2.0,
) -> Activity:
    """A rank of two workers that draws so many recordings a second, and is busy so much."""
    one = Activity(rank, 8, 0, "", f"node{rank}", 2, began=NOW - lasted, every=every)
    one.renewed, one.doing = NOW, doing
    one.recordings = round(per_s * lasted)
    one.seconds = [0.0, 0.0, 2 * busy * lasted, 0.0]
    for second in range(int(lasted)):
        for _ in range(2):
            one.history.spend(2, second, second + busy)
        for _ in range(round(per_s)):
            one.history.count(second, failed=False)
    return one


def states(*ranks: Activity, alive: bool = True, age: float = 0.0) -> list[RankState]:
    return rank_states([(one, NOW - age) for one in ranks], alive, NOW)


def test_a_rank_is_silent_when_it_has_missed_several_renewals() -> None:
    (fresh,) = states(working(), age=SILENT_AFTER)
    assert (fresh.silent, fresh.trouble) == (False, "")
    assert fresh.rate == pytest.approx(10.0)
    (silent,) = states(working(), age=SILENT_AFTER + 1)
    assert silent.trouble == "silent for 11 s"
    # It did something before; now it does nothing.
    assert (silent.rate, silent.busy) == (0.0, 0.0)


def test_a_rank_of_many_renews_its_file_less_often_and_is_waited_for_longer() -> None:
    every = 32.0
    (late,) = states(working(every=every), age=RENEWALS_MISSED * every)
    assert not late.silent
    (silent,) = states(working(every=every), age=RENEWALS_MISSED * every + 1)
    assert silent.silent


def test_a_rank_that_has_ended_or_whose_job_is_over_is_not_silent() -> None:
    assert not states(working(doing="ended"), age=3600)[0].silent
    assert not states(working(), alive=False, age=3600)[0].silent


def test_clocks_that_differ_make_no_rank_younger_than_the_present() -> None:
    assert states(working(), age=-30.0)[0].age == 0.0


def test_the_straggler_stands_out_and_no_other() -> None:
    speeds = [10.0, 11.0, 9.0, 10.0, 3.0, 10.0]
    found = states(*(working(rank, per_s) for rank, per_s in enumerate(speeds)))
    assert [rank.slow for rank in found] == [False, False, False, False, True, False]
    assert found[4].speed == pytest.approx(0.3)
    assert found[4].trouble == "slow: 0.30 x the usual speed"


def test_a_rank_that_waits_for_work_is_not_slow() -> None:
    """It draws fewer, and as fast as the others while it draws."""
    idle = working(0, per_s=2.0, busy=0.2)
    found = states(idle, *(working(rank, 10.0) for rank in range(1, 4)))
    assert not any(rank.slow for rank in found)
    assert found[0].busy == pytest.approx(0.2)
    assert found[0].speed == pytest.approx(1.0)


def test_speed_is_not_judged_too_soon_nor_of_one_rank_alone() -> None:
    assert states(working(0, 10.0))[0].speed is None
    soon = LEAST_BUSY / 2 - 1e-6
    found = states(working(0, 10.0), working(1, 10.0), working(2, 1.0, lasted=soon))
    assert found[2].speed is None
    assert not found[2].slow


def test_of_two_ranks_the_slow_one_is_named() -> None:
    for order in ((1.0, 10.0), (10.0, 1.0)):
        found = states(*(working(rank, per_s) for rank, per_s in enumerate(order)))
        assert [rank.slow for rank in found] == [per_s == 1.0 for per_s in order]


def test_many_ranks_are_judged_by_the_one_in_the_middle() -> None:
    """Also where a third of them are slow, as on old nodes."""
    found = states(*(working(rank, 3.0 if rank % 3 == 0 else 10.0) for rank in range(200)))
    assert [rank.slow for rank in found] == [rank % 3 == 0 for rank in range(200)]
    assert SLOW < 1


def test_rate_and_share_of_time_busy_are_those_of_late() -> None:
    one = working(per_s=10.0, lasted=300.0)
    # The last half minute: nothing at all.
    one.renewed += RECENT + one.history.bin_s
    (rank,) = states(one)
    assert rank.rate == 0.0
    assert rank.busy == 0.0
    assert rank.activity.busy == pytest.approx(300 / 334, abs=0.01)


@pytest.mark.parametrize("lasted", [0.0, 0.1, 3.0, RECENT, 31.0, 33.0, 1e5])
def test_a_rank_of_any_age_is_told_of(lasted: float) -> None:
    one = Activity(0, 1, 0, "", "node0", 2, began=NOW - lasted, every=2.0)
    one.renewed, one.doing = NOW, "drawing"
    step = max(lasted / 5000, 0.01)
    at = 0.0
    while at + step <= lasted:
        one.history.spend(2, at, at + step)
        one.history.spend(1, at, at + step)
        one.history.count(at + step / 2, failed=False)
        at += step
    (rank,) = states(one)
    if lasted:
        assert rank.rate == pytest.approx(1 / step, rel=0.1)
        assert rank.busy == pytest.approx(1.0, abs=0.05)
    else:
        assert (rank.rate, rank.busy) == (0.0, None)


def of_run(run: int, rank: int = 0, part: str = "", began: float = NOW) -> tuple[Activity, float]:
    return Activity(rank, 4, run, part, "node", 1, began=began), NOW


def told(found: list[tuple[Activity, float]]) -> list[tuple[str, int, int]]:
    return [(one.part, one.run, one.rank) for one, _ in newest(found)]


def test_only_the_ranks_of_the_newest_run_are_told_of() -> None:
    assert told([]) == []
    found = [of_run(run, rank) for run, ranks in ((0, 4), (3, 2), (1, 5)) for rank in range(ranks)]
    assert told(found) == [("", 3, 0), ("", 3, 1)]


def test_parts_side_by_side_each_have_a_newest_run() -> None:
    found = [of_run(0, part="1/3"), of_run(2, part="1/3"), of_run(1, part="2/3")]
    assert told(found) == [("1/3", 2, 0), ("2/3", 1, 0)]
    assert [rank.label for rank in rank_states(newest(found), True, NOW)] == [
        "1/3 rank 0",
        "2/3 rank 0",
    ]


def test_parts_of_another_division_are_over() -> None:
    """Two of three parts were drawn, then the rest without --part."""
    parts = [of_run(0, part="1/3"), of_run(1, part="2/3")]
    assert told([*parts, of_run(2)]) == [("", 2, 0)]
    assert told([*parts, of_run(2, part="2/8")]) == [("2/8", 2, 0)]
    assert told([of_run(0, began=NOW - 60), of_run(0, part="1/3")]) == [("1/3", 0, 0)]


def test_of_a_job_that_was_killed_the_rank_that_fell_silent_first_is_named() -> None:
    found = [(working(rank), NOW - (60.0 if rank == 1 else 2.0)) for rank in range(3)]
    later = rank_states(found, alive=False, now=NOW + 3600)
    assert [one.trouble for one in later] == ["", "silent for the last 58 s", ""]


def test_a_rank_that_stood_still_and_came_back_is_named() -> None:
    still = working(1)
    still.silences = [(20.0, 50.0), (70.0, 90.0)]
    assert [one.trouble for one in states(working(0), still)] == [
        "",
        "late: it stood still for 50 s",
    ]


def test_of_a_complete_job_the_newest_run_that_did_something_is_told_of() -> None:
    """The same command again finds nothing left to do; how the job went is still told."""
    (drew, _), (found_nothing, _) = of_run(0), of_run(1)
    drew.recordings = 40
    pairs = [(drew, NOW), (found_nothing, NOW)]
    assert [one.run for one, _ in newest(pairs, complete=True)] == [0]
    assert [one.run for one, _ in newest(pairs)] == [1]
    assert [one.run for one, _ in newest(pairs[1:], complete=True)] == [1]


PARTS = [None, Part(1, 2), Part(2, 2), Part(2, 3)]


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(PARTS), st.integers(0, 3)), st.integers(0, 2), max_size=8
    ),
    st.booleans(),
)
def test_the_newest_of_a_folder_are_the_newest_of_all_its_files(
    done: dict[tuple[Part | None, int], int], complete: bool
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for (part, run), recordings in done.items():
            for rank in range(2):
                began = NOW + PARTS.index(part)
                one = Activity(rank, 2, run, str(part or ""), "node", 1, began=began)
                one.recordings = recordings
                one.save(folder / file_name(part, rank, run))
        found = newest_in(folder, complete)
        assert found == newest(activities(folder), complete)
        assert bool(found) == bool(done)


def test_runs_before_the_newest_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To look at a large job must stay quick after it was resumed."""
    for run in range(4):
        one, _ = of_run(run)
        one.recordings = 5
        one.save(tmp_path / file_name(None, 0, run))
    read: list[str] = []
    load = Activity.load

    def noted(path: Path) -> Activity | None:
        read.append(path.name)
        return load(path)

    monkeypatch.setattr(Activity, "load", noted)
    for complete in (False, True):
        newest_in(tmp_path, complete)
    assert read == [file_name(None, 0, 3)] * 2


def test_a_run_that_cannot_be_read_does_not_hide_the_one_before(tmp_path: Path) -> None:
    of_run(0)[0].save(tmp_path / file_name(None, 0, 0))
    (tmp_path / file_name(None, 0, 1)).write_text("torn")
    assert [one.run for one, _ in newest_in(tmp_path)] == [0]
