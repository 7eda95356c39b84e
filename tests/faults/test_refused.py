"""What is no longer the same job is refused, saying what differs, and harms nothing."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.corpora import synthetic
from tests.mpi.flavours import MissingError, mpich
from tests.outputs import assert_same, contents, n_journaled
from tests.processes import QUICK, run, started

MPI = [pytest.mark.mpi, pytest.mark.slow]


@pytest.fixture(params=["alone", pytest.param("3 ranks", marks=MPI)])
def program(ecgmpi: Path, request: pytest.FixtureRequest) -> list[object]:
    if request.param == "alone":
        return [ecgmpi]
    try:
        return mpich().command(3)
    except MissingError as missing:
        pytest.skip(str(missing))


def _said(command: list[object]) -> str:
    (line,) = run(command).expect(1).complaints
    return line


@pytest.mark.slow
def test_two_jobs_at_once(
    program: list[object], many: Path, alone_many: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    command = [*program, "render", many, "-o", out, *QUICK, "--workers", "1"]
    with started(command) as job:
        job.until(lambda: n_journaled(out) >= 1)
        pool = [*job.supervisors(), *job.workers()]
        for pid in pool:
            job.signal(signal.SIGSTOP, pid)
        holder = job.ranks()[0] if job.ranks() else job.pid
        for options in ((), ("--overwrite",)):
            assert f"is in use: process {holder} on {os.uname().nodename}" in _said(
                [*command, *options]
            )
        for pid in pool:
            job.signal(signal.SIGCONT, pid)
        job.wait(120).expect(0)
    assert_same(contents(out), alone_many)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["folder", "by hand"])
def test_samples_beside_a_header_that_were_replaced(how: str, ecgmpi: Path, tmp_path: Path) -> None:
    corpus, out = tmp_path / "in", tmp_path / "OUT"
    corpus.mkdir()
    header, samples = corpus / "rec.hea", corpus / "rec.dat"
    header.write_text("rec 1 500 500\nrec.dat 16 1000/mV 16 0 0 0 0 II\n")
    samples.write_bytes(bytes(1000))
    given = corpus if how == "folder" else header
    command: list[object] = [ecgmpi, "render", given, "-o", out, *QUICK]
    run(command).expect(0)
    assert "nothing was drawn" in run(command).expect(0).out
    # By others of the same size that are older: as rsync and tar put them there.
    os.utime(samples, ns=(1, 1))
    assert "rec.hea has changed" in _said(command)


def test_other_options_and_other_inputs(program: list[object], tmp_path: Path) -> None:
    corpus, out = synthetic(tmp_path / "in", 9), tmp_path / "OUT"
    kept = shutil.copytree(corpus, tmp_path / "kept")
    command = [*program, "render", corpus, "-o", out, *QUICK]
    run(command).expect(0)
    before = contents(out)
    line = _said([*command, "--leads", "II", "--speed", "50"])
    assert "--leads was not given, now II; --speed was 25, now 50" in line
    os.utime(corpus / "SYN000001.mat", ns=(1, 1))
    (corpus / "SYN000002.mat").unlink()
    synthetic(tmp_path / "more", 10)
    shutil.copy2(tmp_path / "more" / "SYN000010.mat", corpus)
    with (corpus / "SYN000003.mat").open("ab") as file:
        file.write(b"\0")
    line = _said(command)
    assert (
        "SYN000001.mat has changed; SYN000003.mat has changed; SYN000010.mat is new; "
        "SYN000002.mat is gone; give another OUT"
    ) in line
    assert_same(contents(out), before)
    shutil.rmtree(corpus)
    shutil.copytree(kept, corpus)
    assert "nothing was drawn" in run(command).expect(0).out
