"""``ecgmpi export``: write the rows of an OUT's manifest."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ecgmpi.atomic import replacing
from ecgmpi.errors import ExitStatus, UsageError
from ecgmpi.host.launch import detect
from ecgmpi.names import written
from ecgmpi.results.columns import TABLES

from .arguments import named_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "out",
        nargs="?",
        type=named_path("OUT"),
        metavar="OUT",
        help="the folder that ecgmpi render wrote to",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--csv", dest="format", action="store_const", const="csv", help="as CSV")
    how.add_argument(
        "--jsonl",
        dest="format",
        action="store_const",
        const="jsonl",
        help="as JSON lines, an object a row",
    )
    how.add_argument(
        "--parquet",
        dest="format",
        action="store_const",
        const="parquet",
        help="as parquet; needs -o and the extra parquet",
    )
    how.add_argument(
        "--columns", action="store_true", help="list the columns with type and meaning, and exit"
    )
    parser.add_argument(
        "--rows",
        choices=tuple(TABLES),
        metavar="|".join(TABLES),
        help="which rows to write (default: pictures)",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=named_path("-o"),
        metavar="FILE",
        help="write to this file, whole or not at all (default: standard output)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the rows, or list the columns."""
    launch = detect()
    if launch and launch.rank > 0:
        return ExitStatus.COMPLETE
    if arguments.columns:
        _list_columns([arguments.rows] if arguments.rows else list(TABLES))
        return ExitStatus.COMPLETE
    if arguments.out is None:
        raise UsageError("name OUT, the folder that ecgmpi render wrote to")
    if arguments.format is None:
        raise UsageError("choose a format: --csv, --jsonl or --parquet")
    if arguments.format == "parquet" and arguments.output is None:
        raise UsageError("--parquet: name a file with -o; parquet is not for standard output")

    from ecgmpi.results.finished import FinishedOut
    from ecgmpi.review.export import FORMATS

    out = FinishedOut.open(arguments.out)
    if unfinished := out.unfinished():
        print(f"ecgmpi: {unfinished}", file=sys.stderr)
    with out.table(arguments.rows or "pictures") as table, _opened(arguments.output) as handle:
        FORMATS[arguments.format](table, handle)
    return ExitStatus.COMPLETE


@contextmanager
def _opened(path: Path | None) -> Iterator[IO[bytes]]:
    """What to write to: a file that is replaced in one step, or a stream."""
    if path is None:
        with open(sys.stdout.fileno(), "wb", closefd=False) as handle:
            yield handle
        return
    try:
        if path.exists() and not path.is_file():
            # A pipe, or a device.
            with path.open("wb") as handle:
                yield handle
        else:
            with replacing(path) as temporary, temporary.open("wb") as handle:
                yield handle
    except OSError as error:
        raise UsageError(
            f"{written(str(path))}: {error.strerror or error}; name another file with -o"
        ) from error


def _list_columns(tables: list[str]) -> None:
    lines = [
        (f"{name}/{column.name}", column.dtype, column.about)
        for name in tables
        for column in TABLES[name]
    ]
    widths = [max(len(line[k]) for line in lines) for k in range(2)]
    for name, dtype, about in lines:
        print(f"{name:<{widths[0]}}  {dtype:<{widths[1]}}  {about}")
