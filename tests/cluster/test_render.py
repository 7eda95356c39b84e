"""``sbatch slurm/render.sh INPUT OUT`` on two nodes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cluster.conftest import ROOT, Site
from tests.cluster.jobs import TWO_BY_TWO, check, submit
from tests.cluster.slurm import User, said
from tests.outputs import run_json
from tests.processes import QUICK


@pytest.mark.parametrize(
    ("image", "how", "library"), [("mpich", "pmi2", "MPICH"), ("openmpi", "pmix", "Open MPI")]
)
def test_200_recordings_on_two_nodes(
    site: Site, user: User, image: str, how: str, library: str
) -> None:
    place = site.place()
    number = submit(site, place, *TWO_BY_TWO, image=image, user=user)
    log = check(site, place, site.cluster.finished(number), ["n1", "n1", "n2", "n2"], library)
    assert f"srun --mpi={how}" in log
    assert [rank["workers"] for rank in run_json(place / "the OUT")["ranks"]] == [2] * 4
    assert "2,400 pictures of 200 recordings" in log
    assert "exit 0: complete" in log
    # What to send when it fails is in every log.
    assert f"{image}.sif" in log
    assert "filesystem" in log
    assert "error" not in log


def test_one_task_needs_no_mpi(site: Site, user: User) -> None:
    place = site.place()
    job = site.cluster.finished(submit(site, place, user=user))
    host = run_json(place / "the OUT")["ranks"][0]["host"]
    assert "srun --mpi=none" in check(site, place, job, [host], "none")


HOSTS = ["n1", "n1", "n2", "n2"]


def _left_on_nodes(site: Site, place: Path, user: User) -> list[str]:
    """Copies of the image in the nodes' own folders for temporary files."""
    listed = site.cluster.command(["srun", "-N2", "-n2", "ls", "/tmp"], place, user=user)
    assert listed.returncode == 0, listed.stderr
    return [name for name in listed.stdout.split() if name.startswith("ecgmpi-image")]


@pytest.mark.parametrize("unpack", ["yes", "no"])
def test_the_image_unpacked_on_each_node_or_as_it_is(site: Site, user: User, unpack: str) -> None:
    place = site.place()
    number = submit(site, place, *TWO_BY_TWO, user=user, environment={"ECGMPI_UNPACK": unpack})
    check(site, place, site.cluster.finished(number), HOSTS, "MPICH")
    assert _left_on_nodes(site, place, user) == []


def test_what_a_killed_job_left_on_its_nodes_goes_with_the_next(site: Site, user: User) -> None:
    place = site.place()
    make = "box=/tmp/ecgmpi-image-$UID-1-$(hostname); mkdir -p $box/image && touch $box/used"
    left = site.cluster.command(["srun", "-N2", "-n2", "bash", "-c", make], place, user=user)
    assert left.returncode == 0, left.stderr
    assert len(_left_on_nodes(site, place, user)) == 2
    number = submit(site, place, *TWO_BY_TWO, user=user)
    check(site, place, site.cluster.finished(number), HOSTS, "MPICH")
    assert _left_on_nodes(site, place, user) == []


def test_a_virtual_environment_in_place_of_an_image(
    site: Site, user: User, folder: Path, sources: Path
) -> None:
    environment = folder / "venv"
    pip = [environment / "bin" / "pip", "install", "-q", "--no-index", "--no-compile"]
    for command in (
        ["/usr/bin/python3", "-m", "venv", environment],
        [*pip, "-f", folder / "wheels", "-r", sources / "container" / "mpich.lock"],
        [*pip, "-f", folder / "wheels", "-r", sources / "container" / "build.lock"],
        [*pip, "--no-deps", "--no-build-isolation", sources],
    ):
        subprocess.run([str(word) for word in command], check=True, cwd=ROOT)
    place = site.place()
    path = f"{environment / 'bin'}:/usr/bin:/bin"
    number = submit(site, place, *TWO_BY_TWO, image="none", user=user, environment={"PATH": path})
    log = check(site, place, site.cluster.finished(number), HOSTS, "MPICH")
    assert "container   none" in log


