"""INPUT to a catalogue of its recordings; refuse an INPUT and OUT that conflict."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ecgmpi.errors import StoppedError, UsageError
from ecgmpi.names import written
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.readers import claimed_extensions

from .catalogue import Catalogue
from .chunks import FILES, Chunking
from .containers import Count, each_recording
from .discover import Found, find
from .skipped import skipped_line

CHECK_EVERY = 64
"""Files of a walk between two checks whether the job was stopped."""


def catalogue_of(
    path: Path,
    inputs: list[str],
    out: Path,
    count: Count,
    stopped: Callable[[], str] = str,
    *,
    with_ending: bool = False,
    chunking: Chunking = FILES,
    tables: Iterable[str] = (),
) -> Catalogue:
    """Write the catalogue of all recordings of `inputs` to `path`.

    Parameters
    ----------
    path
        Of the catalogue; what is there is replaced.
    inputs
        Files, folders and lists, as the user names them.
    out
        OUT, which a walk skips.
    count
        Counts the recordings of a file that may hold many.
    stopped
        Why the job is to stop, in words; empty while it is not.
    with_ending
        Whether recordings are named with the endings of their files.
    chunking
        How recordings are divided into chunks.
    tables
        Files that hold labels: a walk passes by them.

    Raises
    ------
    UsageError
        An INPUT is wrong, there is no recording, or two would land on one path in OUT.
    StoppedError
        The job was stopped meanwhile.
    """
    files = find(inputs, out, claimed_extensions())
    if of_labels := frozenset(map(os.path.abspath, tables)):
        files = (_unless_table(file, of_labels) for file in files)
    if with_ending:
        files = map(_with_ending, files)
    recordings = _until_stopped(each_recording(files, count), stopped)
    catalogue = Catalogue.build(path, recordings, chunking)
    try:
        refuse_empty(catalogue, inputs)
    except UsageError:
        catalogue.close()
        raise
    return catalogue


def _with_ending(found: Found) -> Found:
    return found if found.name is None else replace(found, name=found.source)


def _unless_table(found: Found, tables: frozenset[str]) -> Found:
    is_table = found.path in tables and not found.by_hand
    return replace(found, name=None) if is_table else found


def _until_stopped(found: Iterable[Found], stopped: Callable[[], str]) -> Iterator[Found]:
    for number, entry in enumerate(found):
        if number % CHECK_EVERY == 0 and (why := stopped()):
            raise StoppedError(why)
        yield entry


def refuse_empty(catalogue: Catalogue, inputs: Iterable[str]) -> None:
    """Refuse a job that has nothing to do.

    Raises
    ------
    UsageError
        There is no recording.
    """
    if not catalogue.n_recordings:
        given = ", ".join(map(written, inputs))
        skipped = f". {skipped_line(catalogue.skipped)}" if catalogue.skipped else ""
        raise UsageError(
            f"no recording found in {given} ({catalogue.n_ignored} files ignored);"
            f" what is read: {' '.join(sorted(claimed_extensions()))}{skipped}"
        )


def refuse_same(paths: JobPaths, inputs: Iterable[str]) -> None:
    """Refuse an OUT that is an INPUT, holds one where pictures go, or is not a folder.

    Raises
    ------
    UsageError
        It is.
    """
    for given in inputs:
        with suppress(OSError):
            if paths.out.samefile(given):
                raise UsageError(
                    f"INPUT and OUT are both {written(given)}; give a folder of its own with -o"
                )
        real = Path(given.removeprefix("@")).resolve()
        for ours in paths.removable:
            if real == ours.resolve() or ours.resolve() in real.parents:
                raise UsageError(
                    f"INPUT {written(given)} lies in OUT, where the job puts its {ours.name}; "
                    "give another OUT with -o"
                )
    for folder in (paths.out, paths.images, paths.shards, paths.hidden):
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"OUT {folder} is a file; give a folder with -o")
