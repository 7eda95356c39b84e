"""A job that hangs can be looked into: stacks on SIGQUIT, and a log a rank."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from ecgmpi.ecg.synthetic import write_corpus
from ecgmpi.job.log import MOST_BYTES
from tests.mpi.flavours import Flavour
from tests.outputs import assert_same, contents, n_journaled
from tests.processes import QUICK, run, started


@pytest.mark.slow
@pytest.mark.mpi
def test_every_process_prints_its_stacks_on_sigquit_and_goes_on(
    launcher: Flavour, ecgmpi: Path, tmp_path: Path
) -> None:
    # Each takes long to draw, and all take longer than the signals do.
    write_corpus(tmp_path / "corpus", 250, duration=20)
    options = (tmp_path / "corpus", "--no-report", "--progress", "none")
    out, undisturbed = tmp_path / "OUT", tmp_path / "UNDISTURBED"
    with started(launcher.command(2, "render", *options, "-o", out, "--workers", "1")) as job:
        job.until(lambda: n_journaled(out) >= 3 and len(job.workers()) == 2)
        # A worker may just wait for its next recording: more than once.
        for pid in (*job.ranks(), *job.supervisors(), *(job.workers() * 5)):
            job.signal(signal.SIGQUIT, pid)
            # Python writes stacks in small pieces: those of two processes would mix.
            time.sleep(0.1)
        assert n_journaled(out) < 250
        ended = job.wait(60).expect(0)
    for function in ("in lead_job", "in follow_job", "in serve", "in render"):
        assert function in ended.err
    # Two ranks, their supervisors and workers: the thread that each runs.
    assert ended.err.count("most recent call first") >= 6
    run([ecgmpi, "render", *options, "-o", undisturbed]).expect(0)
    assert_same(contents(out), contents(undisturbed))


@pytest.mark.mpi
@pytest.mark.slow
def test_each_rank_has_a_log(launcher: Flavour, many: Path, tmp_path: Path) -> None:
    out = tmp_path / "OUT"
    render = ("render", many, "-o", out, *QUICK)
    launcher.run(2, *render, "--workers", "1").expect(0)
    logs = sorted((out / ".ecgmpi" / "log").iterdir())
    assert [log.name for log in logs] == ["rank-00000.log", "rank-00001.log"]
    for number, log in enumerate(logs):
        assert f"rank {number} on " in log.read_text()
        assert log.stat().st_size < MOST_BYTES
    assert "rank 1 has finished" in logs[0].read_text()


@pytest.mark.slow
def test_a_log_that_cannot_be_written_costs_nothing(
    many: Path, alone_many: dict[str, str], ecgmpi: Path, tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    (out / ".ecgmpi").mkdir(parents=True)
    (out / ".ecgmpi" / "log").write_text("in the way")
    with started([ecgmpi, "render", many, "-o", out, *QUICK]) as job:
        assert job.wait(60).expect(0).complaints == []
    assert_same(contents(out), alone_many)
