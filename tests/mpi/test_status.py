"""Status and report of a job on several ranks, from another process, while things go wrong."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from ecgmpi.review.ranks import SILENT_AFTER
from tests.mpi.flavours import Flavour
from tests.outputs import assert_same, contents, n_journaled
from tests.processes import REPORTED, Running, ecgmpi, run_ecgmpi, started

pytestmark = [pytest.mark.mpi, pytest.mark.slow]

SOON = 20.0
"""Seconds within which a rank that stands still is named."""


def status(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run_ecgmpi("status", out, "--json").expect(0).out)
    return found


def silent(out: Path) -> list[int]:
    return [rank["rank"] for rank in status(out)["ranks"] if rank["silent"]]


def until(job: Running, condition: Any, timeout: float) -> None:
    """Wait for something that takes a process to find out."""
    give_up = time.monotonic() + timeout
    while not condition():
        assert not job.ended, job.wait(5)
        assert time.monotonic() < give_up, f"that did not come about in {timeout:g} s"
        time.sleep(0.3)


def test_a_rank_that_is_suspended_is_named_and_the_job_goes_on_after_it_was_killed(
    mpich: Flavour, many: Path, alone_many: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    render = ("render", many, "-o", out, *REPORTED, "--workers", "1")
    with mpich.started(3, *render) as job:
        job.until(lambda: n_journaled(out) >= 9)
        ranks = job.ranks()
        found = status(out)
        assert (found["state"], found["expected"]) == ("running", 150)
        assert found["holders"][0].startswith(f"process {ranks[0]} on ")
        assert [rank["pid"] for rank in found["ranks"]] == ranks
        assert not any(rank["silent"] for rank in found["ranks"])

        job.signal(signal.SIGSTOP, ranks[1])
        began = time.monotonic()
        until(job, lambda: silent(out), SOON)
        assert time.monotonic() - began < SOON
        found = status(out)
        # It holds what it had in flight, and the others wait for it.
        assert silent(out) == [1]
        assert found["state"] == "running"
        assert 0 < found["left"] <= 4
        said = run_ecgmpi("status", out).expect(0).out
        (line,) = (line for line in said.splitlines() if "silent for " in line)
        assert line.split()[0] == "1"
        run_ecgmpi("report", out).expect(0)
        (matter,) = json.loads((out / "report.json").read_text())["attention"]
        assert matter["title"].startswith("rank 1 on ")
        assert f"look at process {ranks[1]} on " in matter["remedy"]
        # Once the job is over, what counts is how long before the others it fell silent, and they
        # renew their files every 2 s.
        until(job, lambda: status(out)["ranks"][1]["last_sign_s"] > SILENT_AFTER + 5, SOON)
        job.clear()

    found = status(out)
    assert (found["state"], found["rate"], found["seconds_left"]) == ("killed", 0.0, None)
    # Of a job that is over, the rank that fell silent before the others still is.
    assert silent(out) == [1]
    said = run_ecgmpi("status", out).expect(0).out
    assert "killed or cut off" in said
    assert "next: run the same ecgmpi render command again to resume" in said
    run_ecgmpi("report", out).expect(0)
    assert "killed or cut off" in (out / "report.html").read_text()

    mpich.run(2, *render).expect(0)
    found = status(out)
    assert (found["state"], found["done"], found["left"]) == ("complete", 150, 0)
    assert [rank["rank"] for rank in found["ranks"]] == [0, 1]
    assert_same(contents(out), alone_many)
    runs = json.loads((out / "report.json").read_text())["runs"]
    assert [run["ranks"] for run in runs] == [3, 2]


def test_watch_follows_the_job_to_its_end(mpich: Flavour, many: Path, tmp_path: Path) -> None:
    out = tmp_path / "OUT"
    with mpich.started(3, "render", many, "-o", out, *REPORTED, "--workers", "1") as job:
        job.until(lambda: n_journaled(out) >= 1)
        with started(ecgmpi("status", out, "--json", "--watch", "--every", "0.3")) as watch:
            job.wait(120).expect(0)
            ended = watch.wait(60).expect(0)
    assert ended.err == ""
    looks = [json.loads(line) for line in ended.out.splitlines()]
    assert [look["state"] for look in looks[:-1]] == ["running"] * (len(looks) - 1)
    assert looks[-1]["state"] == "complete"
    done = [look["done"] for look in looks]
    assert done == sorted(done)
    assert done[-1] == 150
    assert sum(rank["recordings"] for rank in looks[-1]["ranks"]) == 150


def test_to_be_watched_does_not_change_what_a_job_makes(
    mpich: Flavour, many: Path, alone_many: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    with mpich.started(3, "render", many, "-o", out, *REPORTED, "--workers", "1") as job:
        job.until(lambda: n_journaled(out) >= 1)
        while not job.ended:
            run_ecgmpi("status", out).expect(0)
            run_ecgmpi("report", out, "-o", tmp_path / "elsewhere.html").expect(0)
        assert job.wait(60).expect(0).complaints == []
    assert_same(contents(out), alone_many)


def test_under_a_launcher_rank_0_alone_tells(mpich: Flavour, many: Path, tmp_path: Path) -> None:
    out = tmp_path / "OUT"
    mpich.run(2, "render", many, "-o", out, *REPORTED).expect(0)
    assert mpich.run(2, "status", out).expect(0).out.count("complete") == 1
    assert mpich.run(2, "report", out).expect(0).out.count("report.html") == 1
    wrong = mpich.run(2, "status", tmp_path).expect(2)
    assert len(wrong.complaints) == 1
