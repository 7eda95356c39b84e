"""What identifies a table: its content, wherever it lies."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from ecgmpi.errors import UsageError
from ecgmpi.names import written


def digest_of(path: str) -> str:
    """SHA-256 of a table, as hexadecimal digits.

    Raises
    ------
    UsageError
        It cannot be read.
    """
    try:
        status = Path(path).stat()
        return _digest(path, status.st_size, status.st_mtime_ns)
    except OSError as error:
        raise UsageError(
            f"--metadata {written(path)}: {error.strerror}; name a table (CSV, TSV, either with "
            ".gz, or parquet) that can be read"
        ) from error


@lru_cache(maxsize=16)
def _digest(path: str, size: int, mtime_ns: int) -> str:  # noqa: ARG001 - of the key alone
    with Path(path).open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
