"""``ecgmpi merge``: merge the parts of a job."""

from __future__ import annotations

import argparse

from ecgmpi.host.launch import detect
from ecgmpi.host.signals import interruptible

from .arguments import named_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "out",
        type=named_path("OUT"),
        metavar="OUT",
        help="the folder that all parts drew into",
    )
    parser.add_argument(
        "--no-report",
        dest="report",
        action="store_false",
        help="do not write report.html and report.json",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the manifest and print what OUT holds."""
    launch = detect()
    if launch and launch.rank > 0:
        return 0

    with interruptible():
        from ecgmpi.job.merge import merge_parts
        from ecgmpi.review.report.at_end import report_at_end

        from .ending import ended

    summary = merge_parts(arguments.out, report_at_end if arguments.report else None)
    print(ended(summary, arguments.out, drew=False))
    return summary.status
