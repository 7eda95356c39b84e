"""draw one recording, no job: says where the picture is and how large."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import TextIO

from ecgmpi.errors import ExitStatus, JobError, RecordingError, UsageError
from ecgmpi.layouts import STRIP
from ecgmpi.options import Rendering

from .arguments import add_options, collect

NOT_HERE = ("format", "pack")
OPTIONS = tuple(entry.name for entry in fields(Rendering) if entry.name not in NOT_HERE)

OTHER_PICTURES = frozenset(
    {".bmp", ".eps", ".gif", ".jpeg", ".jpg", ".pdf", ".ps", ".svg", ".tif", ".tiff", ".webp"}
)
"""Endings, lower case with the dot, that promise what is not written."""


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
    out: Path | None = arguments.out
    if out and out.suffix.lower() in OTHER_PICTURES:
        raise UsageError(f"-o {out}: what is drawn is a PNG; name it {out.with_suffix('.png')}")
    try:
        return _show(arguments)
    except RecordingError as error:
        raise JobError(f"{arguments.file}: {error}") from error


def _show(arguments: argparse.Namespace) -> int:
    from ecgmpi.drawing import chosen
    from ecgmpi.facts import lead_facts, oddities
    from ecgmpi.limb import settle
    from ecgmpi.readers import ReadHints, read

    rendering: Rendering = collect(Rendering, arguments)
    chosen(rendering)
    record = read(arguments.file, ReadHints.of(rendering))
    if rendering.layout == STRIP:
        leads = rendering.leads or (("II",) if "II" in record.leads else record.leads[:1])
        if arguments.out and len(leads) > 1:
            raise UsageError(f"-o names one picture and --leads {len(leads)}; leave -o out")
        rendering = replace(rendering, leads=leads)
    layout, options = chosen(rendering)
    problems = oddities(record, lead_facts(record))
    record, limb = settle(record, rendering.leads, rendering.repair_limb)
    record = record.select(None, rendering.start, rendering.duration)
    notes = list(layout.part(record, options).notes)
    for picture in layout.pictures(record, options):
        own = "" if layout.one_page else f"_{picture.lead}"
        path = arguments.out or Path(f"{record.name}{own}.png")
        try:
            said = _write(path, picture.png())
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}; name another place with -o") from error
        print(f"{path}: {picture.width} x {picture.height} pixels", file=said)
        notes += picture.notes
    print(f"  limb leads {limb}", file=said)
    for line in (*problems, *notes):
        print(f"  {line}", file=said)
    return ExitStatus.COMPLETE


def _write(path: Path, data: bytes) -> TextIO:
    """Write a picture; returns where to say so: never into the picture itself.

    A pipe, a device and what a link leads to are written to; only a file is replaced.
    """
    from ecgmpi.store.atomic import write_bytes

    if _is_standard_output(path):
        with open(sys.stdout.fileno(), "wb", closefd=False) as pipe:
            pipe.write(data)
        return sys.stderr
    if path.is_symlink() or (path.exists() and not path.is_file()):
        with path.open("wb") as there:
            there.write(data)
    else:
        write_bytes(str(path), data)
    return sys.stdout


def _is_standard_output(path: Path) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(sys.stdout.fileno()))
    except (OSError, ValueError):
        return False
