"""The files of a picture: the picture itself and its ground truth."""

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
        End of its name, after the part that the files of a picture share.
    data
        Its content.
    """

    kind: str
    ending: str
    data: bytes


def endings(rendering: Rendering) -> dict[str, str]:
    """Give the file name endings of every picture by kind, the picture first.

    The files share the part before the first of these dots, so they make one sample of a
    WebDataset.
    """
    found = {PICTURE: f".{rendering.format}"}
    if rendering.annotate is not None:
        found[ANNOTATION] = ".json"
    if rendering.mask:
        found[MASK] = ".mask.png"
    return found


def files_of(picture: Picture, rendering: Rendering) -> Iterator[PictureFile]:
    """Make the files of a picture that `rendering` requests, the picture first."""
    makers: dict[str, Callable[[], bytes]] = {
        PICTURE: lambda: picture.encode(rendering.format, rendering.quality),
        ANNOTATION: lambda: annotation(picture, lines=rendering.annotate == LINES),
        MASK: lambda: mask_png(picture),
    }
    for kind, ending in endings(rendering).items():
        yield PictureFile(kind, ending, makers[kind]())
