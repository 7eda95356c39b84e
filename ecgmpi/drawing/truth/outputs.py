"""The files of a picture: the picture itself and what stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ecgmpi.drawing.picture import Picture
from ecgmpi.options.declared import Rendering

from .annotation import LINES, annotation
from .mask import mask_png

PICTURE, ANNOTATION, MASK = "picture", "annotation", "mask"


@dataclass(frozen=True, slots=True)
class PictureFile:
    """One file.

    Attributes
    ----------
    kind
        ``picture``, ``annotation`` or ``mask``.
    ending
        What its name ends in, after what the files of a picture share.
    data
        What it holds.
    """

    kind: str
    ending: str
    data: bytes


def endings(rendering: Rendering) -> dict[str, str]:
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
    for kind, ending in endings(rendering).items():
        yield PictureFile(kind, ending, makers[kind]())
