"""The recordings that INPUT comes to, and which INPUT and OUT do not go together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

from ecgmpi.errors import StoppedError, UsageError
from ecgmpi.options.declared import Rendering
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.readers import ReadHints, claimed_extensions

from .catalogue import Catalogue
from .containers import each_recording
from .discover import Found, find
from .skipped import skipped_line

LOOK_EVERY = 64
"""Files of a walk between two looks at whether the job was stopped."""


def found(
    paths: JobPaths, inputs: list[str], rendering: Rendering, stopped: Callable[[], str]
) -> Iterator[Found]:
    """Find every recording of `inputs`.

    Raises
    ------
    UsageError
        An INPUT is wrong.
    StoppedError
        The job was stopped meanwhile.
    """
    files = find(inputs, paths.out, claimed_extensions())
    with closing(each_recording(files, ReadHints.of(rendering), stopped)) as recordings:
        for number, entry in enumerate(recordings):
            if number % LOOK_EVERY == 0 and (why := stopped()):
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
        skipped = f". {skipped_line(catalogue.skipped)}" if catalogue.skipped else ""
        raise UsageError(
            f"no recording found in {', '.join(inputs)} ({catalogue.n_ignored} files ignored);"
            f" what is read: {' '.join(sorted(claimed_extensions()))}{skipped}"
        )


def refuse_same(paths: JobPaths, inputs: Iterable[str]) -> None:
    """Refuse an OUT that is an INPUT, holds one where pictures go, or is no folder.

    Raises
    ------
    UsageError
        It is.
    """
    for given in inputs:
        with suppress(OSError):
            if paths.out.samefile(given):
                raise UsageError(
                    f"INPUT and OUT are both {given}; give a folder of its own with -o"
                )
        real = Path(given.removeprefix("@")).resolve()
        for ours in paths.removable:
            if real == ours.resolve() or ours.resolve() in real.parents:
                raise UsageError(
                    f"INPUT {given} lies in OUT, where the job puts its {ours.name}; "
                    "give another OUT with -o"
                )
    for folder in (paths.out, paths.images, paths.hidden):
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"OUT {folder} is a file; give a folder with -o")
