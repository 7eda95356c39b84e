"""INPUT arguments to the files that they stand for, and the name of each in OUT."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ecgmpi.errors import FailureKind, RecordingError, UsageError
from ecgmpi.names import written
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.readers import divided, sample_extensions, split_address

from .skipped import Folder

_SIGNALS = sample_extensions()

_CONTAINERS = ("APPTAINER_CONTAINER", "SINGULARITY_CONTAINER")
"""Set by Apptainer and Singularity in what they run."""

_OF_JOBS = frozenset(path.name for path in JobPaths(Path()).removable)
_HIDDEN = JobPaths(Path()).hidden.name


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found below an INPUT.

    Attributes
    ----------
    name
        Path in OUT without extension, with ``/``; None for a file that is ignored. With
        ``--name-with-ending``, `inputs` puts the extension there, too.
    source
        Path below INPUT, with extension.
    path
        Absolute path, for opening.
    size, mtime_ns
        As `os.stat` gives them, 0 if it fails; for a header, the sum with those of the file of
        that name which holds its samples, or the header's own time below 0 if there is none.
    problem
        Why no reader can even try it; None if one can.
    by_hand
        Whether it was named or listed, and not found in a folder.
    unknown
        Whether it is ignored for its extension alone, which no format claims.
    """

    name: str | None
    source: str
    path: str
    size: int = 0
    mtime_ns: int = 0
    problem: RecordingError | None = None
    by_hand: bool = False
    unknown: bool = False


def find(inputs: Iterable[str], out: Path, extensions: frozenset[str]) -> Iterator[Found]:
    """Walk every INPUT.

    A walk takes the files whose extension is one of `extensions` (lower case, with the
    dot), in any case of letters and with or without ``.gz`` after it. It leaves out hidden
    files and folders, everything below `out`, and what other jobs put into their OUT. It
    follows links to folders, but never in a circle. A file named by hand or in a list always
    counts.

    Raises
    ------
    UsageError
        An INPUT does not exist or a list cannot be read.
    """
    inputs = list(inputs)
    several = len(inputs) > 1
    for given in inputs:
        if given.startswith("@"):
            yield from _listed(Path(given[1:]), out, extensions)
            continue
        path = Path(given)
        try:
            information = split_address(path)[0].stat()
        except OSError as error:
            raise UsageError(
                f"INPUT {written(given)}: {error.strerror}; name a file, a folder or @list.txt"
                f"{_unseen(error, path)}"
            ) from error
        absolute = os.path.abspath(given)  # noqa: PTH100 - does not resolve links
        if stat.S_ISDIR(information.st_mode):
            prefix = f"{os.path.basename(absolute)}/" if several else ""  # noqa: PTH119
            yield from _walked(absolute, prefix, out, extensions)
        else:
            yield _named(absolute, path.name, information)


def _named(path: str, source: str, information: os.stat_result) -> Found:
    """A file that was named by hand, or in a list."""
    stem, ending = divided(path)
    name = _name_of(source, path)
    return _file(name, source, path, (stem, ending), information, by_hand=True)


def _file(
    name: str,
    source: str,
    path: str,
    halves: tuple[str, str],
    information: os.stat_result,
    by_hand: bool = False,
) -> Found:
    """A file, whose path is `divided` already."""
    size, mtime = information.st_size, information.st_mtime_ns
    stem, ending = halves
    for other in _SIGNALS.get(ending, ()):
        try:
            beside = os.stat(stem + other)  # noqa: PTH116
        except OSError:
            continue
        # The sum: the later of two times would hide that the other has changed.
        size, mtime = size + beside.st_size, mtime + beside.st_mtime_ns
        break
    else:
        if ending in _SIGNALS:
            # The catalogue must know a header that waits for its samples.
            mtime = -mtime
    return Found(name, source, path, size, mtime, by_hand=by_hand)


def modified_ns(path: str) -> int:
    """Time of change of a recording at `path`, as `Found.mtime_ns` has it."""
    file, _ = split_address(path)
    try:
        return _file("", "", str(file), divided(str(file)), file.stat()).mtime_ns
    except OSError:
        return 0


def _name_of(source: str, path: str) -> str:
    """Name of a recording in OUT: its path without extension, and its number in the file."""
    # Few names have a number; to parse all the others too would cost more than the walk.
    member = split_address(path)[1] if "#" in source else None
    if member is None:
        return divided(source)[0]
    stem, _ = divided(source.removesuffix(f"#{path.rpartition('#')[2]}"))
    return f"{stem}#{member}"


def _listed(listing: Path, out: Path, extensions: frozenset[str]) -> Iterator[Found]:
    """The files of a list, whose lines are paths as a shell in this folder would take them."""
    parent: str | None = None
    for path in _lines(listing):
        folder = os.path.dirname(path)  # noqa: PTH120
        parent = folder if parent is None else os.path.commonpath([parent, folder])
    if parent is None:
        return
    for path in _lines(listing):
        source = os.path.relpath(path, parent)
        try:
            information = os.stat(split_address(path)[0])  # noqa: PTH116
        except OSError:
            # A line of a list is one recording of many: its reader reports what is wrong.
            yield Found(name=divided(source)[0], source=source, path=path)
            continue
        if stat.S_ISDIR(information.st_mode):
            prefix = "" if source == "." else f"{source}/"
            yield from _walked(path, prefix, out, extensions)
        else:
            yield _named(path, source, information)


