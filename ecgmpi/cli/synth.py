"""``ecgmpi synth``: make a synthetic corpus."""

from __future__ import annotations

import argparse

from ecgmpi.amounts import count
from ecgmpi.errors import ExitStatus, UsageError

from .arguments import named_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "out", type=named_path("OUT"), metavar="OUT", help="folder for the recordings"
    )
    parser.add_argument(
        "-n", type=int, default=20, metavar="N", help="how many recordings (default: 20)"
    )
    parser.add_argument("--seed", type=int, default=0, help="another seed, others (default: 0)")
    parser.add_argument(
        "--duration", type=float, default=10.0, metavar="X", help="length (s, default: 10)"
    )
    parser.add_argument(
        "--rate", type=float, default=500.0, metavar="X", help="sampling rate (Hz, default: 500)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the corpus."""
    from ecgmpi.ecg.synthetic import write_corpus

    if arguments.n < 1:
        raise UsageError(f"-n {arguments.n}: give at least 1")
    if not (arguments.duration > 0 and arguments.rate > 0):
        raise UsageError("--duration and --rate: give numbers above 0")
    new = write_corpus(
        arguments.out,
        arguments.n,
        seed=arguments.seed,
        duration=arguments.duration,
        rate=arguments.rate,
    )
    there = "" if new == arguments.n else f", {new:,} of them new"
    print(f"{count(arguments.n, 'recording')} in {arguments.out}{there}")
    return ExitStatus.COMPLETE