def test_a_node_that_cannot_unpack_runs_the_image_as_it_is(site: Site, user: User) -> None:
    place = site.place()
    # Whoever else has a folder of that name, with another system in it.
    first = submit(site, place, user=user)
    site.cluster.finished(first)
    plant = (
        f"[ $(hostname) != n2 ] || for number in {{{first}..{first + 9}}}; do"
        f" mkdir -p /tmp/ecgmpi-image-{user.uid}-$number-0-n2/image; done"
    )
    planted = site.cluster.command(["srun", "-N2", "-n2", "bash", "-c", plant], place)
    assert planted.returncode == 0, planted.stderr
    place = site.place()
    job = site.cluster.finished(submit(site, place, *TWO_BY_TWO, user=user))
    log = check(site, place, job, HOSTS, "MPICH")
    assert log.count("could not unpack the image into /tmp") == 2
    assert log.count("n2 could not unpack") == 2
    gone = ["srun", "-N2", "-n2", "bash", "-c", f"rm -rf /tmp/ecgmpi-image-{user.uid}-*"]
    assert site.cluster.command(gone, place).returncode == 0


def test_how_it_ended_is_known_wherever_temporary_files_go(site: Site, user: User) -> None:
    place = site.place()
    (place / "in").mkdir()
    (place / "in" / "good.mat").write_bytes((site.corpus / "SYN000001.mat").read_bytes())
    (place / "in" / "bad.mat").write_bytes(b"this is no recording")
    elsewhere = {"TMPDIR": "/nowhere/at/all"}
    number = submit(site, place, user=user, corpus=place / "in", environment=elsewhere)
    job = site.cluster.finished(number)
    assert (job.state, job.exit) == ("FAILED", 3), said(job)
    assert "exit 3: complete, with recordings that failed" in said(job)
    assert not list((place / "the OUT").glob(".ecgmpi-exit*"))


def test_too_many_failures_are_not_an_inability_to_run(site: Site, user: User) -> None:
    place = site.place()
    shutil.copytree(site.corpus, place / "in")
    (place / "in" / "A.mat").write_bytes(b"this is no recording")
    number = submit(
        site, place, user=user, corpus=place / "in", render=(*QUICK, "--max-failures", "0")
    )
    job = site.cluster.finished(number)
    assert (job.state, job.exit) == ("FAILED", 1), said(job)
    assert "exit 1: stopped because more recordings failed than --max-failures" in said(job)


def test_a_part_with_failures_says_who_lists_them(site: Site, user: User) -> None:
    place = site.place()
    (place / "in").mkdir()
    (place / "in" / "bad.mat").write_bytes(b"this is no recording")
    number = submit(site, place, "--array=1-1", user=user, corpus=place / "in", render=QUICK)
    job = site.cluster.finished(number)
    assert (job.state, job.exit) == ("FAILED", 3), said(job)
    assert f"or ecgmpi merge {place / 'the OUT'}, lists them in" in said(job)


def test_a_header_is_read_with_the_samples_beside_it(site: Site, user: User) -> None:
    place = site.place()
    (place / "in").mkdir()
    header = place / "in" / "rec.hea"
    header.write_text("rec 1 500 500\nrec.dat 16 1000/mV 16 0 0 0 0 II\n")
    header.with_suffix(".dat").write_bytes(bytes(1000))
    (place / "elsewhere").mkdir(mode=0o777)
    (place / "elsewhere").chmod(0o777)
    number = submit(site, place / "elsewhere", user=user, corpus=header)
    job = site.cluster.finished(number)
    assert (job.state, job.exit) == ("COMPLETED", 0), said(job)


def test_a_list_is_read_as_without_slurm(site: Site, user: User) -> None:
    place = site.place()
    (place / "in").mkdir()
    (place / "in" / "one.mat").write_bytes((site.corpus / "SYN000001.mat").read_bytes())
    (place / "lists").mkdir()
    (place / "lists" / "all.txt").write_text("in/one.mat\n")
    number = submit(site, place, user=user, corpus=Path("@lists/all.txt"))
    job = site.cluster.finished(number)
    assert (job.state, job.exit) == ("COMPLETED", 0), said(job)
