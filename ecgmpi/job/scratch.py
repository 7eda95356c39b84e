"""Where a rank keeps what is drawn and not packed yet: on its node, or else below OUT."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ecgmpi.errors import JobError
from ecgmpi.host.scratch import node_scratch, scratch_folder
from ecgmpi.options.quantities import Part
from ecgmpi.outdir.paths import JobPaths


@contextmanager
def fragment_folder(
    paths: JobPaths, part: Part | None, scratch: str | None, name: str
) -> Iterator[Path]:
    """Make the folder of a rank for fragments, for a block; it is gone afterwards.

    Parameters
    ----------
    paths, part
        OUT, and which part of the job this is.
    scratch
        A folder of the node; None for that of the scheduler's job, if there is one.
    name
        What tells the folder from those of other ranks and runs, where it is below OUT.

    Raises
    ------
    JobError
        It cannot be made.
    """
    parent = node_scratch() if scratch is None else Path(scratch).absolute()
    if parent is None:
        with _below_out(paths.fragments(part), name) as folder:
            yield folder
        return
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(scratch_folder(parent))
        except OSError as error:
            raise JobError(
                f"scratch folder {parent} on {socket.gethostname()}: {error.strerror or error}; "
                "give one that is on every node and can be written to with --scratch"
            ) from error
        yield folder


@contextmanager
def _below_out(parent: Path, name: str) -> Iterator[Path]:
    folder = parent / name
    # One folder at a time: an OUT that was moved away must not come back.
    for made in dict.fromkeys((parent.parent, parent, folder)):
        made.mkdir(exist_ok=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_left(paths: JobPaths, part: Part | None) -> None:
    """Remove the fragments of all ranks, of this run and of earlier ones, from below OUT.

    For rank 0, which holds OUT, while no rank draws.
    """
    shutil.rmtree(paths.fragments(part), ignore_errors=True)
