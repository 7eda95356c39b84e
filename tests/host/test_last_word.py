"""A line below what a launcher prints: never in the way of anybody, never at the wrong place."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ecgmpi.host.last_word import launcher_above
from tests.terminal import terminal

LAUNCHER = """#!/bin/bash
"$@"
status=$?
sleep 0.2
echo 'the launcher has its say' >&2
exit $status
"""

PROGRAM = """
import os, signal, sys
from ecgmpi.host.last_word import LastWord
word = LastWord("otherwise")
os.write(2, b"trouble\\n")
if sys.argv[1] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
word.say(sys.argv[1])
"""


@pytest.fixture
def mpirun(tmp_path: Path) -> Path:
    """A launcher that prints a text of its own at the end."""
    script = tmp_path / "mpirun"
    script.write_text(LAUNCHER)
    script.chmod(0o755)
    return script


def without_slurm() -> dict[str, str]:
    """The environment, without what a Slurm around the tests has set."""
    return {name: value for name, value in os.environ.items() if "SLURM" not in name}


def launched(mpirun: Path, line: str, **slurm: str) -> subprocess.CompletedProcess[str]:
    """What a launcher and its program print, into a pipe, until the last has closed it."""
    return subprocess.run(
        [mpirun, sys.executable, "-c", PROGRAM, line],
        stderr=subprocess.PIPE,
        env=without_slurm() | slurm,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_stands_below_what_the_launcher_prints(mpirun: Path) -> None:
    said = launched(mpirun, "verdict").stderr.splitlines()
    assert said == ["trouble", "the launcher has its say", "verdict"]


def test_it_is_said_of_a_program_that_was_killed(mpirun: Path) -> None:
    assert launched(mpirun, "killed").stderr.splitlines()[-1] == "otherwise"


def test_nothing_is_said_where_nothing_is_to_be(mpirun: Path) -> None:
    assert launched(mpirun, "").stderr.splitlines()[-1] == "the launcher has its say"


def test_slurm_is_left_to_its_own_script(mpirun: Path) -> None:
    said = launched(mpirun, "verdict", SLURM_JOB_ID="7").stderr.splitlines()
    assert said[-1] == "the launcher has its say"


def test_a_file_keeps_what_others_write_to_it(mpirun: Path, tmp_path: Path) -> None:
    """The shell, which opened the file, writes to it once the launcher has ended."""
    log = tmp_path / "log"
    shell = ["bash", "-c", '{ "$@"; sleep 0.5; echo after >&2; } 2>"$0"', str(log)]
    command = [*shell, str(mpirun), sys.executable, "-c", PROGRAM, "verdict"]
    subprocess.run(command, env=without_slurm(), timeout=60, check=True)
    lines = log.read_text().splitlines()
    # Where the system does not let it write at the right place, it writes nothing.
    assert [line for line in lines if line != "verdict"] == [
        *("trouble", "the launcher has its say", "after")
    ]


def test_it_is_said_on_a_terminal(mpirun: Path) -> None:
    with terminal(80) as shown:
        command = [str(mpirun), sys.executable, "-c", PROGRAM, "verdict"]
        subprocess.run(command, stderr=shown.near, env=without_slurm(), timeout=60, check=True)
        give_up = time.monotonic() + 10
        while "verdict" not in shown.text() and time.monotonic() < give_up:
            time.sleep(0.01)
        assert shown.lines() == ["trouble", "the launcher has its say", "verdict", ""]


def test_a_program_without_a_launcher_starts_nothing() -> None:
    assert launcher_above(1) is None
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, "verdict"], capture_output=True, text=True, check=True
    )
    assert ended.stderr == "trouble\n"
