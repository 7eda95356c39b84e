"""The report that a job makes of itself: the job goes first, whatever becomes of the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ecgmpi.errors import JobError
from ecgmpi.outdir.lease import acquire
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.review.report.at_end import report_at_end

from .conftest import Copied


def test_the_job_that_makes_it_is_told_of_as_ended_while_it_still_holds_out(
    odd_out: Path, copied: Copied
) -> None:
    out, looks = copied(odd_out), 0
    (out / "report.json").unlink()
    with acquire(JobPaths(out).hidden) as lease:

        def look() -> None:
            nonlocal looks
            looks += 1
            lease.check()

        assert report_at_end(out, look) == out / "report.html"
    assert json.loads((out / "report.json").read_text())["status"]["state"] == "complete"
    # The other ranks hear of rank 0 meanwhile.
    assert looks >= 3


def test_a_job_that_lost_out_to_another_writes_no_report(
    odd_out: Path, copied: Copied, capsys: pytest.CaptureFixture[str]
) -> None:
    out, looks = copied(odd_out), 0

    def count() -> None:
        nonlocal looks
        looks += 1

    report_at_end(out, count)
    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    # From the first look to the last, which comes when all is ready to be put in place.
    for left in (0, looks // 2, looks - 1):

        def lost(still: list[int] = [*range(left)]) -> None:  # noqa: B006
            if not still:
                raise JobError("another job took over")
            still.pop()

        with pytest.raises(JobError, match="took over"):
            report_at_end(out, lost)
        assert {path.name: path.stat().st_mtime_ns for path in out.iterdir()} == before
    assert capsys.readouterr().err == ""


def test_whatever_else_goes_wrong_is_one_line(
    odd_out: Path, copied: Copied, capsys: pytest.CaptureFixture[str]
) -> None:
    out = copied(odd_out)
    journals = JobPaths(out).journals
    for path in journals.iterdir():
        path.unlink()
        path.mkdir()
    assert report_at_end(out, lambda: None) is None
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("ecgmpi: no report was written: Is a directory; all else is done, and ")
    assert line.endswith(f"ecgmpi report {out} tries again")
