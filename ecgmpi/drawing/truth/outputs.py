"""The files of a picture: the picture itself and its ground truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ecgmpi.drawing.picture import Picture
from ecgmpi.picture_formats import ANNOTATION, MASK, PICTURE

from .annotation import LINES, annotation
from .mask import mask_png


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


@dataclass(frozen=True, slots=True)
class Outputs:
    """Which files are made of a picture.

    Attributes
    ----------
    format
        Of the picture, a name in `ecgmpi.picture_formats`.
    quality
        Of a JPEG, 1 to 95; None for the default.
    annotate
        What the annotation holds, ``boxes`` or ``lines``; None for no annotation.
    mask
        Whether there is a mask.
    """

    format: str = "png"
    quality: int | None = None
    annotate: str | None = None
    mask: bool = False

    @property
    def endings(self) -> dict[str, str]:
        """What the names of the files of every picture end in, by kind, the picture first.

        They share what comes before the first of these dots, so that they are one sample of
        a WebDataset.
        """
        found = {PICTURE: f".{self.format}"}
        if self.annotate is not None:
            found[ANNOTATION] = ".json"
        if self.mask:
            found[MASK] = ".mask.png"
        return found

    def files_of(self, picture: Picture) -> Iterator[PictureFile]:
        """Make the files of a picture, the picture first."""
        makers: dict[str, Callable[[], bytes]] = {
            PICTURE: lambda: picture.encode(self.format, self.quality),
            ANNOTATION: lambda: annotation(picture, lines=self.annotate == LINES),
            MASK: lambda: mask_png(picture),
        }
        for kind, ending in self.endings.items():
            yield PictureFile(kind, ending, makers[kind]())
