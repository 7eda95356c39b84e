"""What ``ecgmpi doctor`` finds that jobs depend on."""

from __future__ import annotations

import re
from pathlib import Path

from tests.processes import ecgmpi, run


def test_the_folder_that_shards_are_made_in(tmp_path: Path) -> None:
    (tmp_path / "of the job").mkdir()
    none = run(ecgmpi("doctor")).expect(0).out
    assert re.search(r"^scratch +none of a job: shards are made below OUT$", none, re.M)
    job = {"SLURM_TMPDIR": str(tmp_path / "of the job")}
    found = run(ecgmpi("doctor"), job).expect(0).out
    assert re.search(rf"^scratch +{tmp_path}/of the job: .* free of ", found, re.M)
