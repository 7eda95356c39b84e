"""Where a job stands is told from what it left in OUT, and OUT is left as it is."""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecgmpi.errors import UsageError
from ecgmpi.outdir.lease import EXPIRES, acquire
from ecgmpi.outdir.lease_holders import OVERDUE, holders
from ecgmpi.outdir.lease_names import part_lease
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.results.activity import Activity
from ecgmpi.review.job_state import State, look_at
from ecgmpi.review.status import Status, as_json
from ecgmpi.review.status_text import as_text
from tests.corpora import synthetic
from tests.outputs import failures
from tests.processes import QUICK, run_ecgmpi
from tests.unprivileged import nobody, open_folder

from .conftest import Copied
from .jobs import kill_a_holder, unfinished


def aged(out: Path, seconds: float) -> None:
    """Let the lease be renewed so long ago."""
    (lease,) = JobPaths(out).hidden.glob("*.lease")
    then = lease.stat().st_mtime - seconds
    os.utime(lease, (then, then))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("empty")


def test_a_job_that_is_complete(files_out: Path) -> None:
    job = look_at(files_out)
    assert (job.state, job.alive, job.holders, job.stopped_by) == (State.COMPLETE, False, [], "")
    assert job.journals
    assert (job.expected, job.journals.total.recordings, job.journals.total.failed) == (7, 7, 1)
    said = as_text(Status.of(files_out)).splitlines()
    assert said[0] == f"OUT {files_out}: complete"
    assert said[1] == "  7 of 7 recordings done (100.0 %), 1 failed, 0 left"
    assert f"  failed: {failures(files_out)[0]['class']} 1" in said
    assert said[-1] == f"next: look at {files_out}/report.html and {files_out}/failures.csv"


def test_a_job_that_runs(files_out: Path, copied: Copied) -> None:
    out = unfinished(copied(files_out))
    with acquire(JobPaths(out).hidden):
        job = look_at(out)
        assert (job.state, job.alive) == (State.RUNNING, True)
        assert job.journals
        assert 0 < job.journals.total.recordings < job.expected == 7
        (line, *_) = as_text(Status.of(out)).splitlines()
        assert f"running (process {os.getpid()} on " in line
    assert look_at(out).state == State.STOPPED


def test_a_job_without_a_sign_of_life_still_runs_while_its_process_is_there(
    files_out: Path, copied: Copied
) -> None:
    """A process that is suspended, or a filesystem that hangs, is said so."""
    out = unfinished(copied(files_out))
    with acquire(JobPaths(out).hidden, beat=3600.0):
        aged(out, EXPIRES + 60)
        job = look_at(out)
        assert job.alive
        assert job.holders[0].overdue
        assert "running, but without a sign of life for 1 min" in as_text(Status.of(out))


def moved(out: Path, seconds: float, host: str) -> Path:
    """Let ranks on `host` be at work, and the clock of the filesystem be so far ahead of theirs."""
    paths = JobPaths(out)
    for path in paths.progress.iterdir():
        one = Activity.load(path)
        assert one
        one.host, one.doing, one.renewed = host, "drawing", time.time()
        one.save(path)
    for path in (*paths.progress.iterdir(), *paths.hidden.glob("*.lease")):
        then = time.time() + seconds
        os.utime(path, (then, then))
    return out


@pytest.mark.parametrize("behind", [20.0, EXPIRES + 60])
def test_a_clock_that_is_ahead_of_the_filesystem_makes_no_rank_on_this_host_silent(
    behind: float, files_out: Path, copied: Copied
) -> None:
    out = unfinished(copied(files_out))
    with acquire(JobPaths(out).hidden, beat=3600.0):
        status = Status.of(moved(out, -behind, socket.gethostname()))
        assert [rank.trouble for rank in status.ranks] == [""]
        assert as_text(status).splitlines()[0].endswith(f": running ({status.job.holders[0]})")


def test_all_silent_alike_may_be_the_clock_of_whoever_looks(
    files_out: Path, copied: Copied
) -> None:
    out = unfinished(copied(files_out))
    doubt = "the clocks of this host and of the filesystem differ"
    with acquire(JobPaths(out).hidden, beat=3600.0):
        assert doubt not in as_text(Status.of(moved(out, 0.0, "node9")))
        said = as_text(Status.of(moved(out, -20.0, "node9")))
        assert f"running, but without a sign of life for 20 s, or {doubt} (" in said
        # The lease is much older: it is no clock that is off.
        aged(out, 60.0)
        said = as_text(Status.of(out))
        assert "without a sign of life for 1 min 20 s (" in said
        assert doubt not in said


def test_a_holder_on_another_host_is_alive_until_its_lease_expires(
    files_out: Path, copied: Copied
) -> None:
    out = unfinished(copied(files_out))
    with acquire(JobPaths(out).hidden):
        (lease,) = JobPaths(out).hidden.glob("*.lease")
        owner, _, number = lease.read_bytes().partition(b"\n")
    elsewhere = json.dumps(json.loads(owner) | {"host": "node9"}).encode()
    lease.write_bytes(elsewhere + b"\n" + number)
    assert look_at(out).state == State.RUNNING
    aged(out, OVERDUE + 1)
    (holder,) = holders(JobPaths(out).hidden)
    assert (holder.gone, holder.overdue) == (False, True)
    aged(out, EXPIRES)
    job = look_at(out)
    assert (job.state, job.alive) == (State.KILLED, False)
    assert "on node9" in as_text(Status.of(out))


def test_a_job_that_was_killed(files_out: Path, copied: Copied) -> None:
    out = unfinished(copied(files_out))
    kill_a_holder(out)
    job = look_at(out)
    assert (job.state, job.alive) == (State.KILLED, False)
    said = as_text(Status.of(out))
    assert "killed or cut off; last sign of life " in said
    assert said.endswith("next: run the same ecgmpi render command again to resume")


