"""Files that are visible whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import FailureKind, RecordingError, StoreError

TEMPORARY_SUFFIX = ".part"

_LONGEST = 255
"""Bytes that filesystems allow in a name."""

# What is wrong with this one name rather than with the place that it goes to.
_NAME_ERRNOS = {errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL, errno.ENOTDIR}


def temporary_of(path: str) -> str:
    """The name that `path` has while it is being written.

    One fixed name a target, in the same folder: whoever draws the same picture again
    after a kill writes over what was left behind, so no run need look for what others left.
    """
    folder, name = os.path.split(path)
    raw, room = os.fsencode(name), _LONGEST - len(TEMPORARY_SUFFIX) - 1
    if len(raw) > room:
        # Shortened, but different for targets that begin alike.
        own = b"-%08x" % zlib.crc32(raw)
        name = os.fsdecode(raw[: room - len(own)] + own)
    return os.path.join(folder, f".{name}{TEMPORARY_SUFFIX}")  # noqa: PTH118 - hot path


def write_bytes(path: str, data: bytes) -> None:
    """Write `data` to `path`; no other process ever sees it half written.

    Raises
    ------
    OSError
        As the system says; what was half written is gone.
    """
    temporary = temporary_of(path)
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(handle, view) :]
        finally:
            os.close(handle)
        os.replace(temporary, path)  # noqa: PTH105 - hot path
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108 - hot path
        raise


@contextmanager
def replacing(path: Path, sync: bool = True) -> Iterator[Path]:
    """A path to write to that takes the place of `path` when the block ends well.

    Parameters
    ----------
    path
        What is replaced.
    sync
        Whether the contents reach the disk before the name does. Not for pictures, of which a
        job that is resumed checks the sizes: to wait for the disk costs as much as to draw.
    """
    temporary = Path(temporary_of(str(path)))
    try:
        yield temporary
        if sync:
            _sync(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def move_into_place(made: Path, path: Path, sync: bool = False) -> None:
    """Give a finished file its place, in one step, perhaps on another filesystem.

    Parameters
    ----------
    made, path
        The file, and its place.
    sync
        As `replacing` takes it.

    Raises
    ------
    OSError
        As the system says; what was half written is gone.
    """
    try:
        if sync:
            _sync(made)
        made.replace(path)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with replacing(path, sync) as temporary:
            shutil.copyfile(made, temporary)
        made.unlink()


def _sync(path: Path) -> None:
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


def put_first(made: Path, path: Path) -> bool:
    """Give the finished file `made` the name `path` too, unless another has it already.

    Of several processes that try, one succeeds, on filesystems that know hard links.

    Raises
    ------
    OSError
        As the system says.
    """
    _sync(made)
    try:
        os.link(made, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK):
            raise
        if path.exists():
            return False
        made.replace(path)
    return True


def explain(error: OSError, path: str) -> StoreError | RecordingError:
    """Say what `error` means for the job: one recording lost, or the place itself.

    Parameters
    ----------
    error
        What writing raised.
    path
        Where to, relative to OUT.
    """
    reason = error.strerror or type(error).__name__
    if error.errno == errno.EISDIR:
        return RecordingError(
            FailureKind.BAD_NAME,
            f"cannot be written as {path}: {reason}",
            "rename the recording, or move that folder away and run again with --retry-failed",
        )
    if error.errno == errno.ENAMETOOLONG:
        # The reason first: a table keeps only the beginning of a long message.
        return RecordingError(
            FailureKind.BAD_NAME,
            f"{reason}: cannot be written as {path}",
            f"rename the recording: a file name may have {_LONGEST} bytes, and each byte that is "
            "escaped as \\xHH takes four",
        )
    if error.errno in _NAME_ERRNOS:
        return RecordingError(
            FailureKind.BAD_NAME,
            f"cannot be written as {path}: {reason}",
            "rename the recording",
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        remedy = "make room, then run the same command again to resume"
    elif error.errno == errno.EROFS:
        remedy = "give a writable folder with -o"
    elif error.errno in (errno.EACCES, errno.EPERM):
        remedy = "allow writing there, or give another folder with -o"
    else:
        remedy = "check that OUT exists and is healthy, then run the same command again to resume"
    return StoreError(f"cannot write {path} below OUT: {reason}; {remedy}")
