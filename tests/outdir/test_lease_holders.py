"""Who holds an OUT is seen without touching it: whoever just began, lives, or is gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ecgmpi.outdir.lease import EXPIRES, acquire
from ecgmpi.outdir.lease_holders import OVERDUE, holders
from ecgmpi.outdir.lease_names import part_lease

KILLED = """
import os, signal, sys
from pathlib import Path
from ecgmpi.outdir.lease import acquire
with acquire(Path(sys.argv[1]), sys.argv[2]):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def aged(path: Path, seconds: float) -> None:
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def test_nobody_holds_what_is_not_there_or_holds_no_lease(tmp_path: Path) -> None:
    assert holders(tmp_path / "nowhere") == []
    (tmp_path / "whole.lease").write_text("")
    (tmp_path / "catalogue.sqlite").write_text("")
    assert holders(tmp_path) == []


def test_this_process_is_seen_to_hold_it_and_to_let_it_go(tmp_path: Path) -> None:
    folder = tmp_path / ".ecgmpi"
    with acquire(folder):
        before = {path: path.stat().st_mtime_ns for path in (folder, *folder.iterdir())}
        (holder,) = holders(folder)
        assert (holder.gone, holder.overdue) == (False, False)
        assert str(holder).startswith(f"process {os.getpid()} on ")
        assert {path: path.stat().st_mtime_ns for path in before} == before
    assert holders(folder) == []


def test_a_lease_that_is_being_written_is_that_of_a_job_that_just_began(tmp_path: Path) -> None:
    for torn in (b"", b'{"token": "ab', b"\xff\n000000000001\n"):
        lease = tmp_path / "whole.000001.lease"
        lease.write_bytes(torn)
        (holder,) = holders(tmp_path)
        assert (str(holder), holder.gone) == ("a job that just began", False)
        aged(lease, EXPIRES + 1)
        assert holders(tmp_path)[0].gone


def test_a_clock_that_is_ahead_makes_nobody_older_or_younger(tmp_path: Path) -> None:
    (tmp_path / "whole.000001.lease").write_bytes(b"")
    aged(tmp_path / "whole.000001.lease", -3600)
    (holder,) = holders(tmp_path)
    assert (holder.age, holder.gone, holder.overdue) == (0.0, False, False)


def test_one_that_was_killed_is_gone_at_once_and_others_are_not(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), part_lease(1, 2)], check=False, timeout=60
    )
    with acquire(tmp_path, part_lease(2, 2), beat=3600.0):
        first, second = holders(tmp_path)
        assert (first.gone, second.gone) == (True, False)
        for path in tmp_path.glob("part-2*"):
            aged(path, OVERDUE + 1)
        assert holders(tmp_path)[1].overdue
