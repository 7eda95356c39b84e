"""What only shows with several ranks: who says what, who does how much, who fits to whom."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest

from ecgmpi.ecg.synthetic import write_corpus
from tests.mpi.flavours import Flavour
from tests.outputs import assert_same, contents, journaled, n_journaled, run_json
from tests.processes import QUICK, parent_of, run, started

pytestmark = pytest.mark.mpi


def test_no_recording_is_said_once(mpi: Flavour, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "readme.txt").write_text("nothing here")
    ended = mpi.run(3, "render", tmp_path / "in", "-o", tmp_path / "OUT").expect(2)
    assert len(ended.complaints) == 1, ended.err
    assert "no recording found" in ended.complaints[0]
    assert "pictures" not in ended.out
    assert not (tmp_path / "OUT").exists()


def test_an_input_that_does_not_exist_is_said_once(mpi: Flavour, tmp_path: Path) -> None:
    ended = mpi.run(3, "render", tmp_path / "nowhere", "-o", tmp_path / "OUT").expect(2)
    assert len(ended.complaints) == 1, ended.err
    assert "nowhere: No such file or directory" in ended.complaints[0]


def test_a_usage_error_is_said_once(mpi: Flavour, one: Path, tmp_path: Path) -> None:
    ended = mpi.run(3, "render", one, "-o", tmp_path / "OUT", "--speed", "fast").expect(2)
    assert len(ended.complaints) == 1, ended.err
    assert "--speed" in ended.complaints[0]
    ended = mpi.run(3, "render", one, "-o", tmp_path / "OUT", "--speed", "-1").expect(2)
    assert len(ended.complaints) == 1, ended.err
    assert "above 0 mm/s" in ended.complaints[0]


def test_other_options_on_an_old_out_are_said_once(
    mpich: Flavour, one: Path, tmp_path: Path
) -> None:
    mpich.run(2, "render", one, "-o", tmp_path / "OUT", *QUICK).expect(0)
    ended = mpich.run(2, "render", one, "-o", tmp_path / "OUT", "--dpi", "70").expect(1)
    assert len(ended.complaints) == 1, ended.err
    assert "--dpi was 60, now 70" in ended.complaints[0]


def test_help_and_version_are_said_once(mpich: Flavour) -> None:
    assert mpich.run(3, "--version").expect(0).out.count("ecgmpi") == 1
    assert mpich.run(3, "render", "--help").expect(0).out.count("usage:") == 1


@pytest.mark.slow
def test_a_slow_rank_gets_fewer_chunks(
    mpi: Flavour, many: Path, alone_many: dict[str, str], tmp_path: Path
) -> None:
    """Rank 1 stands still until the others have done all that it did not hold by then."""
    out = tmp_path / "OUT"
    with mpi.started(2, "render", many, "-o", out, *QUICK, "--workers", "1") as job:
        job.until(lambda: len(journaled(out).get(1, [])) > 0)
        rank = job.ranks()[1]
        job.signal(signal.SIGSTOP, rank)
        before = len(journaled(out)[1])
        # The rank of one worker has two recordings in flight, and may have requested two more.
        job.until(lambda: n_journaled(out) >= 150 - 4)
        job.signal(signal.SIGCONT, rank)
        job.wait(60).expect(0)
    done = journaled(out)
    assert len(done[1]) <= before + 4
    assert len(done[0]) > len(done[1])
    assert_same(contents(out), alone_many)


@pytest.mark.slow
def test_ranks_with_unequal_workers(
    mpi: Flavour, many: Path, alone_many: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    render = ("render", many, "-o", out, *QUICK)
    mpi.run_unequal([*render, "--workers", "1"], [*render, "--workers", "3"]).expect(0)
    assert [rank["workers"] for rank in run_json(out)["ranks"]] == [1, 3]
    assert_same(contents(out), alone_many)


@pytest.mark.slow
def test_ranks_bound_to_one_core_keep_one_worker_each(
    mpich: Flavour, many: Path, tmp_path: Path
) -> None:
    core = str(min(os.sched_getaffinity(0)))
    command = mpich.command(3, "render", many, "-o", tmp_path / "OUT", *QUICK)
    run(["taskset", "-c", core, *command], mpich.environment).expect(0)
    assert [rank["workers"] for rank in run_json(tmp_path / "OUT")["ranks"]] == [1, 1, 1]


def test_cores_are_shared_out_among_ranks(mpi: Flavour, one: Path, tmp_path: Path) -> None:
    cores = len(os.sched_getaffinity(0))
    mpi.run(2, "render", one, "-o", tmp_path / "OUT", *QUICK).expect(0)
    workers = [rank["workers"] for rank in run_json(tmp_path / "OUT")["ranks"]]
    assert workers == [max(1, cores // 2)] * 2


def test_a_rank_bound_to_one_core_is_told_how_not_to_be(
    openmpi: Flavour, one: Path, tmp_path: Path
) -> None:
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one core: there is nothing to bind to")
    command = [openmpi.mpirun, "--bind-to", "core", "-n", "1", openmpi.ecgmpi]
    render = ["render", one, "-o", tmp_path / "OUT", *QUICK]
    ended = run([*command, *render], openmpi.environment).expect(0)
    assert len(ended.complaints) == 1, ended.err
    assert "--bind-to none" in ended.complaints[0]


@pytest.mark.slow
def test_workers_end_with_the_job(mpi: Flavour, many: Path, tmp_path: Path) -> None:
    """`run` fails if a process is left; and a job of three ranks has three supervisors."""
    out = tmp_path / "OUT"
    with mpi.started(3, "render", many, "-o", out, *QUICK, "--workers", "2") as job:
        job.until(lambda: len(job.workers()) == 6)
        assert len({parent_of(worker) for worker in job.workers()}) == 3
        job.wait(60).expect(0)
        job.until_over()


def loaded_by(pid: int) -> set[str]:
    """Names of the files that a process has mapped, up to the first dot."""
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return {Path(line.split()[-1]).name.partition(".")[0] for line in lines if "/" in line}


def sockets_of(pid: int) -> set[str]:
    """The sockets and pipes that a process has open, but for its standard streams."""
    folder = Path(f"/proc/{pid}/fd")
    held = {entry.readlink() for entry in folder.iterdir() if int(entry.name) > 2}
    return {str(one) for one in held if str(one).startswith(("socket:", "pipe:"))}


def test_a_rank_only_coordinates_and_a_supervisor_knows_no_mpi(
    mpich: Flavour, many: Path, tmp_path: Path
) -> None:
    out = tmp_path / "OUT"
    with mpich.started(2, "render", many, "-o", out, *QUICK, "--workers", "1") as job:
        job.until(lambda: n_journaled(out) > 2 and len(job.workers()) == 2)
        ranks, supervisors, workers = job.ranks(), job.supervisors(), job.workers()
        assert sorted(map(parent_of, supervisors)) == sorted(ranks)
        for pid in (*supervisors, *workers):
            assert "ft2font" in loaded_by(pid)
            assert not {"libmpi", "_path", "_qhull", "_mio_utils"} & loaded_by(pid)
        for pid in ranks:
            assert "libmpi" in loaded_by(pid)
            assert not {"ft2font", "_path", "_mio_utils"} & loaded_by(pid)
        for one in supervisors:
            assert not sockets_of(one) & sockets_of(parent_of(one))
        # Nor has any started a thread for computing.
        for pid in (*supervisors, *workers):
            assert len(list(Path(f"/proc/{pid}/task").iterdir())) == 1
        job.wait(60).expect(0)


def test_copies_that_do_not_know_of_each_other_are_refused(
    mpich: Flavour, debian_openmpi: Flavour, one: Path, tmp_path: Path
) -> None:
    """MPICH's launcher, and a program that finds an Open MPI: eight times rank 0 of 1."""
    out = tmp_path / "OUT"
    command = [mpich.mpirun, "-n", "8", debian_openmpi.ecgmpi, "render", one, "-o", out]
    ended = run(command, debian_openmpi.environment).expect(1)
    assert len(ended.complaints) == 1, ended.err
    assert re.search(r"started 8 processes.*rank 0 of\s+1.*mpirun", ended.complaints[0])
    assert "\0" not in ended.err
    assert not out.exists()


