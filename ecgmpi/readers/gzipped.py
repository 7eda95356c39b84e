"""Gzip files, inflated into memory up to a limit.

Memory, unlike a temporary file, counts towards the limit of a worker, and a worker that is
killed leaves nothing behind.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO, cast

from ecgmpi.errors import FailureKind, RecordingError

from . import signatures
from .file_names import GZIP
from .hints import ReadHints
from .source import HEAD_BYTES, Source
from .wording import corrupt, truncated

_PIECE = 1 << 20


def is_gzip(head: bytes) -> bool:
    """Whether a file with these first bytes is gzip: RFC 1952, with deflate."""
    # SCP-ECG begins with a checksum, which may be any two bytes.
    return head.startswith(b"\x1f\x8b\x08") and not signatures.scp(head)


def inflated(source: Source, hints: ReadHints) -> Source:
    """Give the file inside a gzip file, under its name without ``.gz``.

    Raises
    ------
    RecordingError
        The stream is damaged or truncated, holds more than ``hints.max_bytes``, or is itself
        a gzip stream.
    """
    file = inflate(source.file, hints.max_bytes)
    head = file.read(HEAD_BYTES)
    if is_gzip(head):
        raise RecordingError(
            FailureKind.NOT_SUPPORTED,
            "this is a gzip file inside a gzip file",
            "unpack it once with gunzip",
        )
    path = source.path
    if path.suffix.lower() == GZIP:
        path = path.with_suffix("")
    size = file.getbuffer().nbytes
    return replace(source, path=path, file=file, head=head, size=size, in_memory=True)


def inflate(file: BinaryIO, limit: int) -> io.BytesIO:
    """Inflate a gzip file from its beginning.

    Parameters
    ----------
    file
        The open file, at any position.
    limit
        Largest size when inflated, bytes; no more than that is ever inflated.

    Returns
    -------
    io.BytesIO
        Its content, positioned at the beginning.

    Raises
    ------
    RecordingError
        The stream is damaged or truncated, or holds more.
    """
    content = io.BytesIO()
    for piece in _pieces(file, limit + 1):
        content.write(piece)
        if content.tell() > limit:
            raise RecordingError(
                FailureKind.TOO_LARGE,
                f"the gzip file holds more than {limit / 2**20:,.0f} MiB",
                "unpack it with gunzip and name the file inside",
            )
    content.seek(0)
    return content


def inflated_head(file: BinaryIO) -> bytes:
    """The first `HEAD_BYTES` bytes inside a gzip file.

    Raises
    ------
    RecordingError
        The stream is damaged or truncated before them.
    """
    return b"".join(_pieces(file, HEAD_BYTES))


def _pieces(file: BinaryIO, count: int) -> Iterator[bytes]:
    """Yield up to `count` bytes from the beginning of a gzip file, in pieces."""
    from isal import igzip, isal_zlib

    damaged = cast("type[Exception]", isal_zlib.error)
    file.seek(0)
    stream: BinaryIO = cast(Any, igzip).open(file, "rb")
    try:
        with stream:
            while count > 0 and (piece := stream.read(min(count, _PIECE))):
                count -= len(piece)
                yield piece
    except EOFError as error:
        raise truncated("the gzip stream ends before its own end mark") from error
    except (igzip.BadGzipFile, damaged) as error:
        raise corrupt("the gzip stream is damaged") from error
