"""Lease and limits over several ranks: rank 0 alone holds, counts and speaks."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.corpora import synthetic
from tests.mpi.flavours import Flavour
from tests.outputs import assert_same, contents, failures, manifest, n_journaled, run_json
from tests.processes import QUICK

pytestmark = pytest.mark.mpi


@pytest.mark.slow
def test_a_second_job_is_refused_once_and_harms_nothing(
    mpich: Flavour, many: Path, alone_many: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    with mpich.started(2, "render", many, "-o", out, *QUICK, "--workers", "1") as job:
        job.until(lambda: n_journaled(out) >= 1)
        pool = [*job.supervisors(), *job.workers()]
        for pid in pool:
            job.signal(signal.SIGSTOP, pid)
        for ranks in (1, 3):
            second = mpich.run(ranks, "render", many, "-o", out, *QUICK, "--overwrite").expect(1)
            assert len(second.complaints) == 1, second.err
            assert f"is in use: process {job.ranks()[0]} on" in second.complaints[0]
        for pid in pool:
            job.signal(signal.SIGCONT, pid)
        job.wait(120).expect(0)
    assert_same(contents(out), alone_many)


@pytest.mark.slow
def test_failures_of_all_ranks_count(mpi: Flavour, tmp_path: Path) -> None:
    corpus, out = synthetic(tmp_path / "in", 400), tmp_path / "OUT"
    wrong = ("render", corpus, "-o", out, *QUICK, "--workers", "1", "--key", "ecg")
    stopped = mpi.run(3, *wrong, "--max-failures", "30").expect(1)
    assert len(stopped.complaints) == 1, stopped.err
    assert "more than --max-failures 30 allows" in stopped.complaints[0]
    assert 30 < run_json(out)["recordings"] < 400
    assert len(failures(out)) == run_json(out)["recordings"]
    mpi.run(3, *wrong).expect(3)
    assert len(manifest(out)) == 400


@pytest.mark.slow
def test_time_that_is_up_drains_all_ranks(
    mpich: Flavour, many: Path, alone_many: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    render = ("render", many, "-o", out, *QUICK)
    with mpich.started(3, *render, "--time-limit", "20") as job:
        job.until(lambda: n_journaled(out) >= 3)
        for worker in job.workers():
            job.signal(signal.SIGSTOP, worker)
        ended = job.wait(20).expect(75)
        job.until_over()
    assert ended.out.count("stopped by --time-limit") == 1
    assert ended.complaints == []
    mpich.run(3, *render).expect(0)
    assert_same(contents(out), alone_many)
