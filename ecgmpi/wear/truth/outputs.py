"""The files of a worn picture: itself, its annotation, its map, and the truth carried over."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing.picture import Picture
from ecgmpi.drawing.truth.outputs import PictureFile
from ecgmpi.drawing.truth.sample import sample_json
from ecgmpi.npy import npy
from ecgmpi.picture_formats import (
    ANNOTATION,
    BITS_MASK,
    CROSSINGS,
    FAST,
    GRID_MASK,
    HIDDEN,
    MAP,
    MASK,
    PICTURE,
    POINTS,
    SIGNAL,
    TEXT_MASK,
)
from ecgmpi.wear.encode import encode_jpg, encode_worn_png
from ecgmpi.wear.wear_profile import PNG, Profile
from ecgmpi.wear.worn import WornPicture, wear

from .annotation import described_worn, sample_of_worn
from .masks import (
    hidden_mask_png,
    worn_bits_png,
    worn_grid_png,
    worn_mask_png,
    worn_text_png,
)
from .places import grid_points, worn_points


@dataclass(frozen=True, slots=True)
class WornOutputs:
    """Which files are made of each worn copy of a profile.

    Attributes
    ----------
    profile, level, seed
        How they are worn.
    copies
        How many there are of each picture.
    endings
        What the names of the files of every copy end in, by kind, the picture first.
    samples
        Whether each copy is a sample of a shard.
    compression
        Of PNGs, worn pictures and masks; None for the default.
    masks
        Which masks there are besides that of leads.
    """

    profile: Profile
    level: float
    seed: int
    copies: int
    endings: Mapping[str, str]
    samples: bool
    compression: str | None
    masks: tuple[str, ...] = ()

    def copies_of(self, picture: Picture, key: str) -> Iterator[WornPicture]:
        """Wear a picture, as often as there are copies; `key` is that of the clean picture."""
        for copy in range(1, self.copies + 1):
            yield wear(picture, self.profile, self.level, self.seed, key, copy)

    def files_of(
        self, worn: WornPicture, facts: Mapping[str, Any], shown: npt.NDArray[np.float32]
    ) -> Iterator[PictureFile]:
        """Make the files of a copy, the picture first.

        Parameters
        ----------
        worn
            The copy.
        facts, shown
            As `Outputs.files_of` takes them.
        """

        def told() -> bytes:
            annotation = described_worn(worn, self.seed, self.masks)
            if self.samples:
                return sample_json(facts, sample_of_worn(annotation))
            said = {**annotation, **facts}
            return json.dumps(said, sort_keys=True, separators=(",", ":")).encode("ascii")

        makers: dict[str, Callable[[], bytes]] = {
            PICTURE: lambda: self._encoded(worn),
            ANNOTATION: told,
            MAP: worn.composed.grid.npy,
            CROSSINGS: lambda: npy(grid_points(worn)),
            POINTS: lambda: npy(worn_points(worn)),
            MASK: lambda: worn_mask_png(worn, self.compression),
            BITS_MASK: lambda: worn_bits_png(worn, self.compression),
            GRID_MASK: lambda: worn_grid_png(worn, self.compression),
            TEXT_MASK: lambda: worn_text_png(worn, self.compression),
            HIDDEN: lambda: hidden_mask_png(worn, self.compression),
            SIGNAL: lambda: npy(np.atleast_2d(shown)),
        }
        for kind, ending in self.endings.items():
            yield PictureFile(kind, ending, makers[kind]())

    def _encoded(self, worn: WornPicture) -> bytes:
        return encoded(worn, self.profile.format, self.compression)


def encoded(worn: WornPicture, format: str, compression: str | None = None) -> bytes:
    """Make the file of a worn picture alone.

    Parameters
    ----------
    worn
        The copy.
    format
        ``jpg`` or ``png``.
    compression
        Of a PNG; None for the default.
    """
    picture = worn.picture
    said = {"record": picture.record, "worn": worn.name}
    if format == PNG:
        scale = picture.scale
        return encode_worn_png(worn.pixels, scale.px_per_metre, said, compression or FAST)
    return encode_jpg(worn.pixels, worn.quality, picture.scale.dpi, said)
