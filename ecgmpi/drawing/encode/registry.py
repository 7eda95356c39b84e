"""Every format that a picture can be written in: its limits, and what writes it.

A new one is a line here and its name in `ecgmpi.picture_formats`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol

from ecgmpi.drawing.size_limits import JPEG, RASTER, VECTOR, SizeLimits
from ecgmpi.errors import UsageError
from ecgmpi.picture_formats import ENDINGS, FAST

from .jpeg import QUALITY


class Encodable(Protocol):
    """What every format can be made of, such as an `ecgmpi.drawing.Picture`."""

    def png(self, compression: str = FAST) -> bytes:
        """Encode as PNG; `compression` is ``fast`` or ``small``."""

    def svg(self) -> bytes:
        """Write as SVG."""

    def pdf(self) -> bytes:
        """Write as PDF."""

    def jpg(self, quality: int = QUALITY) -> bytes:
        """Encode as JPEG; `quality` is 1 to 95."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a picture becomes a file.

    Attributes
    ----------
    limits
        How large a picture may be.
    encode
        Writes the file; quality and compression are None if none was asked for.
    """

    limits: SizeLimits
    encode: Callable[[Encodable, int | None, str | None], bytes]


ENCODINGS: dict[str, Encoding] = {
    "png": Encoding(RASTER, lambda picture, _, how: picture.png(how or FAST)),
    "svg": Encoding(VECTOR, lambda picture, *_: picture.svg()),
    "pdf": Encoding(VECTOR, lambda picture, *_: picture.pdf()),
    "jpg": Encoding(JPEG, lambda picture, quality, _: picture.jpg(quality or QUALITY)),
}
"""``--format`` name, which is also the ending of its files -> format."""


def format_of(path: str | os.PathLike[str]) -> str:
    """Find the format by the ending of a file name.

    Raises
    ------
    UsageError
        The ending is unknown or missing.

    Examples
    --------
    >>> format_of("strip.PDF"), format_of("a.b/strip.jpeg")
    ('pdf', 'jpg')
    """
    suffix = PurePath(path).suffix
    try:
        return ENDINGS[suffix.lower()]
    except KeyError:
        raise UsageError(
            f"{path}: no picture ends in {suffix or 'nothing'}; choose from {', '.join(ENDINGS)}"
        ) from None