def _lines(listing: Path) -> Iterator[str]:
    """The paths of a list: its lines but for empty ones and ``#`` comments."""
    try:
        # Windows saves UTF-8 with a byte order mark.
        with listing.open(encoding="utf-8-sig", errors="surrogateescape") as lines:
            for number, line in enumerate(lines, 1):
                path = line.rstrip("\r\n")
                if "\0" in path:
                    raise UsageError(
                        f"INPUT @{written(str(listing))}: line {number} holds a zero byte, as from "
                        "find -print0 or UTF-16; give UTF-8 text with one path a line"
                    )
                # A file whose own name begins so can be named as ./#...
                if path.strip() and not path.lstrip().startswith("#"):
                    yield os.path.abspath(path)  # noqa: PTH100
    except OSError as error:
        raise UsageError(
            f"INPUT @{written(str(listing))}: {error.strerror}; name a text file with one path "
            f"a line{_unseen(error, listing)}"
        ) from error


def _unseen(error: OSError, path: Path) -> str:
    """What to do about a missing path where the program runs in an image; else nothing."""
    if not isinstance(error, FileNotFoundError) or not any(map(os.environ.get, _CONTAINERS)):
        return ""
    folder = os.path.dirname(os.path.abspath(path))  # noqa: PTH100, PTH120 - not links
    return (
        ". The image may not see it: make its folder visible with "
        f"apptainer ... --bind {folder} ... (singularity takes the same option)"
    )


def _walked(top: str, prefix: str, out: Path, extensions: frozenset[str]) -> Iterator[Found]:
    """Everything below a folder.

    Descends as soon as it finds a folder, so that its memory grows with the depth of the tree
    and not with the number of folders.
    """
    try:
        information = out.stat()
        out_identity = (information.st_dev, information.st_ino)
    except OSError:
        out_identity = (-1, -1)
    levels = [_Level(top, prefix, ())]
    try:
        while levels:
            level = levels[-1]
            try:
                entry = level.next(out_identity)
            except OSError as error:
                source = level.below.rstrip("/") or os.path.basename(top)  # noqa: PTH119
                problem = RecordingError(
                    FailureKind.UNREADABLE,
                    f"the folder cannot be read: {error.strerror}",
                    "allow reading it, or leave it out",
                )
                # The slash keeps it apart from the names of recordings.
                yield Found(f"{source}/", f"{source}/", level.folder, problem=problem)
                entry = None
            if entry is None:
                yield from level.skipped(complete=True)
                levels.pop().close()
                continue
            source = level.below + entry.name
            if entry.name.startswith(".") or level.is_of_a_job(entry):
                yield Found(None, source, entry.path)
                continue
            if _is_folder(entry):
                levels.append(_Level(entry.path, f"{source}/", (*level.above, level.identity)))
                continue
            path, name = entry.path, entry.name
            stem, ending = divided(path)
            if ending in extensions:
                n_ending = len(path) - len(stem)
                if ending in _SIGNALS:
                    level.company.add_header(name[:-n_ending], name[-n_ending:])
                try:
                    yield _file(source[:-n_ending], source, path, (stem, ending), entry.stat())
                except OSError:
                    # A dangling link, for example: its reader reports that in the row of the file.
                    yield Found(source[:-n_ending], source, path)
            elif level.company.hold(name):
                yield from level.skipped(complete=False)
    finally:
        for level in levels:
            level.close()


@dataclass(slots=True)
class _Level:
    """A folder that is being read, and the identities of those above it."""

    folder: str
    below: str
    above: tuple[tuple[int, int], ...]
    identity: tuple[int, int] = (-1, -1)
    entries: Any = None
    company: Folder = field(init=False)

    def __post_init__(self) -> None:
        self.company = Folder(self.folder)

    def next(self, out: tuple[int, int]) -> os.DirEntry[str] | None:
        """The next entry, or None; no entry if the folder is `out` or one of those above."""
        if self.entries is None:
            information = os.stat(self.folder)  # noqa: PTH116
            self.identity = (information.st_dev, information.st_ino)
            if self.identity == out or self.identity in self.above:
                return None
            self.entries = os.scandir(self.folder)
        found: os.DirEntry[str] | None = next(self.entries, None)
        return found

    def is_of_a_job(self, entry: os.DirEntry[str]) -> bool:
        """Whether the folder is the OUT of a job that put the entry there.

        Other entries of another OUT are taken: recordings may lie there too, as with ``-o .``,
        and must not get lost.
        """
        if entry.name not in _OF_JOBS:
            return False
        # Checked only here: in most folders nothing has such a name.
        return os.path.isdir(os.path.join(self.folder, _HIDDEN))  # noqa: PTH112, PTH118

    def skipped(self, complete: bool) -> Iterator[Found]:
        """The files skipped for their extension, of those read so far."""
        folder = os.path.join(self.folder, "")  # noqa: PTH118
        for name, unknown in self.company.settle(complete):
            yield Found(None, self.below + name, folder + name, unknown=unknown)

    def close(self) -> None:
        """Close the folder."""
        if self.entries is not None:
            self.entries.close()


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
