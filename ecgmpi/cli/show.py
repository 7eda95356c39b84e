"""``ecgmpi show``: draw one recording."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ecgmpi.errors import ExitStatus, JobError, RecordingError, UsageError
from ecgmpi.layouts import ALL, STRIP
from ecgmpi.names import readable, written
from ecgmpi.options.labels import Labelling
from ecgmpi.options.option import OUTPUT
from ecgmpi.options.rendering import Rendering
from ecgmpi.picture_formats import CROSSINGS, ENDINGS, HIDDEN, MASKS
from ecgmpi.store.series import copy_name

from .arguments import GroupedOptions, collect, config_of, named_path

if TYPE_CHECKING:
    from ecgmpi.rendered import RenderedPicture

PIXELS = "jpg"
"""A format whose size is in pixels, as that of worn copies always is."""

_CALLED = {
    CROSSINGS: "grid crossings",
    HIDDEN: "mask of what hides ink",
    **{kind: f"{kind} mask" for kind in MASKS},
}
"""Kinds of files whose names do not say enough."""

USAGE = "%(prog)s FILE [-o PICTURE] [options]"

NOT_HERE = (
    "pack",
    "shard_recordings",
    "with_signals",
    "name_with_ending",
    *(entry.name for entry in fields(Labelling)),
)

OTHER_PICTURES = frozenset(
    {".bmp", ".eps", ".gif", ".heic", ".jp2", ".ps", ".svgz", ".tif", ".tiff", ".webp"}
)
"""Extensions, lower case with the dot, of some picture formats that are not written."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("file", type=named_path("FILE"), metavar="FILE", help="a recording")
    options = GroupedOptions(parser)
    options.group(OUTPUT).add_argument(
        "-o",
        "--out",
        type=named_path("-o"),
        metavar="PICTURE",
        help="write the picture here; the ending decides the --format (default: "
        "<record>_<lead>.png, or <record>.png for a page, in the current folder)",
    )
    options.add_config()
    options.add(Rendering, without=NOT_HERE)


def run(arguments: argparse.Namespace) -> int:
    """Draw the requested leads, or a page, and print where they are.

    If no lead is requested, a strip shows II or the first.
    """
    named = _named_format(arguments.out, getattr(arguments, "format", None))
    if named is not None:
        arguments.format = named
    try:
        return _show(arguments)
    except RecordingError as error:
        raise JobError(f"{written(str(arguments.file))}: {error}") from error


def _named_format(out: Path | None, asked: str | None) -> str | None:
    """The format that the extension of a picture's name implies; None if it implies none.

    The extension overrides a file of options, but `asked`, what was typed, must agree.

    Raises
    ------
    UsageError
        They contradict each other, or the extension is that of another kind of picture.
    """
    suffix = out.suffix.lower() if out else ""
    if suffix in OTHER_PICTURES:
        raise UsageError(
            f"-o {out}: no format has that extension; choose from {', '.join(ENDINGS)}"
        )
    named = ENDINGS.get(suffix)
    if named is None:
        return None
    if asked not in (None, named):
        raise UsageError(f"-o {out} is a {named} but --format is {asked}: leave out one of them")
    return named


def _show(arguments: argparse.Namespace) -> int:
    from ecgmpi.drawing.raster.matplotlib_setup import load_font_engine_alone
    from ecgmpi.ecg.assumptions import assumptions
    from ecgmpi.pipeline import Pipeline

    load_font_engine_alone()
    rendering: Rendering = collect(Rendering, arguments, config_of(arguments))
    # A file of options may be meant for a job, too.
    rendering = replace(rendering, pack="files", shard_recordings=None, with_signals=False)
    pipeline = Pipeline.of(rendering)
    out: Path | None = arguments.out
    if (rendering.annotate or rendering.wear) and out and not _is_plain(out):
        asked = "--annotate" if rendering.annotate else "--wear"
        raise UsageError(f"{asked}: no file can be written beside {out}; name a file with -o")
    checked = pipeline.read_and_check(arguments.file)
    if rendering.layout == STRIP:
        there = checked.record.leads
        leads = rendering.leads or (("II",) if "II" in there else there[:1])
        if out and len(leads) > 1:
            raise UsageError(f"-o names one picture and --leads {len(leads)}; leave -o out")
        pipeline = Pipeline.of(replace(rendering, leads=leads))
    elif arguments.out and rendering.pages == ALL:
        raise UsageError("-o names one picture and --pages all may draw more; leave -o out")
    drawn = pipeline.render(checked)
    record, limb = drawn.record, drawn.limb
    notes = list(record.notes)
    for rendered in drawn.pictures:
        picture = rendered.picture
        own = f"_{rendered.label}" if rendered.label else ""
        # The name of the recording is written for any program to read.
        path = out or Path(f"{record.name}{own}.{rendering.format}")
        if rendered.series:
            worn = copy_name(rendered.series, rendered.copy)
            path = _beside(path, f"~{worn}{rendered.files[0].ending}")
        spell = written if out else readable
        for file in rendered.files:
            if file.kind == "picture":
                said = _write(path, file.data)
                format = rendering.format if not rendered.series else PIXELS
                print(f"{spell(str(path))}: {_size(rendered, format)}", file=said)
            else:
                beside = _beside(path, file.ending)
                _write(beside, file.data)
                print(f"{spell(str(beside))}: its {_CALLED.get(file.kind, file.kind)}")
        notes += picture.notes
    if record.assumed:
        print(f"  assumed {', '.join(assumptions(record.assumed, record.rate))}", file=said)
    print(f"  limb leads {limb}{f': {limb.remedy}' if limb.remedy else ''}", file=said)
    for line in dict.fromkeys((*drawn.warnings, *notes)):
        print(f"  {readable(line)}", file=said)
    return ExitStatus.COMPLETE


def _beside(picture: Path, ending: str) -> Path:
    """Path of a file that belongs to a picture."""
    stem = picture.stem if picture.suffix.lower() in ENDINGS else picture.name
    return picture.with_name(stem + ending)


def _size(rendered: RenderedPicture, format: str) -> str:
    if format in ("svg", "pdf"):
        picture = rendered.picture
        px = picture.scale.px_per_mm
        return f"{picture.width / px:.1f} x {picture.height / px:.1f} mm"
    # A worn copy is not as large as its page.
    return f"{rendered.facts['width_px']} x {rendered.facts['height_px']} pixels"


def _write(path: Path, data: bytes) -> TextIO:
    """Write a file; return the stream for messages, which is never the picture itself.

    A pipe, a device or the target of a link is written to; only a regular file is replaced.

    Raises
    ------
    UsageError
        It cannot be written there.
    """
    try:
        return _written(path, data)
    except OSError as error:
        raise UsageError(
            f"{written(str(path))}: {error.strerror}; name another file with -o"
        ) from error


def _written(path: Path, data: bytes) -> TextIO:
    from ecgmpi.atomic import write_bytes

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


def _is_plain(path: Path) -> bool:
    """Whether a path is a file, or will be one."""
    return not _is_standard_output(path) and (path.is_file() or not path.exists())


def _is_standard_output(path: Path) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(sys.stdout.fileno()))
    except (OSError, ValueError):
        return False
