"""A recipe of the chapter, as it stands: from ``sbatch`` to shards with labels and splits."""

from __future__ import annotations

from pathlib import Path

import ecgmpi
from tests.cluster.conftest import ROOT, Site
from tests.cluster.slurm import User, said
from tests.recipes.chapter import recipe
from tests.recipes.corpora import ptb_xl, signals


def test_ptb_xl_as_it_stands(site: Site, user: User, test_data: Path) -> None:
    place = site.place()
    rows = ptb_xl(place / "ptb-xl", signals(test_data), ["{'NORM': 100.0}"] * 12)
    (place / "slurm").symlink_to(ROOT / "slurm")
    wanted = recipe("ptb-xl")
    # These nodes have fewer cores.
    command = [*wanted.sbatch, "--parsable", "--cpus-per-task=2", "slurm/render.sh"]
    number = site.cluster.submit(
        [*command, wanted.corpus, wanted.out, *wanted.options],
        place,
        {"ECGMPI_IMAGE": str(site.images["mpich"])},
        user,
    )
    job = site.cluster.finished(number)
    assert (job.state, job.exit) == ("COMPLETED", 0), said(job)
    train = ecgmpi.dataset(place / wanted.out, split="train")
    held_out = [row for row in rows if row["strat_fold"] in (9, 10)]
    assert len(train) == len(rows) - len(held_out) < len(rows)
    assert {sample["labels"]["scp_codes"] for sample in train} == {"{'NORM': 100.0}"}
