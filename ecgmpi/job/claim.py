"""Is OUT ours to write to? Begins one, goes on with one, or refuses, saying what differs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ecgmpi.errors import JobError, UsageError
from ecgmpi.options import Rendering, as_text
from ecgmpi.readers import claimed_extensions
from ecgmpi.store.atomic import replacing

from .catalogue import Catalogue
from .paths import JobPaths
from .walk import find

FORMAT = 1
"""Goes up when the same options would draw other bytes, or journals are written anew."""


def open_catalogue(
    paths: JobPaths, inputs: Iterable[str], rendering: Rendering, overwrite: bool
) -> Catalogue:
    """The catalogue of `inputs`, in an OUT that is fit for it.

    Raises
    ------
    UsageError
        There is no recording, an INPUT is wrong, or two recordings collide.
    JobError
        OUT cannot be written to, or was begun with other options or inputs.
    """
    inputs = list(inputs)
    existed = True
    try:
        _refuse_same(paths.out, inputs)
        existed = paths.out.exists()
        return _open(paths, inputs, rendering, overwrite)
    except OSError as error:
        where = Path(str(error.filename)).name if error.filename else "it"
        raise JobError(
            f"OUT {paths.out}: cannot write {where}: {error.strerror}; "
            "give a place that can be written to with -o"
        ) from error
    except JobError:
        if not existed:
            with suppress(OSError):
                paths.hidden.rmdir()
                paths.out.rmdir()
        raise


def _open(paths: JobPaths, inputs: list[str], rendering: Rendering, overwrite: bool) -> Catalogue:
    paths.hidden.mkdir(parents=True, exist_ok=True)
    fresh = paths.catalogue.with_suffix(".new")
    try:
        catalogue = Catalogue.build(fresh, find(inputs, paths.out, claimed_extensions()))
        if not catalogue.n_recordings:
            raise UsageError(
                f"no recording found in {', '.join(inputs)} ({catalogue.n_ignored} files ignored);"
                f" what is read: {' '.join(sorted(claimed_extensions()))}"
            )
        if overwrite:
            _remove_all_but(fresh, paths)
        elif paths.job_json.exists():
            _refuse_other(paths, catalogue, rendering)
        else:
            shutil.rmtree(paths.journals, ignore_errors=True)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    fresh.replace(paths.catalogue)
    if not paths.job_json.exists():
        with replacing(paths.job_json) as temporary:
            begun = {"format": FORMAT, "options": as_text(rendering)}
            temporary.write_text(json.dumps(begun, indent=2) + "\n", encoding="utf-8")
    return catalogue


def _refuse_same(out: Path, inputs: list[str]) -> None:
    for given in inputs:
        with suppress(OSError):
            if out.samefile(given):
                raise UsageError(
                    f"INPUT and OUT are both {given}; give a folder of its own with -o"
                )
    if out.exists() and not out.is_dir():
        raise UsageError(f"OUT {out} is a file; give a folder with -o")


def _remove_all_but(fresh: Path, paths: JobPaths) -> None:
    for path in paths.removable:
        if path == paths.hidden:
            for entry in path.iterdir():
                if entry != fresh:
                    _remove(entry)
        else:
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _refuse_other(paths: JobPaths, catalogue: Catalogue, rendering: Rendering) -> None:
    try:
        begun = json.loads(paths.job_json.read_text(encoding="utf-8"))
        options: dict[str, str] = begun["options"]
        made_by: int = begun["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise JobError(
            f"OUT {paths.out}: {paths.job_json.name} is damaged; start afresh with --overwrite"
        ) from error
    if made_by != FORMAT:
        raise JobError(
            f"OUT {paths.out} was begun by another version of ecgmpi, which drew differently; "
            "give another OUT, or start afresh with --overwrite"
        )
    differences = [
        f"{flag} was {options.get(flag, 'not given')}, now {now}"
        for flag, now in as_text(rendering).items()
        if options.get(flag, "not given") != now
    ]
    if differences:
        raise JobError(
            f"OUT {paths.out} was begun with other options: {'; '.join(differences)}; "
            "give another OUT, or start afresh with --overwrite"
        )
    if paths.catalogue.exists() and (changed := catalogue.differences(paths.catalogue)):
        raise JobError(
            f"OUT {paths.out} was begun with other inputs: {'; '.join(changed)}; "
            "give another OUT, or start afresh with --overwrite"
        )