def test_open_mpi_launching_mpich_is_refused(
    openmpi: Flavour, mpich: Flavour, one: Path, tmp_path: Path
) -> None:
    """Left to itself, MPICH aborts in MPI_Init with a page about its insides."""
    out = tmp_path / "OUT"
    command = [openmpi.mpirun, *openmpi.crowded, "-n", "3", mpich.ecgmpi, "render", one, "-o", out]
    ended = run(command, openmpi.environment).expect(1)
    assert len(ended.complaints) == 1, ended.err
    assert "MPICH" in ended.complaints[0]
    assert "Abort(" not in ended.err
    assert not out.exists()


def test_an_mpi_that_cannot_be_loaded_is_said_once(
    debian_openmpi: Flavour, one: Path, tmp_path: Path
) -> None:
    missing = {"MPI4PY_LIBMPI": "/nowhere/libmpi.so"}
    command = debian_openmpi.command(2, "render", one, "-o", tmp_path / "OUT")
    ended = run(command, debian_openmpi.environment | missing).expect(1)
    assert len(ended.complaints) == 1, ended.err
    assert "MPI cannot be loaded" in ended.complaints[0]
    assert not (tmp_path / "OUT").exists()


def _one_without_mpi(mpich: Flavour, one: Path, out: Path) -> list[object]:
    render: list[object] = [mpich.ecgmpi, "render", one, "-o", out]
    missing = ["-env", "MPI4PY_LIBMPI", "/nowhere/libmpi.so"]
    return [mpich.mpirun, "-n", "1", *render, ":", "-n", "1", *missing, *render]


