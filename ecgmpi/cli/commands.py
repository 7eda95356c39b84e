"""Every command, a line each: what it is for, and the module that has its options and runs it."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast


class CommandModule(Protocol):
    """The module of a command; one of many options has a ``USAGE``, too, and two helps."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what the command takes."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it; the exit status."""
        ...


@dataclass(frozen=True, slots=True)
class Command:
    """A command.

    Attributes
    ----------
    module
        The module of this package that has its options and runs it; imported when the command is
        typed: the help of all commands needs none of them.
    about
        What it does, for the help.
    """

    module: str
    about: str

    def load(self) -> CommandModule:
        """Import its module."""
        return cast("CommandModule", import_module(f".{self.module}", __package__))


COMMANDS = {
    "render": Command(
        "render", "draw every recording of INPUT into OUT; under mpirun or srun, on every rank."
    ),
    "merge": Command("merge", "merge the parts of a job (render --part K/N) into one manifest."),
    "show": Command("show", "draw one recording, no job: says where the picture is and how large."),
    # A module called `inspect` would shadow the standard one.
    "inspect": Command(
        "inspect_files", "say what the reader sees: leads, rate, length, units, range, problems."
    ),
    "status": Command(
        "status",
        "tell how far the job of an OUT is, from any terminal or node, while it runs and after.",
    ),
    "verify": Command(
        "verify",
        "check every row of an OUT's manifest against the bytes, and every file against a row.",
    ),
    "report": Command(
        "report",
        "write report.html: what failed, what was assumed, how ranks did, and a contact sheet.",
    ),
    "export": Command(
        "export", "write the rows of an OUT's manifest as CSV, JSON lines or parquet."
    ),
    "label": Command(
        "label", "give a finished OUT labels from tables, or others; nothing is drawn again."
    ),
    "synth": Command(
        "synth", "make a synthetic 12-lead corpus, for a first try, tests and benchmarks."
    ),
    "doctor": Command(
        "doctor",
        "say what ecgmpi finds here: cores, MPI, launcher, filesystem, container, versions.",
    ),
}
"""Name of a command -> the command, in the order of the help."""
