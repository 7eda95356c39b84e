"""Jobs that lose a rank; `tests.faults.lost_ranks` loses many more."""

from __future__ import annotations

import contextlib
import os
import signal
import time

import pytest

from tests.cluster.conftest import Site
from tests.cluster.jobs import TWO_BY_TWO, submit
from tests.cluster.slurm import User, said
from tests.faults.lost_ranks import lost_ranks, prepared, ranks
from tests.outputs import n_journaled

KILLS = 2


@pytest.mark.parametrize("unpack", [True, False])
def test_a_lost_rank_is_named_and_the_job_resumes(site: Site, user: User, unpack: bool) -> None:
    place = site.place()
    bed = prepared(site.cluster, user, site.images["mpich"], place, unpack)
    jobs = lost_ranks(bed, place, KILLS, seed=4, nodes=(2,))
    assert sum(len(job.kills) for job in jobs) == KILLS
    assert [str(job) for job in jobs if job.wrong] == []


def test_a_job_that_finishes_nothing_is_not_requeued_for_ever(site: Site, user: User) -> None:
    place = site.place()
    number = submit(site, place, *TWO_BY_TWO, user=user)
    give_up = time.monotonic() + 120
    for restarts in range(2):
        while (
            not (alive := ranks(site.cluster, number))
            or site.cluster.job(number).restarts != restarts
        ):
            job = site.cluster.job(number)
            assert not job.ended, said(job)
            assert time.monotonic() < give_up, said(job)
            if job.reason == "BeginTime":
                time.sleep(5)
                site.cluster.hurry(number)
            time.sleep(0.02)
        # Before it has drawn anything: MPI has not even started.
        with contextlib.suppress(ProcessLookupError):
            os.kill(alive[min(alive)][0], signal.SIGKILL)
        while restarts == 0 and site.cluster.job(number).restarts == 0:
            assert time.monotonic() < give_up, said(site.cluster.job(number))
            time.sleep(0.1)
    job = site.cluster.finished(number)
    log = said(job)
    assert n_journaled(place / "the OUT") == 0
    assert (job.state, job.exit, job.restarts) == ("FAILED", 75, 1), log
    assert "not requeued: two attempts in a row finished no recording" in log
    assert list((place / "the OUT").glob(".ecgmpi-*")) == []
