"""Jobs that do not get as far as they would in one go."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from tests.outputs import assert_same, contents, n_journaled

from .conftest import Site
from .jobs import TWO_BY_TWO, submit
from .slurm import User, said

# Larger pictures by fewer workers, so that something can happen meanwhile.
SLOW = ("--dpi", "400", "--progress", "none", "--workers", "1")


@pytest.fixture(scope="module")
def slow_alone(site: Site) -> dict[str, str]:
    """What one process makes of the corpus with `SLOW`."""
    out = site.place() / "alone"
    image = str(site.images["mpich"])
    inside = ["apptainer", "-q", "exec", "--bind", str(site.corpus.parent), image, "ecgmpi"]
    subprocess.run([*inside, "render", site.corpus, "-o", out, *SLOW], check=True)
    return contents(out)


def _until_drawing(site: Site, place: Path, number: int, chunks: int = 3) -> None:
    give_up = time.monotonic() + 120
    while n_journaled(place / "the OUT") < chunks:
        job = site.cluster.job(number)
        assert not job.ended, said(job)
        assert time.monotonic() < give_up, said(job)
        time.sleep(0.1)


def test_a_walltime_too_short_is_drained_and_gone_on_with(
    site: Site, user: User, slow_alone: dict[str, str]
) -> None:
    place = site.place()
    # Of one minute, USR1 leaves it some seconds, or none at all.
    times = ("--time=1", "--signal=B:USR1@52")
    number = submit(site, place, *TWO_BY_TWO, *times, user=user, render=SLOW)
    job = site.cluster.finished(number, timeout=400)
    log = said(job)
    assert (job.state, job.exit) == ("COMPLETED", 0), log
    assert job.restarts >= 1, log
    assert log.count("exit 75: stopped early") == job.restarts
    assert log.count("queued again, to go on") == job.restarts
    assert_same(contents(place / "the OUT"), slow_alone)


def test_attempts_are_limited(site: Site, user: User) -> None:
    place = site.place()
    times = ("--time=1", "--signal=B:USR1@58")
    number = submit(
        site,
        place,
        *TWO_BY_TWO,
        *times,
        user=user,
        render=(*SLOW, "--dpi", "900"),
        environment={"ECGMPI_ATTEMPTS": "1"},
    )
    job = site.cluster.finished(number)
    assert (job.state, job.exit, job.restarts) == ("FAILED", 75, 0), said(job)
    assert "not queued again: 1 attempts are all" in said(job)


def test_scancel_drains(site: Site, user: User, slow_alone: dict[str, str]) -> None:
    place = site.place()
    number = submit(site, place, *TWO_BY_TWO, user=user, render=SLOW)
    _until_drawing(site, place, number)
    assert site.cluster.command(["scancel", number], place, user=user).returncode == 0
    job = site.cluster.finished(number)
    log = said(job)
    assert job.state == "CANCELLED", log
    assert "stopped by SIGTERM" in log
    assert "exit 75" in log
    assert "queued again" not in log
    again = site.cluster.finished(submit(site, place, *TWO_BY_TWO, user=user, render=SLOW))
    assert (again.state, again.exit) == ("COMPLETED", 0), said(again)
    assert_same(contents(place / "the OUT"), slow_alone)


@pytest.mark.parametrize("node", ["n1", "n2"])
def test_a_node_that_dies(site: Site, user: User, slow_alone: dict[str, str], node: str) -> None:
    # n1 runs the script and rank 0, n2 only ranks.
    place = site.place()
    number = submit(site, place, *TWO_BY_TWO, user=user, render=SLOW)
    _until_drawing(site, place, number)
    site.cluster.kill_node(node)
    site.cluster.start_node(node)
    job = site.cluster.finished(number, timeout=400)
    log = said(job)
    assert (job.state, job.exit) == ("COMPLETED", 0), log
    assert job.restarts >= 1, log
    assert_same(contents(place / "the OUT"), slow_alone)
