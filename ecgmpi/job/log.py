"""The log of a rank: a file of its own below OUT/.ecgmpi/log, bounded in size.

Every module of `ecgmpi.job` has a logger of its own. What users must see is printed, not logged;
the log is for whoever looks into a job that hangs or lost something.
"""

from __future__ import annotations

import logging
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from logging.handlers import RotatingFileHandler

from ecgmpi.options.quantities import Part
from ecgmpi.outdir.paths import JobPaths

MOST_BYTES = 1_000_000
"""Size of a log; the one before it is kept, and that is all."""

_PACKAGE = logging.getLogger("ecgmpi")
# Without a handler, Python prints warnings.
_PACKAGE.addHandler(logging.NullHandler())

logger = logging.getLogger(__name__)


class _LogFile(RotatingFileHandler):
    """A log file that is given up, in silence, where it cannot be written: OUT says so itself."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802
        _PACKAGE.removeHandler(self)


@contextmanager
def logged(
    paths: JobPaths, rank: int, host: str, part: Part | None = None, verbose: int = 0
) -> Iterator[None]:
    """Write what this rank logs to its file, while the block runs.

    Parameters
    ----------
    paths
        Of the OUT, which exists.
    rank, host
        This rank, and where it runs.
    part
        Which part of a divided job this is: parts may run side by side.
    verbose
        From 1 on, hand-outs are logged, too.
    """
    handler = _handler(paths, rank, part)
    level = _PACKAGE.level
    if handler is not None:
        _PACKAGE.addHandler(handler)
        _PACKAGE.setLevel(logging.DEBUG if verbose else logging.INFO)
    logger.info(
        "rank %d on %s, process %d, ecgmpi %s, Python %s",
        rank,
        host,
        os.getpid(),
        version("ecgmpi"),
        platform.python_version(),
    )
    try:
        yield
        # After an error, OUT may be another job's.
        logger.info("rank %d ends", rank)
    finally:
        if handler is not None:
            _PACKAGE.removeHandler(handler)
            _PACKAGE.setLevel(level)
            handler.close()


def _handler(paths: JobPaths, rank: int, part: Part | None) -> logging.Handler | None:
    try:
        # Without parents: an OUT that was moved away must not reappear.
        paths.log.mkdir(exist_ok=True)
        name = f"{part.number}-of-{part.of}." if part else ""
        handler = _LogFile(
            paths.log / f"{name}rank-{rank:05d}.log",
            maxBytes=MOST_BYTES,
            backupCount=1,
            encoding="utf-8",
            errors="backslashreplace",
        )
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    return handler
