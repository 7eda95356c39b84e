"""A job that ends by itself before its time is up, or because too much of it fails."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from ecgmpi.job.stop_conditions import FEW, StopConditions
from ecgmpi.options.quantities import Allowance, Seconds
from ecgmpi.options.running import Running
from tests.corpora import synthetic
from tests.outputs import (
    assert_same,
    contents,
    failures,
    half_written,
    manifest,
    n_journaled,
    run_json,
)
from tests.processes import QUICK, ecgmpi, run_ecgmpi, started

MANY = 3000


@pytest.mark.slow
@pytest.mark.parametrize("who", ["--time-limit", "Slurm"])
def test_all_is_written_before_time_is_up_though_workers_do_not_answer(
    who: str, many: Path, alone_many: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    command = ecgmpi("render", many, "-o", out, *QUICK, "--workers", "2")
    limit = ["--time-limit", "20"] if who == "--time-limit" else []
    slurm = {} if limit else {"SLURM_JOB_END_TIME": str(int(time.time()) + 21)}
    start = time.monotonic()
    with started([*command, *limit], slurm) as job:
        job.until(lambda: n_journaled(out) >= 3)
        for worker in job.workers():
            job.signal(signal.SIGSTOP, worker)
        ended = job.wait(20 - (time.monotonic() - start)).expect(75)
        job.until_over()
    assert ended.complaints == []
    why = "--time-limit" if limit else "the time limit of Slurm"
    assert f"stopped by {why} with" in ended.out
    facts = run_json(out)
    assert (facts["status"], facts["stopped_by"]) == (75, why)
    assert len(manifest(out)) == facts["recordings"] < 150
    assert half_written(out) == []
    run_ecgmpi("render", many, "-o", out, *QUICK).expect(0)
    assert_same(contents(out), alone_many)


@pytest.mark.slow
def test_a_time_of_slurm_that_has_passed_is_not_this_jobs(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 1)
    command = ecgmpi("render", corpus, "-o", tmp_path / "OUT", *QUICK)
    for nonsense in (str(int(time.time()) - 60), "soon", ""):
        with started(command, {"SLURM_JOB_END_TIME": nonsense}) as job:
            assert job.wait(60).expect(0).complaints == []


@pytest.mark.slow
def test_a_job_that_fails_wherever_one_looks_is_stopped(tmp_path: Path) -> None:
    corpus, out = tmp_path / "in", tmp_path / "OUT"
    (source,) = synthetic(tmp_path / "one", 1).iterdir()
    corpus.mkdir()
    (corpus / "SYN000002.mat").write_bytes(b"")
    # So many that some are left by the time that failures are on disk.
    for number in {*range(1, MANY + 1)} - {2}:
        (corpus / f"SYN{number:06d}.mat").symlink_to(source)
    wrong = ("render", corpus, "-o", out, *QUICK, "--workers", "1", "--key", "ecg")
    stopped = run_ecgmpi(*wrong, "--max-failures", "10").expect(1)
    assert len(stopped.complaints) == 1
    first, *reasons = stopped.err[stopped.err.index(stopped.complaints[0]) :].splitlines()
    done = run_json(out)["recordings"]
    # What has failed counts once it is on disk: on a slow one, more is drawn meanwhile.
    assert 10 < done < MANY
    assert f"{done} of {done} recordings failed, more than --max-failures 10 allows" in first
    assert [line.split(", such as ")[0] for line in reasons] == [
        f"  no-variable {done - 1}",
        "  empty-file 1",
    ]
    assert "SYN000001.mat: " in reasons[0]
    assert "--key" in reasons[0]
    assert len(failures(out)) == done
    # As many as before is still too many; nothing more is tried.
    run_ecgmpi(*wrong, "--max-failures", "10").expect(1)
    assert run_json(out)["recordings"] == done
    # With a higher limit it resumes, up to that one.
    further = run_ecgmpi(*wrong, "--max-failures", done + 10).expect(1)
    assert f"more than --max-failures {done + 10} allows" in further.err
    assert done + 10 < run_json(out)["recordings"] < MANY
    run_ecgmpi(*wrong).expect(3)
    assert len(manifest(out)) == MANY


@pytest.mark.slow
def test_a_percentage_is_of_what_is_done_and_not_of_the_first_few(tmp_path: Path) -> None:
    corpus, out = synthetic(tmp_path / "in", 300), tmp_path / "OUT"
    for number in range(1, 26):
        (corpus / f"SYN{number:06d}.mat").write_bytes(b"")
    # 25 of the first 50 fail, and of all of them 25 of 300.
    render = ("render", corpus, "-o", out, *QUICK, "--workers", "1")
    stopped = run_ecgmpi(*render, "--max-failures", "40%").expect(1)
    # 40 % of 62 are 24.8; what is in flight then is finished.
    assert 50 <= run_json(out)["recordings"] < 100
    assert "such as SYN000001.mat: " in stopped.err
    run_ecgmpi(*render, "--max-failures", "55%").expect(3)
    # It has all been done: there is nothing to stop.
    run_ecgmpi(*render, "--max-failures", "0").expect(3)


@pytest.mark.parametrize("allowed", ["5%", "4"])
def test_a_job_that_came_to_its_end_is_complete_however_much_failed(
    allowed: str, tmp_path: Path
) -> None:
    corpus, out = synthetic(tmp_path / "in", 5), tmp_path / "OUT"
    wrong = ("render", corpus, "-o", out, *QUICK, "--key", "ecg", "--max-failures", allowed)
    ended = run_ecgmpi(*wrong).expect(3)
    assert "5 failed (no-variable 5)" in ended.out
    assert len(failures(out)) == 5


@pytest.mark.slow
def test_a_job_without_failures_may_be_allowed_none(tmp_path: Path) -> None:
    corpus = synthetic(tmp_path / "in", 60)
    render = ("render", corpus, "-o", tmp_path / "OUT", *QUICK)
    run_ecgmpi(*render, "--max-failures", "0").expect(0)
    run_ecgmpi(*render, "--max-failures", "0%").expect(0)


def test_more_failures_than_allowed_is_a_limit_of_its_own_name() -> None:
    limits = StopConditions(Running(max_failures=Allowance(2, percent=False)), {})
    limits.count(2, 2)
    assert limits.reached() == ""
    limits.count(1, 1)
    assert limits.reached() == limits.of_failures == "--max-failures 2"


def test_a_percentage_counts_from_so_many_recordings_on() -> None:
    limits = StopConditions(Running(max_failures=Allowance(10, percent=True)), {})
    limits.count(FEW - 1, 20)
    assert limits.reached() == ""
    limits.count(1, 0)
    assert limits.reached() == "--max-failures 10%"
    limits.count(150, 0)
    assert limits.reached() == ""


def test_the_more_is_done_the_earlier_time_is_up() -> None:
    limits = StopConditions(Running(time_limit=Seconds(20)), {})
    assert limits.reached() == ""
    # To find two million recordings again takes longer than what is left.
    limits.count(2_000_000, 0)
    assert limits.reached() == "--time-limit"


def test_time_that_slurm_gives_is_up_in_time_and_a_time_in_the_past_is_none() -> None:
    for left, reached in ((5, "the time limit of Slurm"), (3600, ""), (-5, "")):
        environment = {"SLURM_JOB_END_TIME": str(int(time.time()) + left)}
        assert StopConditions(Running(), environment).reached() == reached
    assert StopConditions(Running(), {"SLURM_JOB_END_TIME": "soon"}).reached() == ""
