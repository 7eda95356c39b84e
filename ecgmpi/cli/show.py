"""draw one recording, no job: says where the picture is and how large."""

from __future__ import annotations

import argparse
from dataclasses import fields, replace
from pathlib import Path

from ecgmpi.errors import ExitStatus, UsageError
from ecgmpi.layouts import STRIP
from ecgmpi.options import Rendering

from .arguments import add_options, collect

NOT_HERE = ("format", "pack")
OPTIONS = tuple(entry.name for entry in fields(Rendering) if entry.name not in NOT_HERE)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a recording")
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        metavar="PICTURE",
        help="where to (default: <record>_<lead>.png or, of a page, <record>.png, here)",
    )
    add_options(parser, Rendering, only=OPTIONS)


def run(arguments: argparse.Namespace) -> int:
    """Draw the leads asked for, or a page, and say where they are.

    Where no lead is asked for, a strip shows II or the first.
    """
    from ecgmpi.drawing import chosen
    from ecgmpi.readers import ReadHints, read
    from ecgmpi.store.atomic import write_bytes

    rendering: Rendering = collect(Rendering, arguments)
    hints = ReadHints(key=rendering.key, rate=rendering.rate, units=rendering.units)
    record = read(arguments.file, hints)
    if rendering.layout == STRIP:
        leads = rendering.leads or (("II",) if "II" in record.leads else record.leads[:1])
        if arguments.out and len(leads) > 1:
            raise UsageError(f"-o names one picture and --leads {len(leads)}; leave -o out")
        rendering = replace(rendering, leads=leads)
    layout, options = chosen(rendering)
    record = record.select(None, rendering.start, rendering.duration)
    notes = list(layout.part(record, options).notes)
    for picture in layout.pictures(record, options):
        own = "" if layout.one_page else f"_{picture.lead}"
        path = arguments.out or Path(f"{record.name}{own}.png")
        try:
            write_bytes(str(path), picture.png())
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}; name another place with -o") from error
        print(f"{path}: {picture.width} x {picture.height} pixels")
        notes += picture.notes
    for note in notes:
        print(f"  {note}")
    return ExitStatus.COMPLETE