def test_a_job_that_was_killed_after_an_earlier_run_was_complete(
    files_out: Path, copied: Copied
) -> None:
    """The manifest is there; a run that was to draw more was not."""
    out = copied(files_out)
    kill_a_holder(out)
    assert look_at(out).state == State.KILLED


def test_a_job_that_was_stopped_says_by_what(files_out: Path, copied: Copied) -> None:
    out = unfinished(copied(files_out))
    assert as_text(Status.of(out)).splitlines()[0].endswith("stopped before it was complete")
    JobPaths(out).run_json.write_text(json.dumps({"stopped_by": "--time-limit"}))
    assert look_at(out).stopped_by == "--time-limit"
    assert as_text(Status.of(out)).splitlines()[0].endswith("stopped by --time-limit")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'"stopped_by"'])
def test_a_damaged_run_json_is_none(content: bytes, files_out: Path, copied: Copied) -> None:
    out = unfinished(copied(files_out))
    JobPaths(out).run_json.write_bytes(content)
    assert (look_at(out).state, look_at(out).stopped_by) == (State.STOPPED, "")


@pytest.mark.parametrize("content", [None, b"", b"\xa5" * 5000, b"SQLite format 3\0" + bytes(5000)])
def test_a_catalogue_that_is_not_there_or_damaged(
    content: bytes | None, files_out: Path, copied: Copied
) -> None:
    out = copied(files_out)
    catalogue = JobPaths(out).catalogue
    catalogue.unlink()
    if content is not None:
        catalogue.write_bytes(content)
    assert look_at(out).state == State.STOPPED
    assert "stopped before it was complete" in as_text(Status.of(out))
    assert as_json(Status.of(out))["expected"] == 0
    assert catalogue.exists() == (content is not None)
    with acquire(JobPaths(out).hidden):
        job = look_at(out)
        assert (job.state, job.alive, job.journals) == (State.STARTING, True, None)
        assert "starting, the catalogue is being made" in as_text(Status.of(out))
    kill_a_holder(out)
    assert look_at(out).state == State.KILLED


def test_parts_that_are_all_done_are_to_be_merged(tmp_path: Path) -> None:
    corpus, out = synthetic(tmp_path / "in", 4), tmp_path / "OUT"
    for part, left in (("1/2", "to resume"), ("2/2", f"next: ecgmpi merge {out}")):
        run_ecgmpi("render", corpus, "-o", out, *QUICK, "--part", part).expect(0)
        assert as_text(Status.of(out)).endswith(left)
    run_ecgmpi("merge", out).expect(0)
    assert look_at(out).state == State.COMPLETE


def test_parts_side_by_side_are_all_named(files_out: Path, copied: Copied) -> None:
    out = unfinished(copied(files_out))
    hidden = JobPaths(out).hidden
    with acquire(hidden, part_lease(1, 3)), acquire(hidden, part_lease(3, 3)):
        job = look_at(out)
        assert (job.state, len(job.holders)) == (State.RUNNING, 2)
        (line, *_) = as_text(Status.of(out)).splitlines()
        assert line.count(f"process {os.getpid()} on ") == 2


def test_a_job_runs_while_one_of_its_parts_does(files_out: Path, copied: Copied) -> None:
    out = unfinished(copied(files_out))
    kill_a_holder(out)
    with acquire(JobPaths(out).hidden, part_lease(1, 3)):
        assert look_at(out).state == State.RUNNING


def test_an_out_that_was_copied_without_what_is_hidden_is_told_so(
    files_out: Path, tmp_path: Path
) -> None:
    out = tmp_path / "copy"
    shutil.copytree(files_out, out, ignore=shutil.ignore_patterns(".ecgmpi"))
    with pytest.raises(UsageError, match=r"no folder \.ecgmpi.*copy its folder \.ecgmpi, too"):
        look_at(out)


def test_what_is_no_out_is_refused_naming_it(files_out: Path, empty: Path) -> None:
    wrong = {
        empty: r"is not an OUT: it has no folder \.ecgmpi; name the folder",
        empty / "nowhere": "does not exist: name the folder",
        files_out / "manifest.csv": "is not a folder: name the folder",
        files_out / ".ecgmpi": "is not an OUT",
        files_out / "images": "is not an OUT",
    }
    for path, words in wrong.items():
        with pytest.raises(UsageError, match=words) as error:
            look_at(path)
        assert str(error.value).startswith(str(path))
        assert len(str(error.value).splitlines()) == 1
    assert list(empty.iterdir()) == []


def listing(out: Path) -> Iterator[tuple[str, int, int, int]]:
    """All below OUT, and OUT, with what changes if somebody writes there."""
    for path in sorted([out, *out.rglob("*")]):
        one = path.stat()
        yield str(path), one.st_size, one.st_mtime_ns, one.st_ino


def test_to_look_writes_nothing(files_out: Path, copied: Copied) -> None:
    out = unfinished(copied(files_out))
    kill_a_holder(out)
    before = list(listing(out))
    assert "killed" in as_text(Status.of(out))
    assert list(listing(out)) == before


def test_another_user_may_look_at_what_may_only_be_read(files_out: Path) -> None:
    with open_folder() as top:
        out = Path(shutil.copytree(files_out, top / "OUT"))
        for path in [out, *out.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        before = list(listing(out))
        with nobody():
            status = Status.of(out)
            assert as_text(status).splitlines()[0] == f"OUT {out}: complete"
            assert len(status.ranks) == 1
        assert list(listing(out)) == before
        # So that it can be removed by whoever is not root.
        for path in [out, *out.rglob("*")]:
            if path.is_dir():
                path.chmod(0o755)
