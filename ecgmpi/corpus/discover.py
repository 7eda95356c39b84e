"""INPUT arguments -> the files they stand for, and what each will be called in OUT."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ecgmpi.errors import FailureKind, RecordingError, UsageError
from ecgmpi.outdir.paths import JobPaths
from ecgmpi.readers import divided, sample_extensions, split_address

from .skipped import Folder

_SIGNALS = sample_extensions()

_OF_JOBS = frozenset(path.name for path in JobPaths(Path()).removable)
_HIDDEN = JobPaths(Path()).hidden.name


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found below an INPUT.

    Attributes
    ----------
    name
        Path in OUT without extension, with ``/``; None for a file that is ignored.
    source
        Path below INPUT, with extension.
    path
        Absolute path, for opening.
    size, mtime_ns
        As `os.stat` has them, 0 where it could not say; of a header, added to those of the
        file of that name which holds its samples.
    problem
        Why it cannot even be offered to a reader; None where it can.
    by_hand
        Whether it was named, or listed, and not met in a folder.
    unknown
        Whether it is ignored for its ending alone, which no format claims.
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
    dot), in any case of letters, with ``.gz`` behind it or not; leaves out hidden files and
    folders, whatever is below `out`, and what other jobs put into an OUT of theirs; and
    follows links to folders, but never round in a circle. A file named by hand, or in a
    list, always counts.

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
                f"INPUT {given}: {error.strerror}; name a file, a folder or @list.txt"
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
        # Added, where the later of two times would hide that the other has changed.
        size, mtime = size + beside.st_size, mtime + beside.st_mtime_ns
        break
    return Found(name, source, path, size, mtime, by_hand=by_hand)


def _name_of(source: str, path: str) -> str:
    """What a file is called in OUT: its path without extension, and its number in a file."""
    # Few names have one; taking all others apart as well would cost more than the walk.
    member = split_address(path)[1] if "#" in source else None
    if member is None:
        return divided(source)[0]
    stem, _ = divided(source.removesuffix(f"#{path.rpartition('#')[2]}"))
    return f"{stem}#{member}"


def _listed(listing: Path, out: Path, extensions: frozenset[str]) -> Iterator[Found]:
    """What the lines of a list stand for: paths as a shell in this folder would take them."""
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
            # A line of a list is one recording of many: the reader says what is wrong with it.
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
                        f"INPUT @{listing}: line {number} holds a zero byte, as find -print0 or "
                        "UTF-16 make it; what is needed is UTF-8 text with one path a line"
                    )
                # A file whose own name begins so can be named as ./#...
                if path.strip() and not path.lstrip().startswith("#"):
                    yield os.path.abspath(path)  # noqa: PTH100
    except OSError as error:
        raise UsageError(
            f"INPUT @{listing}: {error.strerror}; name a text file with one path a line"
        ) from error


def _walked(top: str, prefix: str, out: Path, extensions: frozenset[str]) -> Iterator[Found]:
    """Everything below a folder.

    Goes down as soon as it meets a folder, so that what it remembers grows with the depth
    of the tree and not with the number of folders.
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
                # With the slash it is no recording's name, however the files beside it are called.
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
                    # A dangling link, say: the reader says so, in the recording's own row.
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
        """The next thing in it, or None; nothing where it is `out` or one of those above."""
        if self.entries is None:
            information = os.stat(self.folder)  # noqa: PTH116
            self.identity = (information.st_dev, information.st_ino)
            if self.identity == out or self.identity in self.above:
                return None
            self.entries = os.scandir(self.folder)
        found: os.DirEntry[str] | None = next(self.entries, None)
        return found

    def is_of_a_job(self, entry: os.DirEntry[str]) -> bool:
        """Whether a job put it there, whose OUT the folder is.

        Not all that is below another OUT: recordings may lie there, too, as where a job was
        told ``-o .``, and must not get lost.
        """
        if entry.name not in _OF_JOBS:
            return False
        # Asked only here: in most folders nothing has such a name.
        return os.path.isdir(os.path.join(self.folder, _HIDDEN))  # noqa: PTH112, PTH118

    def skipped(self, complete: bool) -> Iterator[Found]:
        """What is passed by for its ending, of what has been read so far."""
        folder = os.path.join(self.folder, "")  # noqa: PTH118
        for name, unknown in self.company.settle(complete):
            yield Found(None, self.below + name, folder + name, unknown=unknown)

    def close(self) -> None:
        """Let go of the folder."""
        if self.entries is not None:
            self.entries.close()


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
