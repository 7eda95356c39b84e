"""Packed output on two nodes, and the folders of each node that shards are made in."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cluster.conftest import Site
from tests.cluster.jobs import TWO_BY_TWO, submit
from tests.cluster.slurm import User, said
from tests.faults.lost_ranks import ranks
from tests.outputs import assert_same, contents, n_journaled, shards
from tests.processes import QUICK

PACKED = ("--shard-recordings", "8", "--annotate", "lines", "--mask")
WORN = ("--layout", "3x4+1", "--wear", "photo")
NODES = ("n1", "n2")
IN_TMP = Path("tmp/of a job")
"""Below the root of a node, which has a /tmp of its own."""


def _alone(site: Site, *options: str) -> dict[str, str]:
    """What one process makes of the corpus, without Slurm."""
    out = site.place() / "alone"
    folders = ["--bind", f"{site.corpus},{out.parent}"]
    inside = ["apptainer", "-q", "exec", *folders, site.images["mpich"], "ecgmpi"]
    command = [*inside, "render", site.corpus, "-o", out, *options]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    return contents(out)


def _folder(path: Path) -> Path:
    path.mkdir(mode=0o777)
    path.chmod(0o777)
    return path


def _used(folder: Path, since: int) -> bool:
    """Whether anything was made in a folder, or removed, since it was changed at `since`."""
    return folder.stat().st_mtime_ns > since


@pytest.mark.parametrize(
    ("pack", "ending", "worn"),
    [("tar", "tar", ()), ("tar", "tar", WORN), ("hdf5", "h5", ())],
    ids=["tar", "tar, worn", "hdf5"],
)
def test_shards_are_made_on_each_node_and_moved(
    site: Site, user: User, pack: str, ending: str, worn: tuple[str, ...]
) -> None:
    place = site.place()
    options = (*QUICK, "--pack", pack, *PACKED, *worn)
    folders = [_folder(site.cluster.root(node) / IN_TMP) for node in NODES]
    made = [folder.stat().st_mtime_ns for folder in folders]
    try:
        render = (*options, "--workers", "2", "--scratch", f"/{IN_TMP}")
        job = site.cluster.finished(submit(site, place, *TWO_BY_TWO, user=user, render=render))
        assert (job.state, job.exit) == ("COMPLETED", 0), said(job)
        assert len(shards(place / "the OUT", ending)) == 25
        of_copies = place / "the OUT" / "shards" / "photo"
        assert len(list(of_copies.glob(f"*.{ending}"))) == (25 if worn else 0)
        assert_same(contents(place / "the OUT"), _alone(site, *options))
        assert all(map(_used, folders, made))
        assert [list(folder.iterdir()) for folder in folders] == [[], []]
    finally:
        for folder in folders:
            subprocess.run(["rm", "-rf", folder], check=True)


@pytest.mark.parametrize("variable", ["ECGMPI_SCRATCH", "SLURM_TMPDIR", "TMPDIR"])
def test_the_jobs_own_folder_is_seen_in_the_image(site: Site, user: User, variable: str) -> None:
    place = site.place()
    # Outside of what the image sees by itself.
    folder = _folder(place / "fast and local")
    made = folder.stat().st_mtime_ns
    render = (*QUICK, "--workers", "2", "--pack", "tar")
    number = submit(
        site, place, *TWO_BY_TWO, user=user, render=render, environment={variable: str(folder)}
    )
    job = site.cluster.finished(number)
    assert (job.state, job.exit) == ("COMPLETED", 0), said(job)
    assert f"scratch     {folder}: " in said(job)
    assert _used(folder, made)
    # What fonts are there is kept for the next job, as in any folder for temporary files.
    assert [path.name for path in folder.iterdir() if "matplotlib" not in path.name] == []


def test_a_node_without_the_jobs_folder_makes_its_shards_in_out(site: Site, user: User) -> None:
    place = site.place()
    options = (*QUICK, "--pack", "tar")
    folder = _folder(site.cluster.root("n1") / IN_TMP)
    made = folder.stat().st_mtime_ns
    try:
        number = submit(
            *(site, place, *TWO_BY_TWO),
            user=user,
            render=(*options, "--workers", "2"),
            environment={"SLURM_TMPDIR": f"/{IN_TMP}"},
        )
        job = site.cluster.finished(number)
        assert (job.state, job.exit) == ("COMPLETED", 0), said(job)
        assert_same(contents(place / "the OUT"), _alone(site, *options))
        assert _used(folder, made)
        assert list(folder.iterdir()) == []
    finally:
        subprocess.run(["rm", "-rf", folder], check=True)


def test_what_a_killed_rank_left_is_gone_when_the_job_has_ended(site: Site, user: User) -> None:
    place = site.place()
    options = ("--dpi", "300", "--progress", "none", "--pack", "tar", "--shard-recordings", "5")
    folders = [_folder(site.cluster.root(node) / IN_TMP) for node in NODES]
    render = (*options, "--workers", "1", "--scratch", f"/{IN_TMP}")
    number = submit(site, place, *TWO_BY_TWO, user=user, render=render)
    try:
        give_up = time.monotonic() + 120
        while n_journaled(place / "the OUT") < 4:
            job = site.cluster.job(number)
            assert not job.ended, said(job)
            assert time.monotonic() < give_up, said(job)
            time.sleep(0.05)
        assert all(list(folder.iterdir()) for folder in folders)
        pid, _ = ranks(site.cluster, number)[3]
        os.kill(pid, signal.SIGKILL)
        job = site.cluster.finished(number)
        assert (job.state, job.exit) == ("COMPLETED", 0), said(job)
        assert job.restarts >= 1
        assert_same(contents(place / "the OUT"), _alone(site, *options))
        assert [list(folder.iterdir()) for folder in folders] == [[], []]
    finally:
        for folder in folders:
            subprocess.run(["rm", "-rf", folder], check=True)
