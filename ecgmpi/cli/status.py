"""``ecgmpi status``: tell how far a job is."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from ecgmpi.errors import ExitStatus, UsageError
from ecgmpi.host.launch import detect

from .arguments import named_path

EVERY = 2.0
"""Seconds between two looks of ``--watch``."""

MOST_OF_THE_TIME = 0.1
"""Share of the time that ``--watch`` spends looking at a large OUT."""

_HOME_AND_CLEAR = "\x1b[H\x1b[J"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "out", type=named_path("OUT"), metavar="OUT", help="the folder that ecgmpi render writes to"
    )
    parser.add_argument(
        "--watch", action="store_true", help="look again and again until the job ends"
    )
    parser.add_argument(
        "--every",
        type=float,
        metavar="SECONDS",
        help=f"with --watch, the time between two looks, in s (default: {EVERY:g})",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document a look")


def run(arguments: argparse.Namespace) -> int:
    """Look at OUT and print what is known of its job; reads files alone, and writes none."""
    launch = detect()
    if launch and launch.rank > 0:
        return ExitStatus.COMPLETE
    asked: float | None = arguments.every
    if asked is not None and not arguments.watch:
        raise UsageError(f"--every {asked:g}: add --watch to look again and again")
    if asked is not None and not 0.1 <= asked <= 86400:
        raise UsageError(f"--every {asked:g}: give seconds from 0.1 to 86400")
    every = (EVERY if asked is None else asked) if arguments.watch else None

    try:
        _look(arguments.out, every, arguments.json)
    except KeyboardInterrupt:
        if every is None:
            raise
        # To look no longer is no failure.
    return ExitStatus.COMPLETE


def _look(out: Path, every: float | None, as_document: bool) -> None:
    """Print what is known of a job: once, or `every` so many seconds until it ends."""
    from ecgmpi.review.status import Status, as_json
    from ecgmpi.review.status_text import as_text

    on_screen = every is not None and sys.stdout.isatty() and not as_document
    while True:
        began = time.monotonic()
        status = Status.of(out)
        if as_document:
            told = json.dumps(as_json(status), indent=None if every else 1)
        else:
            told = as_text(status)
            if every is not None and not on_screen:
                told += "\n"
        print(f"{_HOME_AND_CLEAR}{told}" if on_screen else told, flush=True)
        if every is None or not status.job.alive:
            return
        took = time.monotonic() - began
        time.sleep(max(every, took / MOST_OF_THE_TIME - took))
