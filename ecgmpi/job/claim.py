"""Is OUT ours to write to? Begins one, goes on with one, or refuses, saying what differs."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

from ecgmpi.amounts import Part
from ecgmpi.errors import JobError, StoppedError, UsageError
from ecgmpi.options import Rendering, as_text
from ecgmpi.readers import ReadHints, claimed_extensions
from ecgmpi.store.atomic import put_first, replacing

from .catalogue import MOST_TOLD, Catalogue
from .lease import WHOLE, Lease, held, is_lease
from .lease import part as lease_of
from .members import each_recording
from .paths import JobPaths
from .walk import Found, find

FORMAT = 3
"""Goes up when the same options would draw other bytes, or journals are written anew.

``tests/drawing/test_recorded.py`` fails where that has been forgotten.
"""

DECISIVE = ("matplotlib", "isal")
"""Packages that have a say in the bytes of a picture: the shapes of letters, and deflate."""

LOOK_EVERY = 64
"""Files of a walk between two looks at whether the job was stopped."""


@dataclass(frozen=True, slots=True)
class _Begun:
    """What job.json says: the job that OUT was begun with.

    Attributes
    ----------
    options
        As a user would type them.
    versions
        Of the packages that have a say in what is drawn.
    overwriting
        It was begun by ``--overwrite`` and has not been completed: the same command again
        goes on with it, rather than starting afresh for ever.
    removing
        What was there before is being removed; until that is done nothing in OUT counts.
    """

    options: dict[str, str]
    versions: dict[str, str]
    overwriting: bool = False
    removing: bool = False

    @property
    def text(self) -> str:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2) + "\n"

    def write(self, paths: JobPaths) -> None:
        with replacing(paths.job_json) as temporary:
            temporary.write_text(self.text, encoding="utf-8")


@contextmanager
def claimed(
    paths: JobPaths,
    inputs: Iterable[str],
    rendering: Rendering,
    overwrite: bool = False,
    stopped: Callable[[], str] = str,
    part: Part | None = None,
) -> Iterator[tuple[Catalogue, Lease]]:
    """Hold an OUT that is fit for a job, with the catalogue of its `inputs`, for a block.

    Parameters
    ----------
    paths, inputs, rendering
        What the job is about.
    overwrite
        Remove what another job left in OUT.
    stopped
        Asked now and then: what has stopped the job, or empty.

    Raises
    ------
    UsageError
        There is no recording, an INPUT is wrong, or two recordings collide.
    StoppedError
        Something stopped the job before that.
    JobError
        OUT is in use, cannot be written to, holds what no job made, or was begun with
        other options or inputs.
    """
    inputs = list(inputs)
    with ExitStack() as stack:
        with _explained(paths):
            refuse_same(paths, inputs)
            name = lease_of(part.number, part.of) if part else WHOLE
            lease = stack.enter_context(held(paths.hidden, name, stopped))
            if part:
                catalogue = _open_shared(paths, inputs, rendering, stopped, name)
            else:
                catalogue = _open(paths, inputs, rendering, overwrite, stopped)
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
            "give a place that can be written to with -o"
        ) from error
    except sqlite3.Error as error:
        raise JobError(
            f"OUT {paths.out}: cannot write the catalogue: {error}; "
            "see that there is room, or give another place with -o"
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
            lease = stack.enter_context(held(paths.hidden))
            begun = _read(paths)
            catalogue = stack.enter_context(closing(Catalogue.open(paths.catalogue)))
        assert begun is not None
        yield catalogue, lease, begun.options
        replace(begun, overwriting=False).write(paths)


def completed(paths: JobPaths, rendering: Rendering) -> None:
    """Note that the job is complete: ``--overwrite`` starts afresh from now on."""
    _Begun(as_text(rendering), _versions()).write(paths)


def _open(
    paths: JobPaths,
    inputs: list[str],
    rendering: Rendering,
    overwrite: bool,
    stopped: Callable[[], str],
) -> Catalogue:
    begun = _read(paths)
    if begun is None:
        _refuse_foreign(paths)
    fresh = paths.catalogue.with_suffix(".new")
    try:
        # SQLite does not say why a file cannot be made.
        fresh.touch()
        catalogue = Catalogue.build(fresh, _found(paths, inputs, rendering, stopped))
        refuse_empty(catalogue, inputs)
        same = begun is not None and not begun.removing and not _differences(begun, rendering)
        same = same and not _changed(paths, catalogue)
        if begun is None:
            # Journals without a job.json are of a job that was killed before it began.
            shutil.rmtree(paths.journals, ignore_errors=True)
            _Begun(as_text(rendering), _versions(), overwriting=overwrite).write(paths)
        elif begun.removing or (overwrite and not (same and begun.overwriting)):
            if not overwrite:
                _refuse_other(paths, begun, rendering)
            _start_afresh(paths, fresh, rendering)
        elif not same:
            _refuse_other(paths, begun, rendering)
            _refuse_changed(paths, catalogue)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    # Its contents before its name: a node that dies now must not leave an empty catalogue.
    with fresh.open("rb") as handle:
        os.fsync(handle.fileno())
    fresh.replace(paths.catalogue)
    return catalogue


def _open_shared(
    paths: JobPaths,
    inputs: list[str],
    rendering: Rendering,
    stopped: Callable[[], str],
    name: str,
) -> Catalogue:
    """The catalogue that all parts of a job share: of the first to come, if it is the same.

    All may come at once: each makes its own, under a `name` of its own, and the first to put
    it in place has put it there for all.
    """
    # In this order: there are pictures only where there is a job.
    strange = [*_foreign(paths), *(["journals"] if paths.journals.exists() else [])]
    begun = _read(paths)
    if begun is None:
        _refuse(paths, strange)
        note = paths.hidden / f"{name}.json"
        note.write_text(_Begun(as_text(rendering), _versions()).text, encoding="utf-8")
        put_first(note, paths.job_json)
        note.unlink(missing_ok=True)
        begun = _read(paths)
    if begun is None or begun.removing:
        raise JobError(
            f"OUT {paths.out} is being emptied by --overwrite, which was stopped; give that "
            "command again, without --part, or another OUT"
        )
    _refuse_other(paths, begun, rendering)
    fresh = paths.hidden / f"{name}.sqlite"
    try:
        fresh.touch()
        found = _found(paths, inputs, rendering, stopped)
        with closing(Catalogue.build(fresh, found)) as catalogue:
            refuse_empty(catalogue, inputs)
            if not put_first(fresh, paths.catalogue):
                _refuse_changed(paths, catalogue)
            shared = Catalogue.open(paths.catalogue)
            shared.n_ignored = catalogue.n_ignored
            return shared
    finally:
        fresh.unlink(missing_ok=True)


def _found(
    paths: JobPaths, inputs: list[str], rendering: Rendering, stopped: Callable[[], str]
) -> Iterator[Found]:
    """Every recording of `inputs`, until the job is stopped."""
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
        raise UsageError(
            f"no recording found in {', '.join(inputs)} ({catalogue.n_ignored} files ignored);"
            f" what is read: {' '.join(sorted(claimed_extensions()))}"
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


def _refuse_foreign(paths: JobPaths) -> None:
    _refuse(paths, _foreign(paths))


def _foreign(paths: JobPaths) -> list[str]:
    return [path.name for path in paths.removable if path != paths.hidden and path.exists()]


def _refuse(paths: JobPaths, found: list[str]) -> None:
    if found:
        raise JobError(
            f"OUT {paths.out} holds {', '.join(found)}, which no job of ecgmpi began; "
            "give another OUT with -o, or move that away"
        )


def _start_afresh(paths: JobPaths, fresh: Path, rendering: Rendering) -> None:
    """Remove all of an earlier job but the `fresh` catalogue.

    What counts as done goes first and is noted as going: killed half-way, nothing that is
    left is ever taken for done.
    """
    begun = _Begun(as_text(rendering), _versions(), overwriting=True, removing=True)
    begun.write(paths)
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
    replace(begun, removing=False).write(paths)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _read(paths: JobPaths) -> _Begun | None:
    try:
        document = json.loads(paths.job_json.read_text(encoding="utf-8"))
        if document.pop("format") != FORMAT:
            raise JobError(
                f"OUT {paths.out} was begun by another version of ecgmpi, which drew differently; "
                "give another OUT with -o"
            )
        return _Begun(**document)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise JobError(
            f"OUT {paths.out}: .ecgmpi/{paths.job_json.name} is damaged; give another OUT with -o"
        ) from error


def _versions() -> dict[str, str]:
    return {package: version(package) for package in DECISIVE}


def _differences(begun: _Begun, rendering: Rendering) -> list[str]:
    options = _differing(begun.options, as_text(rendering), "not given")
    return [*options, *_differing(begun.versions, _versions(), "not there")]


def _differing(before: dict[str, str], now: dict[str, str], none: str) -> list[str]:
    return [
        f"{name} was {before.get(name, none)}, now {now.get(name, none)}"
        for name in sorted(before.keys() | now.keys())
        if before.get(name, none) != now.get(name, none)
    ]


def _changed(paths: JobPaths, catalogue: Catalogue) -> list[str]:
    return catalogue.differences(paths.catalogue) if paths.catalogue.exists() else []


def _refuse_other(paths: JobPaths, begun: _Begun, rendering: Rendering) -> None:
    if differences := _differences(begun, rendering):
        same_packages = begun.versions == _versions()
        what = "options" if same_packages else "versions of what draws"
        mend = "" if same_packages else "install those versions, "
        raise JobError(
            f"OUT {paths.out} was begun with other {what}: {'; '.join(differences)}; "
            f"give another OUT, {mend}or start afresh with --overwrite"
        )


def _refuse_changed(paths: JobPaths, catalogue: Catalogue) -> None:
    if changed := _changed(paths, catalogue):
        raise _other_inputs(paths, changed)


def changed_content(paths: JobPaths, sources: list[str]) -> JobError:
    """Why a job cannot go on whose files, at `sources` below INPUT, are not what was drawn."""
    sources = sorted(sources)
    told = [f"the content of {source} has changed" for source in sources[:MOST_TOLD]]
    if len(sources) > len(told):
        told.append(f"and {len(sources) - len(told)} more")
    return _other_inputs(paths, told)


def _other_inputs(paths: JobPaths, differences: list[str]) -> JobError:
    return JobError(
        f"OUT {paths.out} was begun with other inputs: {'; '.join(differences)}; "
        "give another OUT, or start afresh with --overwrite"
    )
