"""Commands that do little start at once: they load nothing that they do not need."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ecgmpi.cli.commands import COMMANDS

HEAVY = {
    "numpy",
    "scipy",
    "matplotlib",
    "h5py",
    "mpi4py",
    "isal",
    "zlib_ng",
    "PIL",
    "jinja2",
    "tqdm",
}

LOADED = """
import sys
from ecgmpi.cli import main

status = main(sys.argv[1:])
print("loaded:", status, *sys.modules)
"""


def loaded(*words: str) -> tuple[int, set[str]]:
    """The exit status of a command, and the modules that are loaded at its end."""
    command = [sys.executable, "-c", LOADED, *words]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    _, status, *modules = said[said.rindex("loaded: ") :].split()
    return int(status), set(modules)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--version",), 0),
        (("--help",), 0),
        *(((name, "--help"), 0) for name in COMMANDS if name != "doctor"),
        (("render", "--help-all"), 0),
        (("render", "in"), 2),
        (("render", "in", "-o", "out", "--no-such-option"), 2),
        (("render", "in", "-o", "out", "--layout", "9x9"), 2),
        (("draw", "in"), 2),
        ((), 2),
    ],
)
def test_help_and_errors_of_usage_load_nothing_heavy(words: tuple[str, ...], expected: int) -> None:
    status, modules = loaded(*words)
    assert status == expected
    assert not HEAVY & modules


def test_a_command_loads_no_other_command() -> None:
    _, modules = loaded("status", "--help")
    ours = {name.removeprefix("ecgmpi.cli.") for name in modules}
    assert {command.module for command in COMMANDS.values()} & ours == {"status"}


def test_every_command_has_a_module_that_runs_it() -> None:
    for command in COMMANDS.values():
        module = command.load()
        assert callable(module.run)
        assert callable(module.add_arguments)
