"""Jobs that do not get as far as they would in one go."""

from __future__ import annotations

import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cluster.conftest import Site
from tests.cluster.jobs import TWO_BY_TWO, submit
from tests.cluster.slurm import User, said
from tests.outputs import assert_same, contents, n_journaled

# Large pictures by few workers, so that something can happen meanwhile.
SLOW = ("--dpi", "600", "--progress", "none", "--workers", "1")
SLOWER = ("--dpi", "1000", "--compression", "small", *SLOW[2:])


@dataclass(frozen=True, slots=True)
class Work:
    """Recordings that take a while, and what one process makes of them."""

    corpus: Path
    alone: dict[str, str]


@pytest.fixture(scope="module")
def work(site: Site) -> Work:
    return _work(site, 300, SLOW)


def _work(site: Site, recordings: int, how: tuple[str, ...]) -> Work:
    place = site.place()
    corpus, out = place / "corpus", place / "alone"
    image = str(site.images["mpich"])
    inside = ["apptainer", "-q", "exec", "--bind", str(place), image, "ecgmpi"]
    for command in (
        ["synth", corpus, "-n", str(recordings), "--duration", "2"],
        ["render", corpus, "-o", out, *how[:-2]],
    ):
        subprocess.run([*inside, *map(str, command)], check=True, capture_output=True)
    made = contents(out)
    shutil.rmtree(out)
    return Work(corpus, made)


def _submit(
    site: Site,
    user: User,
    place: Path,
    work: Work,
    *options: str,
    render: tuple[str, ...] = SLOW,
    **more: str,
) -> int:
    return submit(
        site,
        place,
        *TWO_BY_TWO,
        *options,
        user=user,
        render=render,
        corpus=work.corpus,
        environment=more,
    )


def _until_drawing(site: Site, place: Path, number: int, chunks: int = 3) -> None:
    give_up = time.monotonic() + 120
    while n_journaled(place / "the OUT") < chunks:
        job = site.cluster.job(number)
        assert not job.ended, said(job)
        assert time.monotonic() < give_up, said(job)
        time.sleep(0.1)


def test_a_walltime_too_short_is_drained_and_gone_on_with(site: Site, user: User) -> None:
    place = site.place()
    # Of one minute, USR1 leaves it ten seconds or more, for Slurm takes its time, and its own
    # look at the clock 48; one worker has to do it, and takes longer.
    work = _work(site, 2000, SLOWER)
    times = ("--time=1", "--signal=B:USR1@50", "--nodes=1", "--ntasks-per-node=1")
    number = _submit(site, user, place, work, *times, render=SLOWER)
    job = site.cluster.finished(number, timeout=400)
    log = said(job)
    assert (job.state, job.exit) == ("COMPLETED", 0), log
    assert job.restarts >= 1, log
    assert log.count("exit 75: stopped early") == job.restarts
    assert log.count("requeued to resume") == job.restarts
    # The first attempt alone says so.
    assert log.count("a time limit of ") == 1
    assert_same(contents(place / "the OUT"), work.alone)


def test_attempts_are_limited(site: Site, user: User, work: Work) -> None:
    place = site.place()
    number = _submit(site, user, place, work, ECGMPI_ATTEMPTS="1")
    _until_drawing(site, place, number)
    # As Slurm sends it when the walltime is near.
    warn = ["scancel", "--batch", "--signal=USR1", number]
    assert site.cluster.command(warn, place, user=user).returncode == 0
    job = site.cluster.finished(number)
    assert (job.state, job.exit, job.restarts) == ("FAILED", 75, 0), said(job)
    assert "not requeued: 1 attempts are all" in said(job)


@pytest.mark.parametrize(
    ("how", "state"), [(("--batch", "--signal=USR2"), "FAILED"), ((), "CANCELLED")]
)
def test_scancel(site: Site, user: User, work: Work, how: tuple[str, ...], state: str) -> None:
    place = site.place()
    number = _submit(site, user, place, work)
    _until_drawing(site, place, number)
    assert site.cluster.command(["scancel", *how, number], place, user=user).returncode == 0
    signalled = time.monotonic()
    job = site.cluster.gone(number)
    # Well before Slurm would kill what is left.
    assert time.monotonic() - signalled < 20
    log = said(job)
    assert job.state == state, log
    assert f"stopped by {'SIGUSR1' if how else 'SIGTERM'}" in log
    assert "exit 75: stopped early" in log
    assert "requeued" not in log
    assert "waiting up to" not in log
    again = site.cluster.finished(_submit(site, user, place, work))
    assert (again.state, again.exit) == ("COMPLETED", 0), said(again)
    assert_same(contents(place / "the OUT"), work.alone)


def test_a_stop_while_ranks_are_starting(site: Site, user: User, work: Work) -> None:
    place = site.place()
    number = _submit(site, user, place, work)
    give_up = time.monotonic() + 60
    while "attempt 1" not in said(site.cluster.job(number)):
        assert time.monotonic() < give_up
        time.sleep(0.02)
    stop = ["scancel", "--batch", "--signal=USR2", number]
    assert site.cluster.command(stop, place, user=user).returncode == 0
    job = site.cluster.finished(number)
    assert (job.state, job.exit) == ("FAILED", 75), said(job)
    again = site.cluster.finished(_submit(site, user, place, work))
    assert (again.state, again.exit) == ("COMPLETED", 0), said(again)
    assert_same(contents(place / "the OUT"), work.alone)


# n1 runs the script and rank 0, n2 only ranks; one that comes back before Slurm has missed it
# (after 10 s here), and one that does not.
@pytest.mark.parametrize(("node", "away"), [("n1", 0), ("n2", 0), ("n2", 30)])
def test_a_node_that_dies(site: Site, user: User, work: Work, node: str, away: float) -> None:
    place = site.place()
    # Not always does Slurm tell; then the other ranks notice the silence.
    number = _submit(site, user, place, work, ECGMPI_RANK_TIMEOUT="20")
    _until_drawing(site, place, number)
    site.cluster.kill_node(node)
    time.sleep(away)
    site.cluster.start_node(node)
    job = site.cluster.finished(number, timeout=400)
    log = said(job)
    assert (job.state, job.exit) == ("COMPLETED", 0), log
    assert job.restarts >= 1, log
    if (node, away) == ("n2", 0):
        assert "lost node n2; " in log
    assert_same(contents(place / "the OUT"), work.alone)
