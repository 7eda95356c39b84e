"""merge the parts of a job (render --part K/N) into one manifest."""

from __future__ import annotations

import argparse

from ecgmpi.host.launch import detect
from ecgmpi.job.merge import merge_parts
from ecgmpi.names import written

from .arguments import named_path
from .render import ended


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "out",
        type=named_path("OUT"),
        metavar="OUT",
        help="the folder that all parts drew into",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the manifest and print what OUT holds."""
    launch = detect()
    if launch and launch.rank > 0:
        return 0
    summary = merge_parts(arguments.out)
    print(ended(summary, written(str(arguments.out)), drew=False))
    return summary.status
