"""One job an OUT: who holds it is found out across hosts, and of many takers one wins."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ecgmpi.errors import JobError, StoppedError
from ecgmpi.outdir.lease import BEAT, EXPIRES, acquire
from ecgmpi.outdir.lease_names import is_lease, part_lease
from tests.corpora import synthetic
from tests.outputs import assert_same, contents, n_journaled
from tests.processes import QUICK, Running, ecgmpi, run_ecgmpi, started

HOLD = """
import sys, time
from pathlib import Path
from ecgmpi.errors import JobError
from ecgmpi.outdir.lease import acquire
try:
    with acquire(Path(sys.argv[1]), sys.argv[2], beat=0.1) as lease:
        print("held", flush=True)
        while True:
            lease.check()
            time.sleep(0.02)
except JobError as error:
    print(error, flush=True)
"""

RACE = """
import os, sys, time
from pathlib import Path
from ecgmpi.errors import JobError
from ecgmpi.outdir.lease import acquire
folder, start = Path(sys.argv[1]), float(sys.argv[2])
time.sleep(max(0, start - time.time()))
try:
    with acquire(folder, expires=0.5):
        os.close(os.open(folder / "inside", os.O_CREAT | os.O_EXCL))
        time.sleep(0.05)
        os.unlink(folder / "inside")
        print("held")
except JobError as error:
    assert "is in use" in str(error), error
    print("refused")
"""


def elsewhere(name: str) -> list[str]:
    """What to put before a command so that it runs on another host, by all it can see."""
    if subprocess.run(["unshare", "--uts", "true"], check=False, capture_output=True).returncode:
        pytest.skip("a host name of its own takes root: unshare --uts")
    return ["unshare", "--uts", "sh", "-c", f'hostname {name}; exec "$@"', "sh"]


def holder(folder: Path, name: str = "whole", *before: str, **environment: str) -> Running:
    """A process that holds the lease `name` until it is killed, and has it when this returns."""
    job = Running([*before, sys.executable, "-c", HOLD, folder, name], environment)
    job.until(lambda: bool(leases(folder, name)))
    return job


def leases(folder: Path, name: str = "") -> list[str]:
    """Names of the leases in `folder` that have been written."""
    if not folder.exists():
        return []
    found = [path for path in folder.iterdir() if is_lease(path) and path.stat().st_size]
    return sorted(path.name for path in found if path.name.startswith(name))


@pytest.mark.slow
def test_of_many_that_come_at_once_one_at_a_time_holds_it(tmp_path: Path) -> None:
    """Also where each of them finds a dead one's lease, whose death takes time to see."""
    folder = tmp_path / "OUT" / ".ecgmpi"
    for seed in range(4):
        if seed % 2:
            dead = holder(folder, "whole", *elsewhere("node1"))
            dead.clear()
        start = time.time() + 1.5
        jobs = [Running([sys.executable, "-c", RACE, folder, start]) for _ in range(6)]
        said = [job.wait(60).expect(0).out.strip() for job in jobs]
        assert set(said) <= {"held", "refused"}
        assert "held" in said
        assert leases(folder) == []


def test_a_holder_is_named_and_refused_at_once_on_its_own_host(tmp_path: Path) -> None:
    folder = tmp_path / "OUT" / ".ecgmpi"
    with started([sys.executable, "-c", HOLD, folder, "whole"], {"SLURM_JOB_ID": "77"}) as job:
        job.until(lambda: bool(leases(folder)))
        start = time.monotonic()
        with pytest.raises(JobError) as refusal, acquire(folder):
            pass
        assert time.monotonic() - start < 1
        words = f"process {job.pid} on {os.uname().nodename}, Slurm job 77, since 20"
        assert words in str(refusal.value)
        assert len(leases(folder)) == 1


def test_the_living_are_told_from_the_dead_on_another_host(tmp_path: Path) -> None:
    folder = tmp_path / "OUT" / ".ecgmpi"
    job = holder(folder, "whole", *elsewhere("node1"))
    try:
        with pytest.raises(JobError, match="on node1, since"), acquire(folder, expires=5):
            pass
        job.clear()
        start = time.monotonic()
        with acquire(folder, expires=1):
            assert time.monotonic() - start > 1
            assert leases(folder) == ["whole.000002.lease"]
    finally:
        job.clear()


def test_the_dead_on_the_same_host_are_known_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "OUT" / ".ecgmpi"
    holder(folder).clear()
    assert len(leases(folder)) == 1
    start = time.monotonic()
    with acquire(folder):
        assert time.monotonic() - start < 1
    assert leases(folder) == []


