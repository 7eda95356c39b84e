"""``ecgmpi inspect``: say what the reader sees of a file."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ecgmpi.errors import ExitStatus, RecordingError, UsageError
from ecgmpi.names import written
from ecgmpi.options.rendering import Rendering

from .arguments import add_options, collect, named

if TYPE_CHECKING:
    from ecgmpi.corpus.skipped import Skipped
    from ecgmpi.readers import ReadHints

OPTIONS = ("rate", "units", "adc_gain", "key", "leads", "lead_names", "assume", "max_samples")

IN_FULL = 4
"""Up to so many files get a paragraph each; more get a line each and a summary."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "files",
        type=named("FILE"),
        nargs="+",
        metavar="FILE",
        help="recordings, folders of them, or @list.txt",
    )
    parser.add_argument(
        "--json", action="store_true", help="a JSON object a file, each on a line of its own"
    )
    add_options(parser, Rendering, only=OPTIONS)


def run(arguments: argparse.Namespace) -> int:
    """Print a paragraph per file, or a table of many; the status says if all could be read."""
    from ecgmpi.corpus.skipped import Skipped, skipped_line
    from ecgmpi.inspection import (
        TABLE_HEAD,
        Corpus,
        Inspection,
        as_json,
        format_row,
        format_text,
        inspect_file,
    )
    from ecgmpi.pipeline import hints_for
    from ecgmpi.readers import claimed_extensions

    hints = hints_for(collect(Rendering, arguments))
    skipped = Skipped()
    files = list(_files(arguments.files, hints, skipped))
    if not files:
        passed = skipped_line(skipped.counts())
        raise UsageError(
            f"no recording found in {', '.join(map(written, arguments.files))}; "
            f"what is read: {' '.join(sorted(claimed_extensions()))}"
            f"{f'. {passed}' if passed else ''}"
        )
    in_full = len(files) <= IN_FULL
    corpus = Corpus()
    if not (in_full or arguments.json):
        print(TABLE_HEAD)
    for number, (file, problem) in enumerate(files):
        inspection = Inspection(file, problem) if problem else inspect_file(file, hints)
        corpus.add(inspection)
        if arguments.json:
            print(json.dumps(as_json(inspection)))
        elif in_full:
            print(("\n" if number else "") + format_text(inspection))
        else:
            print(format_row(inspection))
    if not (in_full or arguments.json):
        print("\n" + corpus.format_text())
    if not arguments.json and (passed := skipped_line(skipped.counts())):
        print(f"\n{passed}")
    return ExitStatus.COMPLETE_WITH_FAILURES if corpus.n_failed else ExitStatus.COMPLETE


def _files(
    given: list[str], hints: ReadHints, skipped: Skipped
) -> Iterator[tuple[str, RecordingError | None]]:
    """Every recording of the named files and folders, as a job would take them.

    With each comes a problem found before the file is even opened, or None. Files of unknown
    format are counted in `skipped`.
    """
    from ecgmpi.corpus.discover import find
    from ecgmpi.corpus.segments import Wholes
    from ecgmpi.corpus.skipped import ending_of
    from ecgmpi.readers import claimed_extensions, divided, sidecars

    header_of, wholes = sidecars(), Wholes()
    for name in given:
        if not (name.startswith("@") or os.path.isdir(name)):  # noqa: PTH112
            for address in _recordings(name, hints):
                yield address, None
            continue
        # There is no OUT to skip.
        for found in sorted(
            find([name], Path("/dev/null"), claimed_extensions()), key=lambda found: found.source
        ):
            if found.unknown:
                skipped.add(ending_of(found.source))
            stem, ending = divided(found.path)
            header = stem + header_of.get(ending, "")
            beside = header != stem and (_is_there(header) or _is_there(f"{header}.gz"))
            if found.name is None or (beside and not found.by_hand):
                continue
            if not found.by_hand and wholes.have(found.path):
                continue
            if found.problem is not None:
                yield found.path, found.problem
                continue
            for address in _recordings(found.path, hints):
                yield address, None


def _recordings(path: str, hints: ReadHints) -> Iterator[str]:
    """The address of each recording in a file: the file itself, where it holds one."""
    from ecgmpi.readers import count_recordings, may_hold_many

    # To open a pipe would block.
    count = count_recordings(path, hints) if may_hold_many(path) and _is_there(path) else None
    if count is None:
        yield path
        return
    for number in range(count):
        yield f"{path}#{number}"


def _is_there(path: str) -> bool:
    """Whether there is a regular file; a name that is too long for one is none."""
    return os.path.isfile(path)  # noqa: PTH113
