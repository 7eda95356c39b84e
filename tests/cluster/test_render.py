"""``sbatch slurm/render.sh INPUT OUT`` on two nodes."""

from __future__ import annotations

import pytest

from tests.outputs import run_json

from .conftest import Site
from .jobs import TWO_BY_TWO, check, submit
from .slurm import User


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
