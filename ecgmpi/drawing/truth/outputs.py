"""The files of a picture: the picture itself and its ground truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing.picture import Picture
from ecgmpi.npy import npy
from ecgmpi.picture_formats import (
    ANNOTATION,
    BITS_MASK,
    FAST,
    GRID_MASK,
    MASK,
    PICTURE,
    POINTS,
    SIGNAL,
    TEXT_MASK,
    endings_of,
)

from .annotation import LINES, annotation, described
from .bits_mask import bits_mask_png, bits_notes
from .grid_mask import grid_mask_png
from .mask import mask_png
from .points import points_npy
from .sample import sample_json
from .text_mask import text_mask_png


@dataclass(frozen=True, slots=True)
class PictureFile:
    """One file.

    Attributes
    ----------
    kind
        ``picture``, ``annotation``, ``mask``, ``bits``, ``grid``, ``text``, ``points`` or
        ``signal``.
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
    compression
        Of a PNG, the picture and its masks, ``fast`` or ``small``; None for the default.
    annotate
        What the annotation holds, ``boxes`` or ``lines``; None for no annotation.
    mask
        Whether there is a mask of leads.
    masks
        Which other masks there are, of `ecgmpi.picture_formats.MASKS`.
    samples
        Whether each picture is a sample of a shard: then its JSON is always there, and holds
        facts of the recording, too, but never lines.
    signals
        Whether what a picture shows stands beside it, in mV.
    """

    format: str = "png"
    quality: int | None = None
    compression: str | None = None
    annotate: str | None = None
    mask: bool = False
    samples: bool = False
    signals: bool = False
    masks: tuple[str, ...] = ()

    @property
    def endings(self) -> dict[str, str]:
        """What the names of the files of every picture end in, by kind, the picture first."""
        told = self.samples or self.annotate is not None
        lines = self.annotate == LINES
        return endings_of(self.format, told, self.mask, lines, self.signals, self.masks)

    def noted(self, picture: Picture) -> Picture:
        """Give a picture with what a reader must know of its masks among its notes."""
        more = bits_notes(picture) if BITS_MASK in self.masks else ()
        return replace(picture, notes=(*picture.notes, *more)) if more else picture

    def files_of(
        self, picture: Picture, facts: Mapping[str, Any], shown: npt.NDArray[np.float32]
    ) -> Iterator[PictureFile]:
        """Make the files of a picture, the picture first.

        Parameters
        ----------
        picture
            The picture.
        facts
            What the JSON tells besides the annotation: of a sample, facts of the picture and its
            recording; of any, their labels.
        shown
            The samples that it shows, mV: shape (n_samples,), or (n_leads, n_samples).
        """

        def told() -> bytes:
            if not self.samples:
                return annotation(picture, self.annotate == LINES, facts, self.masks)
            return sample_json(
                facts, described(picture, False, self.masks) if self.annotate else None
            )

        makers: dict[str, Callable[[], bytes]] = {
            PICTURE: lambda: picture.encode(self.format, self.quality, self.compression),
            ANNOTATION: told,
            MASK: lambda: mask_png(picture, self.compression or FAST),
            BITS_MASK: lambda: bits_mask_png(picture, self.compression or FAST),
            GRID_MASK: lambda: grid_mask_png(picture, self.compression or FAST),
            TEXT_MASK: lambda: text_mask_png(picture, self.compression or FAST),
            POINTS: lambda: points_npy(picture),
            SIGNAL: lambda: npy(np.atleast_2d(shown)),
        }
        for kind, ending in self.endings.items():
            yield PictureFile(kind, ending, makers[kind]())
