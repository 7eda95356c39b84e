"""Jobs as a user submits them, and what came of them."""

from __future__ import annotations

from pathlib import Path

from tests.cluster.conftest import ROOT, Site
from tests.cluster.slurm import Job, User, said
from tests.outputs import assert_same, contents, run_json
from tests.processes import QUICK

RENDER = ROOT / "slurm" / "render.sh"
TWO_BY_TWO = ("--nodes=2", "--ntasks-per-node=2", "--cpus-per-task=2")


def submit(
    site: Site,
    place: Path,
    *options: str,
    image: str = "mpich",
    user: User | None = None,
    render: tuple[str, ...] = (*QUICK, "--workers", "2"),
    environment: dict[str, str] | None = None,
    corpus: Path | None = None,
) -> int:
    """``sbatch OPTIONS slurm/render.sh CORPUS OUT``, in `place`; the number of the job."""
    return site.cluster.submit(
        ["sbatch", "--parsable", *options, RENDER, corpus or site.corpus, "the OUT", *render],
        place,
        {"ECGMPI_IMAGE": str(site.images.get(image, image)), **(environment or {})},
        user,
    )


def check(site: Site, place: Path, job: Job, hosts: list[str], mpi: str) -> str:
    """Fail unless `job` is complete, by one communicator on `hosts`; its log."""
    log = said(job)
    assert (job.state, job.exit) == ("COMPLETED", 0), log
    facts = run_json(place / "the OUT")
    assert [rank["host"] for rank in facts["ranks"]] == hosts, log
    assert mpi in facts["mpi"]
    assert_same(contents(place / "the OUT"), site.alone)
    return log
