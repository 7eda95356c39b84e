"""say what the reader sees: leads, rate, length, units, range, problems."""

from __future__ import annotations

import argparse
from pathlib import Path

from ecgmpi.errors import ExitStatus
from ecgmpi.options import Rendering

from .arguments import add_options, collect


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="recordings")
    add_options(parser, Rendering, only=("rate", "units", "key"))


def run(arguments: argparse.Namespace) -> int:
    """Print a paragraph a file; the status says whether all could be read."""
    from ecgmpi.inspect import format_text, inspect_file
    from ecgmpi.readers import ReadHints

    hints = ReadHints.of(collect(Rendering, arguments))
    failed = 0
    for number, file in enumerate(arguments.files):
        inspection = inspect_file(file, hints)
        failed += inspection.failure is not None
        print(("\n" if number else "") + format_text(inspection))
    return ExitStatus.COMPLETE_WITH_FAILURES if failed else ExitStatus.COMPLETE
