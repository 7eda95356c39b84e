"""What status and report say of a real job that was stopped, killed, divided, or has just begun."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.outputs import assert_same, contents, n_journaled
from tests.processes import REPORTED, Running, ecgmpi, run, run_ecgmpi, started
from tests.review.checks import here
from tests.review.report.html import parsed

pytestmark = pytest.mark.slow


def status(out: Path) -> dict[str, Any]:
    ended = here("status", out, "--json").expect(0)
    assert ended.err == ""
    found: dict[str, Any] = json.loads(ended.out)
    return found


def hold(job: Running) -> None:
    """Let the job stand still where its workers are."""
    for pid in job.workers():
        job.signal(signal.SIGSTOP, pid)


def release(job: Running) -> None:
    for pid in job.workers():
        job.signal(signal.SIGCONT, pid)


def command_to_resume(out: Path) -> list[str]:
    """What the first command on the page says to type."""
    (header,) = parsed((out / "report.html").read_text()).all("header")
    words = shlex.split(next(header.all("pre")).text)
    assert words[:2] == ["ecgmpi", "render"]
    return words[1:]


def test_of_a_job_that_is_stopped_by_a_signal_and_of_what_to_type_then(
    many: Path, alone_many: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "O U T"
    with started(ecgmpi("render", many, "-o", out, *REPORTED)) as job:
        job.until(lambda: n_journaled(out) >= 3)
        job.signal(signal.SIGTERM)
        assert job.wait(20).expect(75).complaints == []
    found = status(out)
    assert (found["state"], found["stopped_by"]) == ("stopped", "SIGTERM")
    assert 0 < found["done"] < found["expected"] == 150
    assert found["left"] == 150 - found["done"]
    assert here("status", out).out.splitlines()[0] == f"OUT {out}: stopped by SIGTERM"
    told = json.loads((out / "report.json").read_text())
    assert (told["headline"], told["status"]["done"]) == ("stopped by SIGTERM", found["done"])
    run_ecgmpi(*command_to_resume(out)).expect(0)
    found = status(out)
    assert (found["state"], found["stopped_by"], found["left"]) == ("complete", "", 0)
    assert_same(contents(out), alone_many)


def test_of_a_job_whose_time_was_up(many: Path, tmp_path: Path) -> None:
    out = tmp_path / "OUT"
    with started(ecgmpi("render", many, "-o", out, *REPORTED, "--time-limit", "20")) as job:
        job.until(lambda: n_journaled(out) >= 3)
        hold(job)
        job.wait(30).expect(75)
    found = status(out)
    assert (found["state"], found["stopped_by"]) == ("stopped", "--time-limit")


def test_of_a_job_that_is_killed(many: Path, alone_many: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "OUT"
    with started(ecgmpi("render", many, "-o", out, *REPORTED)) as job:
        job.until(lambda: n_journaled(out) >= 3)
        assert status(out)["state"] == "running"
        hold(job)
        job.signal(signal.SIGKILL)
        # Its workers are still there, suspended, and do not count.
        job.wait(10)
        found = status(out)
    assert (found["state"], found["stopped_by"], found["rate"]) == ("killed", "", 0.0)
    here("report", out).expect(0)
    run_ecgmpi(*command_to_resume(out)).expect(0)
    assert status(out)["state"] == "complete"
    assert_same(contents(out), alone_many)


def test_of_a_job_that_is_suspended_as_a_whole(many: Path, tmp_path: Path) -> None:
    """As a scheduler does to a job: it is there, and not killed."""
    out = tmp_path / "OUT"
    with started(ecgmpi("render", many, "-o", out, *REPORTED)) as job:
        job.until(lambda: n_journaled(out) >= 3)
        for pid in job.processes():
            job.signal(signal.SIGSTOP, pid)
        assert status(out)["state"] == "running"
        for lease in (out / ".ecgmpi").glob("*.lease"):
            then = lease.stat().st_mtime - 20
            os.utime(lease, (then, then))
        said = here("status", out).expect(0).out
        assert re.search(r"running, but without a sign of life for 2\d s \(process", said)


def more_journaled(out: Path, n: int) -> Callable[[], bool]:
    """Give a test whether `n` more chunks are written down as done than now."""
    enough = n_journaled(out) + n
    return lambda: n_journaled(out) >= enough


def test_of_parts_that_run_side_by_side(
    many: Path, alone_many: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    line = ecgmpi("render", many, "-o", out, *REPORTED, "--workers", "1")
    with ExitStack() as stack:
        jobs = []
        for number in (1, 3):
            jobs.append(job := stack.enter_context(started([*line, "--part", f"{number}/3"])))
            # The other one is suspended by now.
            job.until(more_journaled(out, 4))
            hold(job)
        found = status(out)
        assert (found["state"], len(found["holders"])) == ("running", 2)
        assert [rank["part"] for rank in found["ranks"]] == ["1/3", "3/3"]
        assert [rank["pid"] for rank in found["ranks"]] == [job.pid for job in jobs]
        for job in jobs:
            release(job)
            job.wait(60).expect(0)
    found = status(out)
    assert (found["state"], found["done"], found["left"]) == ("stopped", 100, 50)
    run([*line, "--part", "2/3"]).expect(0)
    run_ecgmpi("merge", out).expect(0)
    assert status(out)["state"] == "complete"
    assert_same(contents(out), alone_many)


def test_of_a_job_that_looks_through_its_inputs(tmp_path: Path) -> None:
    """It reads a list of files that somebody is still writing."""
    out, listed = tmp_path / "OUT", tmp_path / "list.txt"
    os.mkfifo(listed)
    command = ecgmpi("render", f"@{listed}", "-o", out, *REPORTED)
    with started(command) as job, listed.open("w"):
        job.until(lambda: any((out / ".ecgmpi").glob("*.lease")))
        found = status(out)
        assert (found["state"], found["expected"], found["ranks"]) == ("starting", 0, [])
        said = here("status", out).out.splitlines()
        words = f"starting, the catalogue is being made (process {job.pid} on "
        assert said[0].startswith(f"OUT {out}: {words}")
        here("report", out, "-o", tmp_path / "early.html").expect(0)
        assert "No recording is drawn yet." in (tmp_path / "early.html").read_text()
        job.clear()
    assert status(out)["state"] == "killed"
