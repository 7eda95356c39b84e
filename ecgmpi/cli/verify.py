"""``ecgmpi verify``: check an OUT against its manifest."""

from __future__ import annotations

import argparse
import json

from ecgmpi.errors import ExitStatus, UsageError
from ecgmpi.host.launch import detect
from ecgmpi.options.quantities import ALL, Part

from .arguments import named_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "out", type=named_path("OUT"), metavar="OUT", help="the folder that ecgmpi render wrote to"
    )
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="use this many processes (default: the cores it may use)",
    )
    parser.add_argument(
        "--part",
        type=_part,
        default=ALL,
        metavar="K/N",
        help="check part K of N, for many nodes (default: all of it)",
    )
    parser.add_argument(
        "--roundtrip",
        type=int,
        default=0,
        metavar="N",
        help="also decode N pictures, spread evenly, back to signals and compare these with the "
        "recordings; needs --annotate (default: 0)",
    )
    parser.add_argument(
        "--json", action="store_true", help="print one JSON document, with all names"
    )
    parser.add_argument(
        "--no-progress",
        dest="progress",
        action="store_false",
        help="do not show on standard error how far it is",
    )


def run(arguments: argparse.Namespace) -> int:
    """Check OUT and print what was found."""
    launch = detect()
    if launch and launch.rank > 0 and arguments.part == ALL:
        # One check is enough, however many ranks there are.
        return ExitStatus.COMPLETE
    for flag, value, least in (
        ("--workers", arguments.workers, 1),
        ("--roundtrip", arguments.roundtrip, 0),
    ):
        if value is not None and value < least:
            raise UsageError(f"{flag} {value}: give at least {least}")

    from ecgmpi.review.summary import as_json, as_text
    from ecgmpi.review.verify import verify

    found = verify(
        arguments.out,
        arguments.workers,
        arguments.part,
        arguments.roundtrip,
        progress=arguments.progress,
        all_names=arguments.json,
    )
    print(json.dumps(as_json(found), indent=1) if arguments.json else as_text(found))
    return found.status


def _part(given: str) -> Part:
    try:
        return Part.parse(given)
    except ValueError:
        raise UsageError(f"--part {given}: give K/N, part K of N, such as 3/8") from None
