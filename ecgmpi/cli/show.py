"""draw one recording, no job: says where the picture is and how large."""

from __future__ import annotations

import argparse
from pathlib import Path

from ecgmpi.errors import ExitStatus, UsageError
from ecgmpi.options import Rendering

from .arguments import add_options, collect

OPTIONS = (
    *("layout", "leads", "start", "duration", "speed", "gain", "dpi"),
    *("rate", "units", "key", "repair_limb"),
)


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
    from ecgmpi.drawing import LAYOUTS
    from ecgmpi.limb import settle
    from ecgmpi.readers import ReadHints, read
    from ecgmpi.store.atomic import write_bytes

    rendering = collect(Rendering, arguments)
    hints = ReadHints(key=rendering.key, rate=rendering.rate, units=rendering.units)
    record = read(arguments.file, hints)
    leads = rendering.leads or (("II",) if "II" in record.leads else record.leads[:1])
    if arguments.out and len(leads) > 1:
        raise UsageError(f"-o names one picture and --leads {len(leads)}; leave -o out")
    record, limb = settle(record, leads, rendering.repair_limb)
    record = record.select(leads, rendering.start, rendering.duration)
    layout = LAYOUTS[rendering.layout]
    options = layout.options(speed=rendering.speed, gain=rendering.gain, dpi=rendering.dpi)
    layout.check(record, options)
    for picture in layout.pictures(record, options):
        path = arguments.out or Path(f"{record.name}_{picture.lead}.png")
        try:
            write_bytes(str(path), picture.png())
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}; name another place with -o") from error
        print(f"{path}: {picture.width} x {picture.height} pixels")
    print(f"  limb leads {limb}")
    for note in record.notes:
        print(f"  {note}")
    return ExitStatus.COMPLETE