def test_a_slurm_job_that_was_restarted_knows_its_own_lease(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "OUT" / ".ecgmpi"
    slurm = {"SLURM_JOB_ID": "77", "SLURM_CLUSTER_NAME": "c", "SLURM_RESTART_COUNT": "0"}
    job = holder(folder, "whole", *elsewhere("node1"), **slurm)
    try:
        for name, value in slurm.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(JobError, match="Slurm job 77"), acquire(folder):
            pass
        monkeypatch.setenv("SLURM_RESTART_COUNT", "1")
        monkeypatch.setenv("SLURM_CLUSTER_NAME", "another")
        with pytest.raises(JobError, match="Slurm job 77"), acquire(folder):
            pass
        monkeypatch.setenv("SLURM_CLUSTER_NAME", "c")
        start = time.monotonic()
        with acquire(folder):
            assert time.monotonic() - start < 1
            # The one before it, should it be there after all, learns of it.
            said = job.wait(10).out
        assert "was taken over by process" in said
    finally:
        job.clear()


def test_one_that_stood_still_finds_that_it_was_taken_over(tmp_path: Path) -> None:
    folder = tmp_path / "OUT" / ".ecgmpi"
    job = holder(folder)
    try:
        job.signal(signal.SIGSTOP)
        job.until(lambda: ") T " in Path(f"/proc/{job.pid}/stat").read_text())
        with acquire(folder, expires=1):
            job.signal(signal.SIGCONT)
            said = job.wait(10).out
            assert f"taken over by process {os.getpid()} on {os.uname().nodename}" in said
            # And took nothing with it.
            assert leases(folder) == ["whole.000002.lease"]
    finally:
        job.clear()


def test_a_lease_that_is_removed_is_missed(tmp_path: Path) -> None:
    folder = tmp_path / "OUT" / ".ecgmpi"
    with acquire(folder, beat=0.05) as lease:
        lease.check()
        next(folder.iterdir()).unlink()
        time.sleep(1)
        with pytest.raises(JobError, match="something removed"):
            lease.check()


def test_parts_of_one_division_are_held_side_by_side_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "OUT" / ".ecgmpi"
    with acquire(folder, part_lease(1, 8)), acquire(folder, part_lease(2, 8)):
        for other in ("whole", part_lease(1, 8), part_lease(1, 4)):
            with pytest.raises(JobError, match="is in use"), acquire(folder, other):
                pass
        assert leases(folder) == ["part-1-of-8.000001.lease", "part-2-of-8.000001.lease"]
    with (
        acquire(folder),
        pytest.raises(JobError, match="is in use"),
        acquire(folder, part_lease(1, 8)),
    ):
        pass
    assert not folder.exists()


def test_waiting_can_be_stopped(tmp_path: Path) -> None:
    folder = tmp_path / "OUT" / ".ecgmpi"
    holder(folder, "whole", *elsewhere("node1")).clear()
    with pytest.raises(StoppedError, match="SIGTERM"), acquire(folder, stopped=lambda: "SIGTERM"):
        pass


def test_it_runs_out_within_a_minute_and_costs_a_write_in_five_seconds() -> None:
    assert EXPIRES + 2 * BEAT <= 60
    assert BEAT >= 5


def test_a_torn_lease_is_waited_for_and_taken(tmp_path: Path) -> None:
    folder = tmp_path / ".ecgmpi"
    folder.mkdir()
    (folder / "whole.000004.lease").write_bytes(b'{"token": "4f')
    with acquire(folder, expires=1):
        assert leases(folder) == ["whole.000005.lease"]


@pytest.mark.slow
@pytest.mark.parametrize("other_host", [False, True], ids=["same host", "another host"])
def test_two_jobs_at_once(
    other_host: bool, many: Path, alone_many: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    command = ecgmpi("render", many, "-o", out, *QUICK, "--workers", "1")
    with started(command) as job:
        job.until(lambda: n_journaled(out) >= 1)
        # It draws nothing while the others check, and keeps renewing its lease.
        for pid in (pool := [*job.supervisors(), *job.workers()]):
            job.signal(signal.SIGSTOP, pid)
        before = elsewhere("node2") if other_host else []
        for extra in ((), ("--overwrite",)):
            second = run_ecgmpi("render", many, "-o", out, *QUICK, *extra, before=before).expect(1)
            assert f"is in use: process {job.pid} on {os.uname().nodename}" in second.err
            assert len(second.complaints) == (2 if other_host else 1), second.err
        for pid in pool:
            job.signal(signal.SIGCONT, pid)
        job.wait(120).expect(0)
    assert_same(contents(out), alone_many)


def test_every_ending_lets_go_of_it(tmp_path: Path) -> None:
    corpus, out = synthetic(tmp_path / "in", 3), tmp_path / "OUT"
    (corpus / "bad.mat").write_bytes(b"")
    run_ecgmpi("render", corpus, "-o", out, *QUICK).expect(3)
    assert leases(out / ".ecgmpi") == []
    run_ecgmpi("render", corpus, "-o", out, *QUICK, "--theme", "blue").expect(1)
    assert leases(out / ".ecgmpi") == []
    (tmp_path / "nothing").mkdir()
    run_ecgmpi("render", tmp_path / "nothing", "-o", tmp_path / "new", *QUICK).expect(2)
    assert not (tmp_path / "new").exists()
