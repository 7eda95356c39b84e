"""The files of a picture: the picture itself and its ground truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ecgmpi.drawing.picture import Picture
from ecgmpi.picture_formats import ANNOTATION, MASK, PICTURE, POINTS

from .annotation import LINES, annotation, described
from .mask import mask_png
from .points import points_npy
from .sample import sample_json


@dataclass(frozen=True, slots=True)
class PictureFile:
    """One file.

    Attributes
    ----------
    kind
        ``picture``, ``annotation``, ``mask`` or ``points``.
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
    samples
        Whether each picture is a sample of a shard: then its JSON is always there, and holds
        facts of the recording, too, but never lines.
    """

    format: str = "png"
    quality: int | None = None
    annotate: str | None = None
    mask: bool = False
    samples: bool = False

    @property
    def endings(self) -> dict[str, str]:
        """What the names of the files of every picture end in, by kind, the picture first.

        They share what comes before the first of these dots, so that they are one sample of
        a WebDataset.
        """
        found = {PICTURE: f".{self.format}"}
        if self.samples or self.annotate is not None:
            found[ANNOTATION] = ".json"
        if self.mask:
            found[MASK] = ".mask.png"
        if self.annotate == LINES:
            found[POINTS] = ".points.npy"
        return found

    def files_of(self, picture: Picture, facts: Mapping[str, Any]) -> Iterator[PictureFile]:
        """Make the files of a picture, the picture first.

        `facts` are those of the picture and its recording, for the JSON of a sample.
        """

        def told() -> bytes:
            if not self.samples:
                return annotation(picture, lines=self.annotate == LINES)
            return sample_json(facts, described(picture, lines=False) if self.annotate else None)

        makers: dict[str, Callable[[], bytes]] = {
            PICTURE: lambda: picture.encode(self.format, self.quality),
            ANNOTATION: told,
            MASK: lambda: mask_png(picture),
            POINTS: lambda: points_npy(picture),
        }
        for kind, ending in self.endings.items():
            yield PictureFile(kind, ending, makers[kind]())