@pytest.mark.slow
def test_one_rank_that_cannot_start_is_said_and_not_waited_for_for_ever(
    mpich: Flavour, one: Path, tmp_path: Path
) -> None:
    command = _one_without_mpi(mpich, one, tmp_path / "OUT")
    ended = run(command, mpich.environment | {"ECGMPI_START_TIMEOUT": "5"}, timeout=60)
    assert ended.status != 0
    said = sorted(ended.complaints, key=lambda line: "waited" in line)
    assert len(said) == 2, ended.err
    assert "rank 1 of 2" in said[0]
    assert "MPI cannot be loaded" in said[0]
    assert "rank 0 of 2" in said[1]
    assert "has waited 5 s for the other ranks to start" in said[1]
    assert not (tmp_path / "OUT").exists()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_rank_that_waits_for_others_to_start_can_be_stopped(
    number: signal.Signals, mpich: Flavour, one: Path, tmp_path: Path
) -> None:
    command = _one_without_mpi(mpich, one, tmp_path / "OUT")
    with started(command, mpich.environment) as job:
        # The other one has said its word and is gone: this one waits inside MPI.
        job.until(lambda: len(job.ranks()) == 2)
        job.until(lambda: len(job.ranks()) == 1)
        job.signal(number, job.ranks()[0])
        assert job.wait(10).status != 0


def test_doctor_under_a_launcher(mpi: Flavour) -> None:
    said = mpi.run(3, "doctor").expect(0).out
    assert said.count("launcher ") == 1
    assert re.search(r"launcher +rank 0 of 3", said)
    assert re.search(r"MPI +" + ("Open MPI" if mpi.is_openmpi else "MPICH"), said)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one recording."""
    folder = tmp_path_factory.mktemp("one")
    write_corpus(folder, 1, duration=1)
    return folder
