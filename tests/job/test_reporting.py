"""The report at the end of a job comes last: nothing waits for it that has something else to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ecgmpi.job.reporting import reported
from ecgmpi.job.stop_conditions import MOST_ROWS_ON_A_STOP
from ecgmpi.job.summary import Summary

DONE = Summary(0, recordings=10)


class Writer:
    """Writes no report, but says what it was asked for; `meanwhile` happens as it works."""

    def __init__(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.pictures: list[bool] = []
        self._meanwhile = meanwhile

    def __call__(self, out: Path, check: Callable[[], None], contact_sheet: bool) -> Path:
        check()
        self._meanwhile()
        check()
        self.pictures.append(contact_sheet)
        return out / "report.html"


def job(writer: Writer | None, received: str = "", part: object = None, report: bool = True) -> Any:
    return SimpleNamespace(
        report=writer,
        running=SimpleNamespace(report=report, part=part),
        signals=SimpleNamespace(received=received),
        paths=SimpleNamespace(out=Path("out")),
    )


def nothing() -> None:
    """Nothing is to be checked."""


def test_a_job_says_where_its_report_is() -> None:
    writer = Writer()
    assert reported(job(writer), DONE, nothing).report == "out/report.html"
    assert writer.pictures == [True]


def test_who_stops_a_job_does_not_wait_for_pictures_nor_for_very_many_rows() -> None:
    writer = Writer()
    few = Summary(75, recordings=MOST_ROWS_ON_A_STOP, stopped_by="SIGTERM")
    assert reported(job(writer, "SIGTERM"), few, nothing).report == "out/report.html"
    assert writer.pictures == [False]
    many = Summary(75, recordings=MOST_ROWS_ON_A_STOP + 1, stopped_by="SIGTERM")
    assert reported(job(writer, "SIGTERM"), many, nothing).report == ""
    assert writer.pictures == [False]


def test_a_signal_ends_the_report_and_not_the_job(capsys: pytest.CaptureFixture[str]) -> None:
    def stop() -> None:
        running.signals.received = "SIGTERM"

    writer = Writer(stop)
    running = job(writer)
    assert reported(running, DONE, nothing) == DONE
    assert writer.pictures == []
    assert capsys.readouterr().err == (
        "ecgmpi: no report was written: SIGTERM; ecgmpi report writes one\n"
    )


@pytest.mark.parametrize("without", [{"report": False}, {"part": "1/2"}, {"writer": None}])
def test_there_is_none_where_none_is_asked_for(without: dict[str, Any]) -> None:
    writer = Writer()
    assert reported(job(**{"writer": writer, **without}), DONE, nothing) == DONE
    assert writer.pictures == []
