"""Scratch folders: the node's own where a scheduler made one, and empty after every job."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ecgmpi.host.scratch import node_scratch, remove_abandoned, scratch_folder

HOLD = """
import sys, time
from pathlib import Path
from ecgmpi.host.scratch import scratch_folder
with scratch_folder(Path(sys.argv[1])) as folder:
    (folder / "fragment").write_bytes(b"1")
    print(folder, flush=True)
    time.sleep(60)
"""


def holder(parent: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process that holds a folder."""
    command = [sys.executable, "-c", HOLD, str(parent)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_a_folder_is_gone_after_its_block(tmp_path: Path) -> None:
    def failing() -> None:
        with scratch_folder(tmp_path) as folder:
            (folder / "fragment").write_bytes(b"1")
            assert list(tmp_path.iterdir()) == [folder]
            raise KeyError

    with pytest.raises(KeyError):
        failing()
    assert not list(tmp_path.iterdir())


def test_what_a_killed_process_left_is_removed_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    killed, left = holder(tmp_path)
    alive, in_use = holder(tmp_path)
    try:
        (tmp_path / "ecgmpi-data").mkdir()
        assert left.exists()
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        with scratch_folder(tmp_path) as own:
            assert {left, in_use, own} & set(tmp_path.iterdir()) == {in_use, own}
        alive.kill()
        alive.wait()
        remove_abandoned(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["ecgmpi-data"]
    finally:
        for process in (killed, alive):
            process.kill()
            process.communicate()


def test_a_folder_of_someone_else_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "data"
    target.mkdir()
    parent = tmp_path / "scratch"
    parent.mkdir()
    (parent / ".ecgmpi-scratch-12345678").symlink_to(target)
    remove_abandoned(parent)
    assert target.exists()
    assert (parent / ".ecgmpi-scratch-12345678").is_symlink()


def test_only_a_job_has_a_scratch_folder_of_its_own(tmp_path: Path) -> None:
    folder = str(tmp_path)
    assert node_scratch({}) is None
    assert node_scratch({"TMPDIR": folder}) is None
    assert node_scratch({"TMPDIR": folder, "SLURM_JOB_ID": "7"}) == tmp_path
    assert node_scratch({"SLURM_TMPDIR": folder, "TMPDIR": "/tmp"}) == tmp_path
    # Inherited from where the job was submitted, and not there on the node.
    gone = str(tmp_path / "gone")
    assert node_scratch({"TMPDIR": gone, "SLURM_JOB_ID": "7"}) is None


def test_processes_that_start_together_have_a_folder_each(tmp_path: Path) -> None:
    holders = [holder(tmp_path) for _ in range(4)]
    try:
        assert len({folder for _, folder in holders}) == 4
        time.sleep(0.1)
        assert all((folder / "fragment").exists() for _, folder in holders)
    finally:
        for process, _ in holders:
            process.kill()
            process.communicate()
