"""The files of a picture: the picture itself and what stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ecgmpi.options import Rendering

from .annotation import LINES, annotation
from .mask import mask_png
from .picture import Picture

PICTURE, ANNOTATION, MASK = "picture", "annotation", "mask"


@dataclass(frozen=True, slots=True)
class PictureFile:
    """One file.

    Attributes
    ----------
    kind
        ``picture``, ``annotation`` or ``mask``.
    suffix
        What its name ends in, after what the files of a picture share.
    data
        What it holds.
    """

    kind: str
    suffix: str
    data: bytes


def suffixes(rendering: Rendering) -> dict[str, str]:
    """Give what the names of the files of every picture end in, by kind, the picture first.

    They share what comes before the first of these dots, so that they are one sample of a
    WebDataset.
    """
    found = {PICTURE: f".{rendering.format}"}
    if rendering.annotate is not None:
        found[ANNOTATION] = ".json"
    if rendering.mask:
        found[MASK] = ".mask.png"
    return found


def files_of(picture: Picture, rendering: Rendering) -> Iterator[PictureFile]:
    """Make the files of a picture that `rendering` asks for, the picture first."""
    makers: dict[str, Callable[[], bytes]] = {
        PICTURE: lambda: picture.encode(rendering.format, rendering.quality),
        ANNOTATION: lambda: annotation(picture, lines=rendering.annotate == LINES),
        MASK: lambda: mask_png(picture),
    }
    for kind, suffix in suffixes(rendering).items():
        yield PictureFile(kind, suffix, makers[kind]())
