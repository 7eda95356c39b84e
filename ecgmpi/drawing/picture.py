"""A drawn picture: palette indices, as differences, and what they show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ecgmpi.geometry import Scale

from .png import encode_png


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
        What is shown.
    scale
        Pixels per millimetre, second, millivolt.
    origin
        x of the first sample and y of 0 mV, px (see `ecgmpi.geometry`).
    rate
        Samples per second, Hz.
    start
        Seconds between the beginning of the recording and the first sample shown.
    n_samples
        Number of samples shown.
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
        return {
            "lead": self.lead,
            "origin": list(self.origin),
            "px_per_mv": self.scale.px_per_mv,
            "px_per_s": self.scale.px_per_s,
            "rate": self.rate,
            "record": self.record,
            "samples": self.n_samples,
            "start": self.start,
        }

    def png(self) -> bytes:
        """Encode as a palette PNG: the same bytes each time, on any machine."""
        return encode_png(self.rows, self.palette, self.scale.px_per_metre, self.metadata)

    def indices(self) -> npt.NDArray[np.uint8]:
        """Palette index of each pixel: uint8, shape (height, width)."""
        return np.cumsum(self.rows[:, 1:], axis=0, dtype=np.uint8)

    def rgb(self) -> npt.NDArray[np.uint8]:
        """Colour of each pixel: uint8, shape (height, width, 3)."""
        return self.palette[self.indices()]
