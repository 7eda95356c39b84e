"""Every format that a picture can be written in: its limits, and what writes it.

A new one is a line here and its name in `ecgmpi.options.FORMATS`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from ecgmpi.drawing.picture import Picture
from ecgmpi.drawing.size_limits import JPEG, RASTER, VECTOR, SizeLimits
from ecgmpi.errors import UsageError
from ecgmpi.options.declared import ENDINGS

from .jpeg import QUALITY


@dataclass(frozen=True, slots=True)
class Format:
    """How a picture becomes a file.

    Attributes
    ----------
    limits
        How large a picture may be.
    encode
        Writes the file; the quality is None if none was asked for.
    """

    limits: SizeLimits
    encode: Callable[[Picture, int | None], bytes]


FORMATS = {
    "png": Format(RASTER, lambda picture, _: picture.png()),
    "svg": Format(VECTOR, lambda picture, _: picture.svg()),
    "pdf": Format(VECTOR, lambda picture, _: picture.pdf()),
    "jpg": Format(JPEG, lambda picture, quality: picture.jpg(quality or QUALITY)),
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
