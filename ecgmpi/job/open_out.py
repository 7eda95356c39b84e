"""Whether a job may write to OUT: start it, resume it, or refuse and say what differs."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path

from ecgmpi.atomic import put_first
from ecgmpi.corpus.catalogue import Catalogue
from ecgmpi.corpus.catalogue_changes import MOST_NAMED
from ecgmpi.corpus.inputs import refuse_same
from ecgmpi.errors import JobError
from ecgmpi.options.quantities import Part
from ecgmpi.options.rendering import Rendering
from ecgmpi.outdir.job_file import JobFile
from ecgmpi.outdir.lease import Lease, acquire
from ecgmpi.outdir.lease_names import WHOLE, is_lease, part_lease
from ecgmpi.outdir.paths import JobPaths

from .cataloguing import Build


@contextmanager
def claimed(
    paths: JobPaths,
    inputs: Iterable[str],
    rendering: Rendering,
    build: Build,
    overwrite: bool = False,
    stopped: Callable[[], str] = str,
    part: Part | None = None,
) -> Iterator[tuple[Catalogue, Lease]]:
    """Hold an OUT that a job may write to, with the catalogue of its `inputs`, for a block.

    Parameters
    ----------
    paths, inputs, rendering
        OUT, INPUT and the options of the job.
    build
        Writes the catalogue of `inputs`. It runs once OUT is held, so that a second job is
        refused before it walks through INPUT.
    overwrite
        Remove what another job left in OUT.
    stopped
        Polled: what has stopped the job, or empty.

    Raises
    ------
    UsageError
        There is no recording, an INPUT is wrong, or two recordings collide.
    StoppedError
        Something stopped the job before that.
    JobError
        OUT is in use, cannot be written to, holds files of no job, or was begun with other
        options or inputs.
    """
    inputs = list(inputs)
    with ExitStack() as stack:
        with _explained(paths):
            refuse_same(paths, inputs)
            name = part_lease(part.number, part.of) if part else WHOLE
            lease = stack.enter_context(acquire(paths.hidden, name, stopped))
            if part:
                catalogue = _open_shared(paths, rendering, build, name)
            else:
                catalogue = _open(paths, rendering, build, overwrite)
        stack.enter_context(closing(catalogue))
        yield catalogue, lease


@contextmanager
def _explained(paths: JobPaths) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = Path(str(error.filename)).name if error.filename else "it"
        raise JobError(
            f"OUT {paths.out}: cannot write {where}: {error.strerror}; "
            "give a writable folder with -o"
        ) from error
    except sqlite3.Error as error:
        raise JobError(
            f"OUT {paths.out}: cannot read or write the catalogue: {error}; "
            "check that the filesystem is healthy and has room, or give another folder with -o"
        ) from error


@contextmanager
def gathered(paths: JobPaths) -> Iterator[tuple[Catalogue, Lease, dict[str, str]]]:
    """Hold an OUT whose parts are done, with its catalogue and options, for a block.

    Raises
    ------
    JobError
        OUT is in use, holds no job, or cannot be read.
    """
    if not paths.catalogue.exists() or not paths.job_json.exists():
        raise JobError(f"OUT {paths.out} holds no job; name the OUT of ecgmpi render --part")
    with ExitStack() as stack:
        with _explained(paths):
            lease = stack.enter_context(acquire(paths.hidden, elsewhere=False))
            job_file = JobFile.read(paths)
            assert job_file is not None
            job_file.refuse_half_labelled(paths, held=True)
            catalogue = stack.enter_context(closing(_existing(paths)))
        yield catalogue, lease, job_file.options
        replace(job_file, overwriting=False).write(paths)


def _existing(paths: JobPaths) -> Catalogue:
    """The catalogue that OUT already has."""
    try:
        return Catalogue.open(paths.catalogue)
    except sqlite3.Error as error:
        # Other errors of that class come from the disk and speak for themselves.
        if isinstance(error, sqlite3.OperationalError) and "no such table" not in str(error):
            raise
        raise JobError(
            f"OUT {paths.out}: .ecgmpi/{paths.catalogue.name} is damaged ({error}); remove it, run "
            "any one --part again, which rebuilds it, then merge"
        ) from error


def completed(paths: JobPaths, rendering: Rendering) -> None:
    """Note that the job is complete: ``--overwrite`` starts afresh from now on."""
    # As it was begun: a table of labels may have been changed or removed since.
    begun = JobFile.read(paths) or JobFile.by(rendering)
    replace(begun, overwriting=False).write(paths)


def _open(paths: JobPaths, rendering: Rendering, build: Build, overwrite: bool) -> Catalogue:
    earlier = JobFile.read(paths, overwrite)
    if earlier is None:
        _refuse_foreign(paths)
    elif not overwrite:
        earlier.refuse_half_labelled(paths, held=True)
    fresh = paths.catalogue.with_suffix(".new")
    with ExitStack() as undo:
        undo.callback(fresh.unlink, missing_ok=True)
        # SQLite does not say why a file cannot be made.
        fresh.touch()
        catalogue = build(fresh, overwrite or earlier is None or not earlier.undivided)
        undo.callback(catalogue.close)
        same = earlier is not None and not earlier.removing and earlier.labelling is None
        same = same and earlier is not None and not earlier.differences(rendering)
        same = same and not _changed(paths, catalogue)
        if earlier is None:
            # Journals without a job.json belong to a job that was killed before it began.
            shutil.rmtree(paths.journals, ignore_errors=True)
            JobFile.by(rendering, overwriting=overwrite).write(paths)
        elif earlier.removing or (overwrite and not (same and earlier.overwriting)):
            if not overwrite:
                earlier.refuse_other(paths, rendering)
            _start_afresh(paths, fresh, rendering)
        elif not same:
            earlier.refuse_other(paths, rendering)
            _refuse_changed(paths, catalogue)
        undo.pop_all()
    # Sync the contents before the rename: a node that dies now must not leave an empty catalogue.
    with fresh.open("rb") as handle:
        os.fsync(handle.fileno())
    fresh.replace(paths.catalogue)
    return catalogue


def _open_shared(paths: JobPaths, rendering: Rendering, build: Build, name: str) -> Catalogue:
    """The catalogue that all parts of a job share: that of the first part, if it is the same.

    All parts may start at once. Each builds a catalogue under a `name` of its own, and the first
    that puts it in place does so for all.
    """
    # In this order: pictures exist only where a job exists.
    strange = [*_foreign(paths), *(["journals"] if paths.journals.exists() else [])]
    earlier = JobFile.read(paths)
    if earlier is None:
        _refuse(paths, strange)
        note = paths.hidden / f"{name}.json"
        note.write_text(JobFile.by(rendering).text, encoding="utf-8")
        put_first(note, paths.job_json)
        note.unlink(missing_ok=True)
        earlier = JobFile.read(paths)
    if earlier is None or earlier.removing:
        raise JobError(
            f"OUT {paths.out} is half emptied by an --overwrite that was stopped; run that "
            "command again, without --part, or give another OUT"
        )
    earlier.refuse_half_labelled(paths, held=True)
    earlier.refuse_other(paths, rendering)
    fresh = paths.hidden / f"{name}.sqlite"
    try:
        fresh.touch()
        with closing(build(fresh, not earlier.undivided)) as catalogue:
            if not put_first(fresh, paths.catalogue):
                _refuse_changed(paths, catalogue)
            shared = Catalogue.open(paths.catalogue)
            shared.n_ignored = catalogue.n_ignored
            return shared
    finally:
        fresh.unlink(missing_ok=True)


def _refuse_foreign(paths: JobPaths) -> None:
    _refuse(paths, _foreign(paths))


def _foreign(paths: JobPaths) -> list[str]:
    return [path.name for path in paths.removable if path != paths.hidden and path.exists()]


def _refuse(paths: JobPaths, found: list[str]) -> None:
    if found:
        raise JobError(
            f"OUT {paths.out} holds {', '.join(found)}, which no job of ecgmpi began; "
            "give another OUT with -o, or move it away"
        )


def _start_afresh(paths: JobPaths, fresh: Path, rendering: Rendering) -> None:
    """Remove everything of an earlier job except the `fresh` catalogue.

    The removal is noted, and the journals go first: if the job is killed half-way, nothing that
    is left is ever taken for done.
    """
    job_file = JobFile.by(rendering, overwriting=True, removing=True)
    job_file.write(paths)
    there = [path for path in paths.removable if path.exists() and path != paths.hidden]
    if there:
        print(
            f"ecgmpi: --overwrite: removing {', '.join(path.name for path in there)} of an "
            f"earlier job from {paths.out}",
            file=sys.stderr,
            flush=True,
        )
    _remove(paths.journals)
    for path in there:
        _remove(path)
    for entry in paths.hidden.iterdir():
        if entry not in (fresh, paths.job_json) and not is_lease(entry):
            _remove(entry)
    replace(job_file, removing=False).write(paths)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _changed(paths: JobPaths, catalogue: Catalogue) -> list[str]:
    return catalogue.differences(paths.catalogue) if paths.catalogue.exists() else []


def _refuse_changed(paths: JobPaths, catalogue: Catalogue) -> None:
    if changed := _changed(paths, catalogue):
        raise _other_inputs(paths, changed)


def changed_content(paths: JobPaths, sources: list[str]) -> JobError:
    """The error of a job whose files, at `sources` below INPUT, have changed since drawn."""
    sources = sorted(sources)
    changes = [f"the content of {source} has changed" for source in sources[:MOST_NAMED]]
    if len(sources) > len(changes):
        changes.append(f"and {len(sources) - len(changes)} more")
    return _other_inputs(paths, changes)


def _other_inputs(paths: JobPaths, differences: list[str]) -> JobError:
    return JobError(
        f"OUT {paths.out} was begun with other inputs: {'; '.join(differences)}; "
        "give another OUT, or start afresh with --overwrite"
    )
