"""What a user sees while a job runs: in a log, on a terminal, or nothing."""

from __future__ import annotations

import pytest

from ecgmpi.job.progress import FIRST_AFTER, LOG_EVERY, Progress, spread
from tests.job.fakes import Clock


def test_a_log_has_a_first_line_soon_and_then_one_now_and_then(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress = Progress("log", 1000, 100, 1, clock := Clock())
    for _ in range(70):
        clock.advance(1.0)
        progress.add(10, 0)
    progress.close()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 + int((70 - FIRST_AFTER) // LOG_EVERY)
    assert lines[0] == "ecgmpi: 150 of 1000 recordings, 1 failed, 10.0 a second, 01:25 left"


def test_failures_are_printed_as_they_come_whatever_the_way(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for how in ("none", "log", "bar"):
        progress = Progress(how, 10, 0, 0)
        progress.add(2, 1, ["a.mat: corrupt: it is broken; repair it"])
        progress.close()
        assert "ecgmpi: a.mat: corrupt: it is broken; repair it\n" in capsys.readouterr().err


def test_where_nothing_is_wanted_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress("none", 10, 0, 0, clock := Clock())
    progress.begin([4])
    clock.advance(3600.0)
    progress.add(5, 0)
    progress.close()
    assert capsys.readouterr().err == ""


def test_standard_error_that_is_no_terminal_gets_lines_and_no_bar(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress = Progress("auto", 10, 0, 0, clock := Clock())
    clock.advance(FIRST_AFTER)
    progress.add(10, 0)
    progress.close()
    assert capsys.readouterr().err.startswith("ecgmpi: 10 of 10 recordings, 0 failed")


@pytest.mark.parametrize(
    ("done", "words"),
    [
        (0, "1,000 recordings on 3 ranks x 4 workers"),
        (400, "600 of 1,000 recordings on 3 ranks x 4 workers"),
        (1000, "1,000 recordings, all drawn before, looked through on 3 ranks x 4 workers"),
    ],
)
def test_the_first_line_says_what_is_left_and_who_draws_it(
    done: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Progress("log", 1000, done, 0).begin([4, 4, 4])
    assert capsys.readouterr().err == f"ecgmpi: {words}\n"


def test_one_recording_is_not_many(capsys: pytest.CaptureFixture[str]) -> None:
    Progress("log", 1, 0, 0).begin([2])
    assert capsys.readouterr().err == "ecgmpi: 1 recording on 2 workers\n"


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
