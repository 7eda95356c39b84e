"""The words for how far a job is: nothing wraps, and the most useful stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecgmpi.job.progress_text import (
    PLAIN,
    Standing,
    bar_line,
    first_line,
    interval,
    log_line,
    rate,
    short,
    spread,
)

SOME = Standing(1000, 420, 3, 400, 12.3, 12.3, 33.0, (4, 4), 2)


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (19, "420/1k 3F 12/s 0:47"),
        (29, "420/1000 3 failed 12/s 00:47"),
        (39, "420/1,000, 3 failed, 12/s, 00:47 left"),
        (59, "42% #######.......... 420/1,000, 3 failed, 12/s, 00:47 left"),
        (199, f"42% {'#' * 16}{'.' * 24} 420/1,000, 3 failed, 12/s, 00:47 left"),
    ],
)
def test_a_bar_says_done_failed_rate_and_time_left_at_any_width(columns: int, line: str) -> None:
    assert bar_line(SOME, columns, PLAIN) == line


@pytest.mark.parametrize("done", [0, 1, 999, 123_456, 1_999_999, 2_000_000])
def test_no_line_is_longer_than_its_terminal(done: int) -> None:
    for done_now in {0, done}:
        slow = Standing(2_000_000, done, done // 9, done_now, 0.01, 0.01, 1e5, [64] * 64, 64)
        for columns in range(1, 210):
            assert len(bar_line(slow, columns)) <= columns
            assert len(bar_line(replace(slow, lately=0.0), columns)) <= columns


def test_a_hundred_percent_is_the_end() -> None:
    assert bar_line(replace(SOME, done=999), 19).startswith("999/1k")
    assert bar_line(replace(SOME, done=999), 100).startswith("99%")
    assert bar_line(replace(SOME, done=1000), 100).startswith("100%")
    assert bar_line(replace(SOME, total=100, done=29), 100).startswith("29%")


def test_a_rate_that_changed_is_named_beside_the_overall_one() -> None:
    late = replace(SOME, elapsed=600.0)
    assert log_line(late) == "420 of 1,000 recordings, 3 failed, 12.3 a second, 00:47 left"
    slower = "12.3 a second (2.0 a second in the last 60 s), 04:50 left"
    assert log_line(replace(late, lately=2.0)).endswith(slower)
    stalled = "12.3 a second (0 a second in the last 60 s), time left unknown"
    assert log_line(replace(late, lately=0.0)).endswith(stalled)


def test_ranks_that_still_work_are_counted_once_some_have_ended() -> None:
    assert log_line(replace(SOME, ranks_left=1)).endswith("; 1 of 2 ranks still at work")


def test_a_job_that_looks_through_old_work_says_so() -> None:
    looking = Standing(1000, 1000, 3, workers=(4,), ranks_left=1)
    assert log_line(looking) == (
        "1,000 of 1,000 recordings, 3 failed; looking through what was drawn before"
    )


@pytest.mark.parametrize(
    ("done", "words"),
    [
        (0, "1,000 recordings on 3 ranks x 4 workers"),
        (400, "600 of 1,000 recordings on 3 ranks x 4 workers"),
        (1000, "1,000 recordings, all drawn before, looked through on 3 ranks x 4 workers"),
    ],
)
def test_the_first_line_says_what_is_left_and_who_draws_it(done: int, words: str) -> None:
    assert first_line(1000, 1000 - done, [4, 4, 4]) == words


@pytest.mark.parametrize(
    ("workers", "words"),
    [
        ([1], "1 worker"),
        ([16], "16 workers"),
        ([16] * 4, "4 ranks x 16 workers"),
        ([1, 1], "2 ranks x 1 worker"),
        ([1, 3], "2 ranks with 1 to 3 workers"),
    ],
)
def test_workers_are_counted_in_words(workers: list[int], words: str) -> None:
    assert spread(workers) == words


def test_numbers_are_short() -> None:
    assert [short(n) for n in (999, 1000, 1234, 9_999, 12_345, 999_999, 2_000_000)] == [
        *("999", "1k", "1.2k", "9.9k", "12k", "999k", "2M")
    ]
    assert [rate(x) for x in (0.05, 1.0, 12.34, 1234.5)] == [
        *("3.0 a minute", "1.0 a second", "12.3 a second", "1,234 a second")
    ]
    assert [interval(s) for s in (47, 125.6, 3723, 270_300)] == [
        *("00:47", "02:06", "1:02:03", "3 d 03:05")
    ]
