"""``ecgmpi verify`` on series of worn copies: each file is compared as one of its own series."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from ecgmpi.options.quantities import ALL, Part
from ecgmpi.results.finished import FinishedOut
from ecgmpi.review.checker import Checker
from ecgmpi.review.problems import Checked
from ecgmpi.review.tasks import ExtraTask, Setting, row_tasks, shard_tasks
from tests.review.checks import alter
from tests.worn import COPIES, LEADS, N, WornJob, WornJobs


def checked(job: WornJob, out: Path, part: Part = ALL) -> Checked:
    """What came of all checks of a part of an OUT."""
    setting = Setting(out, job.rendering.pack, job.spec, part)
    finished = FinishedOut.open(out)
    whole = Checked()
    with (
        closing(Checker(setting)) as checker,
        finished.table("pictures") as pictures,
        finished.table("shards") as shards,
    ):
        packed = job.rendering.pack != "files"
        tasks = shard_tasks(pictures, shards, part) if packed else row_tasks(pictures.n_rows, part)
        for task in (ExtraTask(), *tasks):
            whole.add(checker.check(task))
    return whole


@pytest.fixture(params=["files", "tar", "hdf5"])
def job(request: pytest.FixtureRequest, worn_jobs: WornJobs) -> WornJob:
    return worn_jobs(request.param)


@pytest.fixture
def out(job: WornJob, tmp_path: Path) -> Path:
    """A copy, to be altered."""
    return job.copied(tmp_path / "out").out


def test_an_out_as_it_was_made_has_nothing_wrong(job: WornJob) -> None:
    found = checked(job, job.out)
    assert found.problems == []
    assert found.pictures == N * len(LEADS) * COPIES
    halves = [checked(job, job.out, Part(k, 2)) for k in (1, 2)]
    assert sum(half.pictures for half in halves) == found.pictures
    assert sum(half.files for half in halves) == found.files
    assert not any(half.problems for half in halves)


def test_a_file_that_is_altered_lost_or_of_no_row_is_named(job: WornJob, out: Path) -> None:
    if job.rendering.pack == "files":
        folder = out / "images/SYN000002"
        alter(folder / "SYN000002_II~photo2.jpg", 200)
        alter(folder / "SYN000002_II~photo2.json", 20)
        (folder / "SYN000002_V1~photo1.map.npy").unlink()
        (folder / "SYN000002_V1~photo3.map.npy").write_bytes(b"of no row")
        altered = {"SYN000002_II~photo2.jpg", "SYN000002_II~photo2.json"}
        wanted = {
            *(("altered", f"images/SYN000002/{name}") for name in altered),
            ("missing", "images/SYN000002/SYN000002_V1~photo1.map.npy"),
            ("extra", "images/SYN000002/SYN000002_V1~photo3.map.npy"),
        }
    else:
        shards = out / "shards/photo"
        ending = f".{'tar' if job.rendering.pack == 'tar' else 'h5'}"
        data = (shards / f"000000{ending}").read_bytes()
        alter(shards / f"000000{ending}", data.index(b"JFIF"))
        (shards / f"000001{ending}").unlink()
        (out / f"shards/photo/000099{ending}").write_bytes(b"of no chunk")
        wanted = {
            ("altered", f"shards/photo/000000{ending}"),
            ("missing", f"shards/photo/000001{ending}"),
            ("extra", f"shards/photo/000099{ending}"),
        }
    found = checked(job, out)
    assert {(problem.kind, problem.path) for problem in found.problems} == wanted


def test_a_job_that_keeps_no_clean_picture_is_checked(worn_jobs: WornJobs) -> None:
    job = worn_jobs("tar", clean=False)
    found = checked(job, job.out)
    assert found.problems == []
    assert found.pictures == N * len(LEADS) * (COPIES - 1)
