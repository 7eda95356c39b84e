"""draw one recording, no job: says where the picture is and how large."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TextIO

from ecgmpi.errors import ExitStatus, JobError, RecordingError, UsageError
from ecgmpi.options import Rendering

from .arguments import add_options, collect

OPTIONS = (
    *("layout", "leads", "start", "duration", "speed", "gain", "dpi"),
    *("rate", "units", "key", "repair_limb"),
)

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
        help="where to (default: <record>_<lead>.png, here)",
    )
    add_options(parser, Rendering, only=OPTIONS)


def run(arguments: argparse.Namespace) -> int:
    """Draw the leads asked for (lead II, or the first, where none is) and say where they are."""
    out: Path | None = arguments.out
    if out and out.suffix.lower() in OTHER_PICTURES:
        raise UsageError(f"-o {out}: what is drawn is a PNG; name it {out.with_suffix('.png')}")
    try:
        return _show(arguments)
    except RecordingError as error:
        raise JobError(f"{arguments.file}: {error}") from error


def _show(arguments: argparse.Namespace) -> int:
    from ecgmpi.drawing import chosen
    from ecgmpi.limb import settle
    from ecgmpi.readers import ReadHints, read

    rendering = collect(Rendering, arguments)
    layout, options = chosen(rendering)
    record = read(arguments.file, ReadHints.of(rendering))
    leads = rendering.leads or (("II",) if "II" in record.leads else record.leads[:1])
    if arguments.out and len(leads) > 1:
        raise UsageError(f"-o names one picture and --leads {len(leads)}; leave -o out")
    record, limb = settle(record, leads, rendering.repair_limb)
    record = record.select(leads, rendering.start, rendering.duration)
    layout.check(record, options)
    for picture in layout.pictures(record, options):
        path = arguments.out or Path(f"{record.name}_{picture.lead}.png")
        try:
            said = _write(path, picture.png())
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}; name another place with -o") from error
        print(f"{path}: {picture.width} x {picture.height} pixels", file=said)
    print(f"  limb leads {limb}", file=said)
    for note in record.notes:
        print(f"  {note}", file=said)
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
