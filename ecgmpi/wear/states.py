"""What the stages work on: the print, the page, the light on it, and what a sensor made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field

import numpy as np
import numpy.typing as npt

from ecgmpi.themes import Style

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

Part = tuple[slice, slice]
"""Rows and columns of a page or a picture, px."""

HIDDEN = 255


@dataclass(slots=True, eq=False)
class Hiding:
    """Where something hides the ink of a page: uint8, shape (height, width), 255 there.

    Attributes
    ----------
    shape
        Height and width of the page, px.
    mask
        None as long as nothing is hidden.
    parts
        The parts of the page that hold all that `hide` was given.
    """

    shape: tuple[int, int]
    mask: Bytes | None = None
    parts: list[Part] = dataclass_field(default_factory=list)

    def whole(self) -> Bytes:
        """Give the mask, to be changed."""
        if self.mask is None:
            self.mask = np.zeros(self.shape, np.uint8)
        return self.mask

    def hide(self, where: Part, which: npt.NDArray[np.bool_]) -> None:
        """Hide the pixels of a part of the page for which `which` is true."""
        if which.any():
            self.whole()[where][which] = HIDDEN
            self.parts.append(where)


@dataclass(slots=True, eq=False)
class PrintState:
    """Ink and paper before they are pixels.

    Attributes
    ----------
    indices
        uint8, shape (height, width): palette index, 16 times the class of the paper, grid or text
        plus the coverage by the trace, 0 to 15; see `ecgmpi.themes`.
    palette
        float64, shape (256, 3): red, green, blue, 0 to 255.
    style
        The theme that both are of.
    px_per_mm
        Pixels per millimetre.
    hidden
        Where ink is gone.
    """

    indices: Bytes
    palette: Floats
    style: Style
    px_per_mm: float
    hidden: Hiding


@dataclass(slots=True, eq=False)
class MarksState:
    """The page as it lies on a desk.

    Attributes
    ----------
    pixels
        uint8, shape (height, width, 3): blue, green, red.
    px_per_mm
        Pixels per millimetre.
    hidden
        Where ink cannot be seen any more.
    gone
        Where there is no paper any more, and the background is seen.
    """

    pixels: Bytes
    px_per_mm: float
    hidden: Hiding
    gone: Hiding


@dataclass(frozen=True, slots=True, eq=False)
class Texture:
    """A texture that is repeated over the picture.

    Attributes
    ----------
    tile
        uint8, shape (rows, columns, 3): levels, of 255, that the light lacks.
    first
        Row and column of the tile that lie on the picture's first pixel.
    """

    tile: Bytes
    first: list[int]


@dataclass(slots=True, eq=False)
class LightState:
    """The light on the sheet, at the nodes of the control grid: arrays of shape (rows, columns).

    Attributes
    ----------
    width, height
        Of the picture, px.
    px_per_mm
        Pixels per millimetre of paper.
    x_mm, y_mm
        float64: where each node is on the sheet or beside it, mm from the sheet's centre.
    height_mm
        float64: of the surface there.
    slope_x, slope_y
        float64: rise of the surface, mm a mm.
    field
        float64, shape (rows, columns, 3): part of the light that arrives: blue, green, red, from
        1.0. It is clipped to 0 and 1.6 at the end, and multiplied.
    glow
        float64, shape (rows, columns): grey levels that are added after that.
    veil
        Grey levels that are added everywhere.
    textures
        Of the paper: subtracted from the light.
    background
        uint8, shape (height, width, 3): what lies around the sheet; None for black.
    sheet_mm
        Width and height of the sheet; None where it is as large as the picture.
    openings
        Parts of the picture in which the background may be seen through the sheet, and not around
        it alone.
    """

    width: int
    height: int
    px_per_mm: float
    x_mm: Floats
    y_mm: Floats
    height_mm: Floats
    slope_x: Floats
    slope_y: Floats
    field: Floats
    glow: Floats
    textures: list[Texture] = dataclass_field(default_factory=list)
    background: Bytes | None = None
    sheet_mm: tuple[float, float] | None = None
    openings: Sequence[Part] = ()
    veil: float = 0.0


@dataclass(slots=True, eq=False)
class SensorState:
    """What a sensor saw.

    Attributes
    ----------
    pixels
        uint8, shape (height, width, 3): blue, green, red; or (height, width) where it sees grey.
    px_per_mm
        Pixels per millimetre of paper.
    quality
        Of the JPEG, 1 to 95.
    """

    pixels: Bytes
    px_per_mm: float
    quality: int = 90
