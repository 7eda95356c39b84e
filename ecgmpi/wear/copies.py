"""Wear one picture from Python, without a job: the copy and its truth in memory, or as files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ecgmpi.drawing.picture import Picture
from ecgmpi.errors import UsageError
from ecgmpi.layouts import STRIP
from ecgmpi.npy import from_npy
from ecgmpi.picture_formats import ENDINGS, FAST
from ecgmpi.store.keys import sample_key

from .effect import Drawn
from .profile_text import profile_of
from .profiles import profile_called
from .truth.annotation import described_worn
from .truth.masks import hidden_mask, worn_bits, worn_mask
from .truth.outputs import encoded
from .truth.places import grid_points, worn_points
from .wear_profile import JPG, LEVEL, MOST_LEVEL, PNG
from .worn import WornPicture, wear

_OWN = "own"
"""What a profile is called that came as a table."""


def worn(
    picture: Picture,
    profile: str | Mapping[str, Any] = "photo",
    level: float = LEVEL,
    seed: int = 0,
    copy: int = 1,
    key: str | None = None,
) -> WornCopy:
    """Make a worn copy of a picture.

    Parameters
    ----------
    picture
        What `ecgmpi.draw` made.
    profile
        The name of a built-in profile, such as ``"scan"``; or a profile of your own: a dict of
        what a section ``[wear.NAME]`` of a TOML file holds.
    level
        How worn it is, 0 to 5.
    seed
        All chances are drawn by this.
    copy
        The number of the copy, from 1; each is another one.
    key
        What tells the picture from others, which then are worn otherwise: the column ``key`` that
        the clean picture has in a manifest. None for that of a recording at the top of INPUT.

    Returns
    -------
    WornCopy
        The same for the same arguments. A job with the same options makes the same bytes.

    Raises
    ------
    UsageError
        There is no such profile, an argument makes no sense, or OpenCV is not installed.
    """
    if isinstance(profile, str):
        chosen = profile_called(profile, "profile")
    else:
        chosen = profile_of(_OWN, profile, "profile")
    if not 0 <= level <= MOST_LEVEL:
        raise UsageError(f"level {level!r}: give 0 to {MOST_LEVEL}")
    if seed < 0 or copy < 1:
        raise UsageError(f"seed {seed!r}, copy {copy!r}: seeds begin at 0, and copies at 1")
    if key is None:
        strip = picture.sheet.layout == STRIP
        key = sample_key(picture.record, picture.page or (picture.lead if strip else ""))
    return WornCopy(wear(picture, chosen, level, seed, key, copy), seed)


@dataclass(frozen=True, eq=False, repr=False)
class WornCopy:
    """A worn copy of a picture, and where everything on it is; made by `worn`.

    Coordinates are px of the worn picture, (0, 0) at its top left corner, as in `ecgmpi.geometry`.

    Attributes
    ----------
    made
        The copy, as jobs have it.
    seed
        That it was drawn by.
    """

    made: WornPicture
    seed: int

    def __repr__(self) -> str:
        return f"<{self.made.name} of {self.made.picture!r}>"

    def _repr_png_(self) -> bytes:
        """What a notebook shows."""
        return self.encode(PNG)

    @property
    def effects(self) -> Mapping[str, Drawn]:
        """The effects that it shows, by name, and all that chance decided about each."""
        return self.made.drawn

    @property
    def map(self) -> npt.NDArray[np.int16]:
        """Where each pixel looks on the page: the array of ``.map.npy``, which `unwarp` takes."""
        found: npt.NDArray[np.int16] = from_npy(self.made.composed.grid.npy())
        return found

    def rgb(self) -> npt.NDArray[np.uint8]:
        """Colour of each pixel before it is compressed: uint8, shape (height, width, 3)."""
        pixels = self.made.pixels
        turned = pixels[:, :, ::-1] if pixels.ndim == 3 else np.stack([pixels] * 3, axis=-1)
        return np.ascontiguousarray(turned)

    def points(self) -> npt.NDArray[np.float32]:
        """Where each sample of the signal is: float32, shape (n_points, 3).

        x, y, and a state: 0 visible, 1 hidden, 2 outside the picture. Trace after trace, in the
        order of ``leads`` of `annotation`; NaN in gaps.
        """
        return worn_points(self.made)

    def crossings(self) -> npt.NDArray[np.float32]:
        """Where bold lines of the grid cross: float32, shape (rows, columns, 3), as `points`."""
        return grid_points(self.made)

    def mask(self) -> npt.NDArray[np.uint8]:
        """Lead of each pixel, ``mask_index`` of `annotation`: uint8, shape (height, width)."""
        return worn_mask(self.made)

    def bits(self) -> npt.NDArray[np.uint16]:
        """Leads of each pixel, a bit each: uint16, shape (height, width); see `bits_mask`."""
        return worn_bits(self.made)

    def hidden(self) -> npt.NDArray[np.uint8]:
        """Where no ink can be seen: uint8, shape (height, width), 255 there and else 0."""
        return hidden_mask(self.made)

    def annotation(self) -> dict[str, Any]:
        """Where everything lies, ready for JSON; ``annotation.schema.json`` says what keys mean."""
        return described_worn(self.made, self.seed)

    def encode(self, format: str | None = None, compression: str | None = None) -> bytes:
        """Give the content of its file.

        Parameters
        ----------
        format
            ``jpg``, of the quality that was drawn, or ``png``; None for that of the profile.
        compression
            Of a PNG, ``fast``, which is the default, or ``small``.

        Raises
        ------
        UsageError
            There is no such format or compression.
        """
        format = format or self.made.profile.format
        if format not in (JPG, PNG):
            raise UsageError(f"format {format!r}: worn copies are {JPG} or {PNG}")
        return encoded(self.made, format, compression or FAST)

    def save(self, path: str | os.PathLike[str], compression: str | None = None) -> None:
        """Write the picture alone to a file, whose ending says which format.

        Parameters
        ----------
        path
            The file: .jpg, .jpeg or .png.
        compression
            As `encode` takes it.

        Raises
        ------
        UsageError
            The ending is unknown.
        OSError
            As the system says.
        """
        format = ENDINGS.get(Path(path).suffix.lower())
        if format not in (JPG, PNG):
            raise UsageError(f"{os.fspath(path)}: name it .jpg or .png")
        Path(path).write_bytes(self.encode(format, compression))
