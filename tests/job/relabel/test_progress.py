"""What a labelling says of how far it is."""

from __future__ import annotations

import pytest

from ecgmpi.job.relabel.progress import FIRST_AFTER, LOG_EVERY, Progress


def test_a_log_gets_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    seconds = [100.0]
    progress = Progress(1000, True, lambda: seconds[0])
    progress.begin(200)
    for passed, recordings in ((FIRST_AFTER - 1, 80), (1, 20), (1, 0), (LOG_EVERY - 1, 600)):
        seconds[0] += passed
        progress.add(recordings)
        progress.tick()
    progress.close()
    assert capsys.readouterr().err.splitlines() == [
        "ecgmpi: 300 of 1,000 recordings labelled, 20 a second, 35 s left",
        "ecgmpi: 900 of 1,000 recordings labelled, 20 a second, 5 s left",
    ]


def test_nothing_is_printed_where_that_is_not_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    seconds = [0.0]
    progress = Progress(10, False, lambda: seconds[0])
    progress.begin(0)
    seconds[0] += 1000
    progress.tick()
    progress.close()
    assert capsys.readouterr().err == ""
