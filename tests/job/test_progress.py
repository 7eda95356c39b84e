"""What a user sees while a job runs: in a log, on a terminal, or nothing."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, suppress
from pathlib import Path

import pytest

from ecgmpi.job.progress import BAR_EVERY, FIRST_AFTER, LOG_EVERY, Progress
from tests.corpora import synthetic
from tests.job.fakes import Clock
from tests.outputs import n_journaled
from tests.processes import ecgmpi
from tests.terminal import Terminal, screen, terminal


def test_a_log_has_a_first_line_soon_and_then_one_now_and_then(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress = Progress("log", 1000, 100, 1, clock := Clock())
    progress.begin([2])
    for _ in range(70):
        clock.advance(1.0)
        progress.add(10, 0)
        progress.tick()
    progress.close()
    lines = capsys.readouterr().err.splitlines()[1:]
    assert len(lines) == 1 + int((70 - FIRST_AFTER) // LOG_EVERY)
    assert lines[0] == "ecgmpi: 150 of 1,000 recordings, 1 failed, 10.0 a second, 01:25 left"


def test_a_log_has_its_lines_while_nothing_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress("log", 1000, 100, 1, clock := Clock())
    for second in range(40):
        if second == 20:
            progress.begin([4, 4])
        progress.tick()
        clock.advance(1.0)
    begun, *lines = sorted(capsys.readouterr().err.splitlines(), key=len)
    assert begun == "ecgmpi: 900 of 1,000 recordings on 2 ranks x 4 workers"
    assert lines == [
        "ecgmpi: 100 of 1,000 recordings, 1 failed; workers are starting, 00:05 so far",
        "ecgmpi: 100 of 1,000 recordings, 1 failed; none done in 00:35 by 2 ranks x 4 workers",
    ]


def test_to_look_through_old_work_before_drawing_is_no_hang(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress = Progress("log", 1000, 900, 1, clock := Clock())
    progress.begin([4])
    progress.handed_out(to_draw=False)
    clock.advance(600.0)
    progress.tick()
    progress.handed_out(to_draw=True)
    # Another rank still looks through some.
    progress.handed_out(to_draw=False)
    clock.advance(31.0)
    progress.tick()
    assert capsys.readouterr().err.splitlines()[1:] == [
        "ecgmpi: 900 of 1,000 recordings, 1 failed; looking through what was drawn before",
        "ecgmpi: 900 of 1,000 recordings, 1 failed; none done in 00:31 by 4 workers",
    ]


def test_the_wait_for_the_last_rank_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress("log", 100, 0, 0, clock := Clock())
    progress.begin([1, 1, 1])
    clock.advance(10.0)
    progress.add(90, 0)
    progress.rank_ended()
    progress.rank_ended()
    clock.advance(100.0)
    progress.tick()
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.endswith("time left unknown; 1 of 3 ranks still at work")


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
    progress.tick()
    progress.close()
    assert capsys.readouterr().err == ""


def test_standard_error_that_is_no_terminal_gets_lines_and_no_bar(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress = Progress("auto", 10, 0, 0, clock := Clock())
    clock.advance(FIRST_AFTER)
    progress.add(10, 0)
    progress.tick()
    progress.close()
    assert capsys.readouterr().err.startswith("ecgmpi: 10 of 10 recordings, 0 failed")


def test_one_recording_is_not_many(capsys: pytest.CaptureFixture[str]) -> None:
    Progress("log", 1, 0, 0).begin([2])
    assert capsys.readouterr().err == "ecgmpi: 1 recording on 2 workers\n"


WIDTHS = pytest.mark.parametrize("columns", [20, 40, 80, 200])


@contextmanager
def on_terminal(columns: int) -> Iterator[Terminal]:
    """A terminal that is standard error while the block runs."""
    with (
        terminal(columns) as one,
        os.fdopen(os.dup(one.near), "w") as stream,
        redirect_stderr(stream),
    ):
        yield one


@WIDTHS
def test_a_bar_stays_on_one_line_of_a_terminal_of_any_width(columns: int) -> None:
    with on_terminal(columns) as shown:
        progress = Progress("auto", 2000, 0, 0, clock := Clock())
        progress.tick()
        for _ in range(200):
            clock.advance(BAR_EVERY)
            progress.add(5, 0)
            progress.tick()
            shown.text()
        (line,) = shown.lines()
        progress.add(0, 1, ["bad"])
        progress.add(1000, 0)
        progress.close()
        said, end, after = shown.lines()
    assert 15 <= len(line) < columns
    assert re.search("1k/2k|1000/2000|1,000/2,000", line)
    assert re.search("0(F| failed).* 25/s,? 0?0:40", line)
    assert said == "ecgmpi: bad"
    assert re.search("(2k/2k|2000/2000|2,000/2,000).* 1(F| failed)", end)
    assert after == ""


@WIDTHS
def test_a_bar_fits_a_terminal_that_is_made_narrower(columns: int) -> None:
    with on_terminal(columns) as shown:
        progress = Progress("bar", 2000, 0, 0, clock := Clock())
        progress.tick()
        before = len(shown.text())
        shown.resize(columns // 2)
        clock.advance(BAR_EVERY)
        progress.tick()
        assert len(screen(shown.text()[before:], columns // 2)) == 1


@WIDTHS
def test_a_line_longer_than_the_terminal_leaves_the_bar_whole(columns: int) -> None:
    with on_terminal(columns) as shown:
        progress = Progress("bar", 2000, 0, 0, clock := Clock())
        progress.tick()
        progress.say("x" * 451)
        clock.advance(BAR_EVERY)
        progress.tick()
        progress.close()
        *above, bar, after = shown.lines()
    assert "".join(above) == "ecgmpi: " + "x" * 451
    assert "x" not in bar
    assert bar
    assert after == ""


def test_a_terminal_that_is_gone_stops_nothing() -> None:
    with terminal(80) as shown, redirect_stderr(os.fdopen(os.dup(shown.near), "w")) as stream:
        progress = Progress("bar", 2000, 0, 0, clock := Clock())
        shown.hang_up()
        for _ in range(3):
            clock.advance(BAR_EVERY)
            progress.tick()
        progress.say("bad")
        progress.close()
    # What is left in it cannot be written any more.
    with suppress(OSError):
        stream.close()


def test_a_standard_error_that_is_closed_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", None)
    progress = Progress("auto", 2000, 0, 0, clock := Clock())
    progress.begin([1])
    clock.advance(60.0)
    progress.tick()
    progress.close()


def test_an_interrupt_leaves_the_bar_and_begins_a_line(tmp_path: Path) -> None:
    corpus, out = synthetic(tmp_path / "in", 400), tmp_path / "out"
    command = [*ecgmpi("render", corpus, "-o", out, "--dpi", "60", "--workers", "1")]
    with terminal(40) as shown:
        process = subprocess.Popen([*map(str, command)], stdout=shown.near, stderr=shown.near)
        try:
            give_up = time.monotonic() + 60
            while n_journaled(out) < 3 and time.monotonic() < give_up:
                shown.text()
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            while process.poll() is None and time.monotonic() < give_up:
                shown.text()
                time.sleep(0.01)
            assert process.poll() == 75
        finally:
            process.kill()
            process.wait()
        lines = shown.lines()
    first, bar, *summary = lines
    assert first.startswith("ecgmpi: 400 recordings on 1 worker")
    assert re.search(r"\d+/400.* 0 failed", bar)
    assert "pictures of" in summary[0]
    assert not [line for line in summary if "/400" in line]
