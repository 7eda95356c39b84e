"""A drawn picture: palette indices, as differences, and what they show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ecgmpi.geometry import Scale

from .png import encode_png

if TYPE_CHECKING:
    from .sheet import Sheet


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture.

    Attributes
    ----------
    rows
        uint8, shape (height, 1 + width), read-only: each row's PNG filter byte (2, Up)
        and the differences, modulo 256, of its palette indices from the row above.
    palette
        uint8, shape (256, 3): red, green, blue.
    record, lead
        What is shown; of a page, all its leads, with spaces between.
    scale
        Pixels per millimetre, second, millivolt.
    origin
        x of the first sample and y of the baseline, px (see `ecgmpi.geometry`); of a page,
        those of its first row.
    rate
        Samples per second, Hz.
    start
        Seconds between the beginning of the recording and the first sample shown.
    n_samples
        Number of samples shown, of each lead.
    baseline
        What was taken off each lead: ``none``, or its ``median``.
    offset
        How much that was, mV, on a strip.
    sheet
        Where everything lies on a page; None for a strip.
    """

    rows: npt.NDArray[np.uint8]
    palette: npt.NDArray[np.uint8]
    record: str
    lead: str
    scale: Scale
    origin: tuple[float, float]
    rate: float
    start: float
    n_samples: int
    baseline: str = "none"
    offset: float = 0.0
    sheet: Sheet | None = None

    def __post_init__(self) -> None:
        self.rows.flags.writeable = False

    @property
    def width(self) -> int:
        """Columns of pixels."""
        return int(self.rows.shape[1]) - 1

    @property
    def height(self) -> int:
        """Rows of pixels."""
        return int(self.rows.shape[0])

    @cached_property
    def metadata(self) -> dict[str, object]:
        """What the text chunk of the PNG says, ready for JSON."""
        said: dict[str, object] = {
            "px_per_mv": self.scale.px_per_mv,
            "px_per_s": self.scale.px_per_s,
            "rate": self.rate,
            "record": self.record,
            "samples": self.n_samples,
            "start": self.start,
        }
        if self.baseline != "none" or self.sheet:
            said["baseline"] = self.baseline
        if self.sheet:
            return said | self.sheet.metadata
        if self.baseline != "none":
            said["offset_mv"] = self.offset
        return said | {"lead": self.lead, "origin": list(self.origin)}

    @property
    def notes(self) -> tuple[str, ...]:
        """What somebody who sees only the picture must be told, in words."""
        return self.sheet.notes if self.sheet else ()

    def png(self) -> bytes:
        """Encode as a palette PNG: the same bytes each time, on any machine."""
        return encode_png(self.rows, self.palette, self.scale.px_per_metre, self.metadata)

    def indices(self) -> npt.NDArray[np.uint8]:
        """Palette index of each pixel: uint8, shape (height, width)."""
        return np.cumsum(self.rows[:, 1:], axis=0, dtype=np.uint8)

    def rgb(self) -> npt.NDArray[np.uint8]:
        """Colour of each pixel: uint8, shape (height, width, 3)."""
        return self.palette[self.indices()]
